/** The help: every key out of the keymap. */
import {Box} from 'ink';
import {keymap} from '../../keymap.ts';
import {cell} from '../../state/rows.ts';
import {fitLine} from '../layout.ts';
import {Line} from './line.tsx';

export function Help({width, height}: {width: number; height: number}) {
	const keys = keymap.map(binding => ({...binding, shown: binding.keys.join(', ')}));
	const wide = Math.max(...keys.map(({shown}) => shown.length));
	const lines = [
		{id: 'title', cells: [cell('Keys', 'strong')]},
		{id: 'gap above', cells: []},
		...keys.map(({shown, help}) => ({
			id: shown,
			cells: [cell(`  ${shown.padEnd(wide)}  `, 'strong'), cell(help)],
		})),
		{id: 'gap below', cells: []},
		{
			id: 'old values',
			cells: [
				cell(
					'A value with a question mark is old: nobody vouches for it now. LOST says since when, and why.',
					'dim',
				),
			],
		},
		{
			id: 'VIP',
			cells: [
				cell(
					'The VIP on another node than the leader is normal: HAProxy there sends clients to the leader.',
					'dim',
				),
			],
		},
	];
	return (
		<Box flexDirection="column" width={width} height={height} paddingX={1} overflow="hidden">
			{lines.map(line => (
				<Line key={line.id} cells={fitLine(line.cells, width - 2)} />
			))}
		</Box>
	);
}
