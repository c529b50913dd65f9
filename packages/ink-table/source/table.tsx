/** A ruled table as an Ink component, or as text for standard output. */
import {Box, renderToString, Text, type TextProps} from 'ink';
import stringWidth from 'string-width';
import {type LayoutOptions, layTable, type Piece, type TableData, tableLines} from './layout.ts';

export type TableProps = TableData &
	LayoutOptions & {
		/** Headings are bold, rules dim. Default: true. */
		styled?: boolean;
		/** Text properties of a cell. */
		propsOf?: (row: number, column: number) => Omit<TextProps, 'children' | 'wrap'>;
	};

export function Table({columns, rows, styled = true, propsOf, ...options}: TableProps) {
	const propsFor = ({kind, row, column}: Piece) =>
		!styled
			? {}
			: kind === 'rule'
				? {dimColor: true}
				: kind === 'title'
					? {bold: true}
					: (propsOf?.(row ?? 0, column ?? 0) ?? {});
	return (
		<Box flexDirection="column">
			{layTable({columns, rows}, options).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
				<Text key={index} wrap="truncate">
					{line.map((piece, place) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
						<Text key={place} {...propsFor(piece)}>
							{piece.text}
						</Text>
					))}
				</Text>
			))}
		</Box>
	);
}

/** The table as text, without a line break at the end. Pass `styled: false` if standard output is not a terminal. */
export function renderTable(props: TableProps): string {
	const columns = Math.max(1, ...tableLines(props, props).map(line => stringWidth(line)));
	return renderToString(<Table {...props} />, {columns});
}
