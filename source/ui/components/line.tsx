/** One line of cells as one Text: Ink pays for each Text, not for each colour within it. */
import {Text} from 'ink';
import stringWidth from 'string-width';
import type {Cell} from '../../state/view/cells.ts';
import {useTheme} from './theme-context.ts';

export type LineProps = {
	cells: readonly Cell[];
	/** The line is the selected one: inverse over this many columns. */
	selected?: number | undefined;
};

export function Line({cells, selected}: LineProps) {
	const theme = useTheme();
	const text =
		selected === undefined
			? cells.map(cell => theme[cell.tone](cell.text)).join('')
			: theme.selected(fill(cells.map(cell => cell.text).join(''), selected));
	// An empty Text would take no row.
	return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
}

function fill(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
