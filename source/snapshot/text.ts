/** One snapshot as plain text: the panes' own rows, without colours and without a width. */

import type {State} from '../state/state.ts';
import type {Line, PaneRows, Table} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {judge} from '../state/view/verdict.ts';
import {vipPane} from '../state/view/vip.ts';

export async function snapshotText(state: State): Promise<string> {
	const {verdict, findings} = judge(state);
	const head = `${state.target.scope}: ${verdict.toUpperCase()}`;
	const panes = [membersPane(state), etcdPane(state), vipPane(state)];
	const width = await widthFor(panes);
	return [
		head,
		...state.target.warnings.map(warning => `  warning: ${warning}`),
		...findings.map(({severity, text}) => `  ${severity}: ${text}`),
		'',
		panes.map(pane => paneText(pane, width)).join('\n\n'),
		'',
	].join('\n');
}

type Width = (text: string) => number;

/** How many columns a text takes: for plain ASCII one a character, and the package that knows the rest need not be loaded. */
async function widthFor(panes: readonly PaneRows[]): Promise<Width> {
	const cells = panes.flatMap(({table}) => table?.rows.flatMap(row => row.cells) ?? []);
	return cells.every(({text}) => /^[ -~]*$/.test(text))
		? text => text.length
		: (await import('string-width')).default;
}

function paneText({title, status, lines, table}: PaneRows, width: Width): string {
	return [
		`${title} (${status.text})`,
		...lines.map(lineText),
		...(table === undefined ? [] : tableText(table, width)),
	]
		.map((line, index) => (index === 0 ? line : `  ${line}`.trimEnd()))
		.join('\n');
}

function lineText(line: Line): string {
	return line.map(({text}) => text).join('');
}

function tableText({columns, rows}: Table, width: Width): string[] {
	if (rows.length === 0) {
		return [];
	}

	const used = columns
		.map((column, index) => ({column, index}))
		.filter(({column, index}) => column.rank === 0 || rows.some(({cells}) => cells[index]?.text));
	const lines = [
		used.map(({column}) => column.title),
		...rows.map(({cells}) => used.map(({index}) => cells[index]?.text ?? '')),
	];
	const widths = used.map((_, position) => Math.max(...lines.map(line => width(line[position] ?? ''))));
	return lines.map(line =>
		line
			.map((text, position) => {
				const fill = ' '.repeat(Math.max(0, (widths[position] ?? 0) - width(text)));
				return used[position]?.column.align === 'right' ? fill + text : text + fill;
			})
			.join('  '),
	);
}
