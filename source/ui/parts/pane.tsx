/** A frame with a title and its witness in the top border, and lines within; never taller or wider than it was given. */
import {Box, Text} from 'ink';
import stringWidth from 'string-width';
import type {Cell, PaneRows} from '../../state/rows.ts';
import {fitLine, layTable} from '../layout.ts';
import {Line} from './line.tsx';
import {useTheme} from './theme-context.ts';

/** Border and padding on both sides. */
const sides = 4;
/** Top and bottom border. */
const borders = 2;

export function Pane({rows, width, height}: {rows: PaneRows; width: number; height: number}) {
	const content = contentLines(rows, width - sides);
	const space = Math.max(0, height - borders);
	const shown =
		content.length > space
			? [...content.slice(0, Math.max(0, space - 1)), moreLine(content.length - space + 1)]
			: content;
	return (
		<Box flexDirection="column" width={width} height={height}>
			<TopBorder rows={rows} width={width} />
			<Box
				borderStyle="single"
				borderTop={false}
				borderDimColor
				paddingX={1}
				flexDirection="column"
				flexGrow={1}
			>
				{shown.map(({id, cells}) => (
					<Line key={id} cells={cells} />
				))}
			</Box>
		</Box>
	);
}

/** How many rows the pane would like to have. */
export function paneHeight(rows: PaneRows): number {
	return rows.lines.length + (rows.table === undefined ? 0 : rows.table.rows.length + 1) + borders;
}

function contentLines({lines, table}: PaneRows, width: number): {id: string; cells: Cell[]}[] {
	const laid = table && layTable(table, width);
	return [
		...lines.map((line, index) => ({id: `line ${index}`, cells: fitLine(line, width)})),
		...(laid === undefined
			? []
			: [
					...(laid.header === undefined ? [] : [{id: 'header', cells: laid.header}]),
					...laid.rows.map(({id, cells}) => ({id: `row ${id}`, cells})),
				]),
	];
}

function moreLine(count: number): {id: string; cells: Cell[]} {
	return {id: 'more', cells: [{text: `… ${count} more`, tone: 'dim'}]};
}

function TopBorder({rows: {title, witness}, width}: {rows: PaneRows; width: number}) {
	const theme = useTheme();
	const name = ` ${title} `;
	const room = width - stringWidth(name) - 6;
	const [said] = fitLine([witness], Math.max(0, room - 2));
	const words = said === undefined || said.text === '' ? '' : ` ${said.text} `;
	const rule = '─'.repeat(Math.max(0, width - 4 - stringWidth(name) - stringWidth(words)));
	return (
		<Text wrap="truncate">
			<Text dimColor>┌─</Text>
			<Text bold>{name}</Text>
			<Text dimColor>{rule}</Text>
			<Text {...theme[witness.tone]}>{words}</Text>
			<Text dimColor>─┐</Text>
		</Text>
	);
}
