/** One line of cells as one Text: Ink pays for each Text, not for each colour within it. */
import {Text} from 'ink';
import type {Cell} from '../../state/rows.ts';
import {useTheme} from './theme-context.ts';

export function Line({cells}: {cells: readonly Cell[]}) {
	const theme = useTheme();
	return (
		<Text wrap="truncate">
			{cells.every(({text}) => text === '')
				? ' '
				: cells.map(({text, tone}, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place
						<Text key={index} {...theme[tone]}>
							{text}
						</Text>
					))}
		</Text>
	);
}
