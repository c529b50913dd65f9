/** The logs: one stream or a part per node, and the status line. */
import {Box} from 'ink';
import {useEffect, useReducer} from 'react';
import {type Budget, FilteredLines} from '../domain/logs/filtered-lines.ts';
import {consoleService, type LogLine} from '../domain/logs/log-buffer.ts';
import {textWidth} from '../lib/format.ts';
import {graphemes} from '../lib/graphemes.ts';
import {type LogOverlay, type Prompt, type State, topOverlay} from '../state/state.ts';
import {filteredLines, justBefore} from '../state/update/log-navigation.ts';
import {type Cell, type Line as Cells, cell, type PaneRows} from '../state/view/cells.ts';
import {
	emptyWords,
	followWord,
	headOf,
	type LineStyle,
	patternsOf,
	shownNodes,
	statusLine,
	textOf,
	titleOf,
} from '../state/view/logs.ts';
import {Line, Pane} from './components/pane.tsx';
import {fitLine, wrapLine} from './table-layout.ts';

/** The status or prompt below the lines. */
const fixedRows = 1;
/** Chunks that are searched in one frame; the next frames search the rest. */
const chunksPerFrame = 8;
/** Border and padding. */
const sides = 4;
const borders = 2;
/** Minimum width of a column; narrower parts become bands. */
const columnMinWidth = 56;
const tagMaxWidth = 13;

/** Number of log lines on the screen. */
export function logPage(height: number): number {
	return Math.max(1, height - fixedRows - borders);
}

export type LogsProps = {state: State; overlay: LogOverlay; width: number; height: number};

export function Logs({state, overlay, width, height}: LogsProps) {
	const [, drawAgain] = useReducer((count: number) => count + 1, 0);
	const budget = {chunks: chunksPerFrame};
	const top = topOverlay(state.view);
	const nodes = shownNodes(state, overlay);
	const parts = overlay.split && nodes.length > 1 ? nodes : [undefined];
	const marks = parts.length > 1 ? marksBand(state, overlay, {width, height}, budget) : undefined;
	const space = height - fixedRows - (marks?.height ?? 0);
	const columns = parts.length > 1 && Math.floor(width / parts.length) >= columnMinWidth;
	const sizes = parts.map((_, index) => ({
		width: columns ? share(width, parts.length, index) : width,
		height: columns || parts.length === 1 ? space : share(space, parts.length, index),
	}));
	const panes = parts.map((node, index) => {
		const size = sizes[index] ?? {width, height: space};
		const rows = paneOf(state, overlay, node, size, budget);
		// While the logs are stopped, the current line has the mark.
		const marked = index === 0 && overlay.place === undefined;
		return <Pane key={node ?? 'all'} rows={rows} {...size} focused marked={marked} />;
	});
	const unfinished = budget.chunks <= 0;
	useEffect(() => {
		if (unfinished) {
			// The rest is searched between events.
			const timer = setImmediate(drawAgain);
			return () => {
				clearImmediate(timer);
			};
		}

		return undefined;
	});
	return (
		<Box flexDirection="column" width={width} height={height}>
			{marks !== undefined && <Pane rows={marks.rows} width={width} height={marks.height} />}
			<Box flexDirection={columns ? 'row' : 'column'} width={width} height={space}>
				{panes}
			</Box>
			<Line
				cells={fitLine(
					[cell(' '), ...(top?.kind === 'prompt' ? promptLine(top) : statusLine(state, overlay))],
					width,
				)}
			/>
		</Box>
	);
}

function share(whole: number, parts: number, index: number): number {
	return Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
}

/** The pane of the stream, or of one node's part. */
function paneOf(
	state: State,
	overlay: LogOverlay,
	node: string | undefined,
	{width, height}: {width: number; height: number},
	budget: {chunks: number},
): PaneRows {
	const all =
		node === undefined
			? filteredLines(state, overlay)
			: new FilteredLines(state.logs.ring, {...overlay.choice, nodes: [node], marks: 'without'});
	const lines: readonly Cells[] = layWindow(
		all,
		{
			rows: Math.max(1, height - borders),
			width: width - sides,
			wrap: overlay.wrap,
			place: overlay.place,
			style: styleOf(state, overlay, all, node, width),
		},
		budget,
	);
	const waiting = all.count(overlay.place === undefined ? Number.POSITIVE_INFINITY : overlay.newest, budget);
	return {
		title: node === undefined ? titleOf(state, overlay) : `Log: ${node}`,
		status: followWord(overlay, waiting),
		lines:
			lines.length === 0
				? centered(emptyWords(state, node === undefined ? shownNodes(state, overlay) : [node]), {
						width: width - sides,
						height: height - borders,
					})
				: lines,
		table: undefined,
	};
}

/** A text in the middle of a pane, wrapped. */
function centered(text: string, {width, height}: {width: number; height: number}): Cells[] {
	const rows = wrapLine([cell(text, 'dim')], width, 0);
	return [
		...Array.from({length: Math.max(0, Math.floor((height - rows.length) / 2))}, () => [cell('')]),
		...rows.map(row => {
			const used = row.reduce((sum, one) => sum + textWidth(one.text), 0);
			return [cell(' '.repeat(Math.max(0, Math.floor((width - used) / 2)))), ...row];
		}),
	];
}

/** Of the height; the band has at least one mark. */
const bandShare = 0.25;

/** The marks of the timeline in one band over the parts; undefined without a mark. */
function marksBand(
	state: State,
	overlay: LogOverlay,
	{width, height}: {width: number; height: number},
	budget: Budget,
): {rows: PaneRows; height: number} | undefined {
	const all = new FilteredLines(state.logs.ring, {...overlay.choice, filter: '', marks: 'only'});
	const rows = Math.max(1, Math.floor(height * bandShare) - borders);
	const style = styleOf(state, overlay, all, undefined, width);
	const lines = layWindow(
		all,
		{rows, width: width - sides, wrap: false, place: overlay.place, style},
		budget,
	);
	return lines.length === 0
		? undefined
		: {
				rows: {title: 'Cluster', status: cell('timeline entries', 'dim'), lines, table: undefined},
				height: lines.length + borders,
			};
}

function styleOf(
	state: State,
	overlay: LogOverlay,
	all: FilteredLines,
	node: string | undefined,
	width: number,
): LineStyle {
	const nodes = shownNodes(state, {...overlay, choice: {...overlay.choice, nodes: undefined}});
	const names = node === undefined && shownNodes(state, overlay).length > 1 ? nodes : [];
	const short = width < 110;
	const maxLength = (texts: readonly string[]) =>
		Math.min(tagMaxWidth, Math.max(0, ...texts.map(({length}) => length)));
	return {
		node: maxLength(names),
		service: short ? 8 : maxLength(state.logs.services),
		short,
		nodes,
		patterns: patternsOf(overlay, all),
		now: state.now,
	};
}

const questions: Record<Exclude<Prompt['purpose'], 'list' | 'acknowledge'>, string> = {
	search: 'search (text or /regular expression/): ',
	filter: 'filter (words; !word hides; /…/ is a regular expression): ',
	time: 'go to (04:14, 04:14:10, -5m, 2026-11-23 04:14): ',
};

function promptLine({purpose, text, problem}: Prompt) {
	return [
		cell(purpose === 'list' || purpose === 'acknowledge' ? '' : questions[purpose], 'dim'),
		cell(`${text}_`, 'strong'),
		...(problem === undefined ? [] : [cell(`  ${problem}`, 'bad')]),
	];
}

export type LogWindow = {
	rows: number;
	width: number;
	wrap: boolean;
	place: number | undefined;
	style: LineStyle;
};

/** Share of the window above the current line. */
const partAbove = 0.6;

/** Marks the current line. */
const mark = '▸';

/** Lays out `rows` lines, or fewer at the beginning of the logs. */
export function layWindow(
	all: FilteredLines,
	{rows, width, wrap, place, style}: LogWindow,
	budget: Budget,
): Cells[] {
	const lay = (line: LogLine, current: boolean) =>
		layLine(line, {width, wrap, style, maxRows: rows}, current);
	if (place === undefined) {
		const lines = all.before(Number.POSITIVE_INFINITY, rows, budget);
		return lines.flatMap(line => lay(line, false)).slice(-rows);
	}

	const upper = all.before(place, rows, budget);
	const current = upper.at(-1);
	const first = upper.slice(0, -1).flatMap(line => lay(line, false));
	first.push(...(current === undefined ? [] : lay(current, current.order > place - justBefore)));
	const second = all.after(place, rows, budget).flatMap(line => lay(line, false));
	const wanted = Math.ceil(rows * partAbove);
	const below = Math.min(second.length, rows - Math.min(first.length, wanted));
	return [...first.slice(-(rows - below) || first.length), ...second.slice(0, below)];
}

type Room = {width: number; wrap: boolean; style: LineStyle; maxRows: number};

function layLine(line: LogLine, {width, wrap, style, maxRows}: Room, current: boolean): Cells[] {
	const head = [cell(current ? `${mark} ` : '  ', 'strong'), ...headOf(line, style)];
	const indent = head.reduce((sum, {text}) => sum + textWidth(text), 0);
	const room = Math.max(8, width - indent);
	// Only the visible part of a very long line is measured. The console's own lines end with a remedy: they are always
	// wrapped.
	const whole = wrap || line.service === consoleService;
	const seen = {...line, text: line.text.slice(0, whole ? room * maxRows : room * 2)};
	const rows = whole ? flow(textOf(seen, style), room) : [textOf(seen, style)];
	return rows.map((cells, index) => [...(index === 0 ? head : [cell(' '.repeat(indent))]), ...cells]);
}

const plain = /^[\u0020-\u007E]*$/;

/** Breaks cells into rows of at most `width` columns, at any character. */
export function flow(cells: readonly Cell[], width: number): Cell[][] {
	const rows: Cell[][] = [[]];
	let left = width;
	const put = (text: string, columns: number, {tone}: Cell) => {
		if (columns > left) {
			rows.push([]);
			left = width;
		}

		rows.at(-1)?.push(cell(text, tone));
		left -= columns;
	};
	for (const one of cells) {
		if (plain.test(one.text)) {
			for (let start = 0; start < one.text.length; ) {
				const end = start + (left === 0 ? width : left);
				const part = one.text.slice(start, end);
				put(part, part.length, one);
				start = end;
			}
		} else {
			for (const {segment} of graphemes.segment(one.text)) {
				put(segment, textWidth(segment), one);
			}
		}
	}

	return rows;
}
