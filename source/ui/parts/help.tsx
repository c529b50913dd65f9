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
		[cell('Keys', 'strong')],
		[],
		...keys.map(({shown, help}) => [cell(`  ${shown.padEnd(wide)}  `, 'strong'), cell(help)]),
		[],
		[
			cell(
				'A value with a question mark is old: nobody vouches for it now. LOST says since when, and why.',
				'dim',
			),
		],
		[
			cell(
				'The VIP on another node than the leader is normal: HAProxy there sends clients to the leader.',
				'dim',
			),
		],
	];
	return (
		<Box flexDirection="column" width={width} height={height} paddingX={1} overflow="hidden">
			{lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a fixed text
				<Line key={index} cells={fitLine(line, width - 2)} />
			))}
		</Box>
	);
}
