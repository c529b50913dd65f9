/** One snapshot as text: the verdict with its findings, and the panes. */
import {clusterTitle} from '../domain/target.ts';
import type {State} from '../state/state.ts';
import type {Line, PaneRows, Table} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {vipPane} from '../state/view/vip.ts';

/** @param columns the terminal's width: longer lines are wrapped, and tables are split; nothing is cut */
export async function snapshotText(state: State, columns = Number.POSITIVE_INFINITY): Promise<string> {
	const {verdict, findings} = judgeCluster(state);
	const panes = [membersPane(state), etcdPane(state), vipPane(state)];
	const head = [
		`${clusterTitle(state.target)}: ${verdict.toUpperCase()}`,
		...state.target.warnings.map(warning => `  warning: ${warning}`),
		...(state.target.notices ?? []).map(notice => `  notice: ${notice}`),
		...findings.map(({severity, text, cause}) =>
			cause === undefined ? `  ${severity}: ${text}` : `    └ ${severity}: ${text}`,
		),
	];
	const width = await widthFor(panes, columns === Number.POSITIVE_INFINITY ? undefined : head);
	return [
		...head.flatMap(line => wrapText(line, columns, indentOf(line) + indent, width)),
		'',
		panes.map(pane => paneText(pane, columns, width)).join('\n\n'),
		'',
	].join('\n');
}

/** A table without a terminal: a line for each row, of any length; numbers stand at the right, those with a mark, too. */
export async function plainTable(
	columns: readonly string[],
	rows: readonly (readonly (string | number | null)[])[],
): Promise<string[]> {
	const isNumber = (index: number) =>
		rows.some(cells => typeof cells[index] === 'number' || /^\d+\?$/.test(String(cells[index] ?? '')));
	const table: Table = {
		columns: columns.map((title, index) => ({title, align: isNumber(index) ? 'right' : 'left', rank: 0})),
		rows: rows.map((cells, index) => ({
			id: String(index),
			cells: cells.map(value => ({text: String(value ?? ''), tone: 'plain'})),
		})),
	};
	const texts = rows.flatMap(cells => cells.map(value => String(value ?? '')));
	const lines = tableText(table, Number.POSITIVE_INFINITY, await widthOf(texts));
	return lines.length === 0 ? [columns.join(gap)] : lines.map(line => line.trimEnd());
}

type Width = (text: string) => number;

/** Of what belongs to a line above, columns. */
const indent = 2;
/** Of the values of a pane's fields, columns. */
const fieldIndent = 12;
const gap = '  ';

/**
 * The function that measures text: for ASCII its length, so that the package for all other text need not be loaded.
 *
 * @param head undefined without a terminal: then only the cells of tables are measured
 */
async function widthFor(panes: readonly PaneRows[], head: readonly string[] | undefined): Promise<Width> {
	const texts = [
		...(head ?? []),
		...panes.flatMap(({lines, table}) => [
			...(head === undefined ? [] : lines.map(lineText)),
			...(table?.rows.flatMap(row => row.cells.map(({text}) => text)) ?? []),
		]),
	];
	return widthOf(texts);
}

async function widthOf(texts: readonly string[]): Promise<Width> {
	return texts.every(text => /^[ -~]*$/.test(text))
		? text => text.length
		: (await import('string-width')).default;
}

function paneText({title, status, lines, table}: PaneRows, columns: number, width: Width): string {
	return [
		...wrapText(`${title} (${status.text})`, columns, indent, width),
		...lines.flatMap(line => wrapText(`  ${lineText(line)}`, columns, fieldIndent, width)),
		...(table === undefined ? [] : tableText(table, columns - indent, width)).map(line =>
			`  ${line}`.trimEnd(),
		),
	].join('\n');
}

function lineText(line: Line): string {
	return line.map(({text}) => text).join('');
}

function indentOf(line: string): number {
	return /^[ └]*/.exec(line)?.[0].length ?? 0;
}

/** Breaks between words; a longer word is broken anywhere. Rows after the first are indented. */
function wrapText(text: string, columns: number, hanging: number, width: Width): string[] {
	if (columns === Number.POSITIVE_INFINITY || width(text) <= columns) {
		return [text.trimEnd()];
	}

	const start = ' '.repeat(Math.min(hanging, Math.floor(columns / 2)));
	const rows = [''];
	const put = (part: string) => {
		const last = rows.length - 1;
		const isFirst = (rows[last] ?? '').trim() === '';
		if (width((rows[last] ?? '') + part.trimEnd()) <= columns) {
			rows[last] += part;
		} else if (isFirst && [...part].length > 1) {
			const letters = [...part];
			const fits = letters.findIndex((_, index) => {
				return width((rows[last] ?? '') + letters.slice(0, index + 1).join('')) > columns;
			});
			rows[last] += letters.slice(0, Math.max(1, fits)).join('');
			rows.push(start);
			put(letters.slice(Math.max(1, fits)).join(''));
		} else {
			rows.push(start);
			put(part);
		}
	};
	for (const part of text.split(/(?<=\s)(?=\S)/)) {
		put(part);
	}

	return rows.map(row => row.trimEnd());
}

/**
 * A table that is wider than the terminal is split into several, each with the first column, so that no column is cut
 * or dropped: the last ones show what is wrong.
 */
function tableText({columns: all, rows}: Table, columns: number, width: Width): string[] {
	if (rows.length === 0) {
		return [];
	}

	const used = all
		.map((column, index) => ({
			column,
			texts: [column.title, ...rows.map(({cells}) => cells[index]?.text ?? '')],
		}))
		.filter(({column, texts}) => column.rank === 0 || texts.some((text, row) => row > 0 && text !== ''))
		.map(one => ({...one, width: Math.max(...one.texts.map(width))}));
	const [first, ...others] = used;
	if (first === undefined) {
		return [];
	}

	const parts: (typeof used)[] = [[first]];
	for (const one of others) {
		const part = parts.at(-1) ?? [];
		const taken = part.reduce((sum, other) => sum + other.width + gap.length, 0);
		if (part.length > 1 && taken + one.width > columns) {
			parts.push([first, one]);
		} else {
			part.push(one);
		}
	}

	return parts.flatMap(part =>
		first.texts.flatMap((_, row) => {
			const cells = part.map(({column, texts, width: wide}) => {
				const text = texts[row] ?? '';
				const fill = ' '.repeat(Math.max(0, wide - width(text)));
				return column.align === 'right' ? fill + text : text + fill;
			});
			return wrapText(cells.join(gap), columns, first.width + gap.length, width);
		}),
	);
}
