/** One snapshot as plain text: the panes' own rows, without colours and without a width. */
import stringWidth from 'string-width';
import type {Line, PaneRows, Table} from '../state/rows.ts';
import {leaderPane} from '../state/selectors/leader.ts';
import {membersPane} from '../state/selectors/members.ts';
import {judge} from '../state/selectors/verdict.ts';
import {vipPane} from '../state/selectors/vip.ts';
import type {State} from '../state/state.ts';

export function snapshotText(state: State): string {
	const {verdict, findings} = judge(state);
	const head = `${state.target.scope}: ${verdict.toUpperCase()}`;
	const panes = [membersPane(state), leaderPane(state), vipPane(state)].map(paneText);
	return [
		head,
		...state.target.warnings.map(warning => `  warning: ${warning}`),
		...findings.map(({severity, text}) => `  ${severity}: ${text}`),
		'',
		panes.join('\n\n'),
		'',
	].join('\n');
}

function paneText({title, witness, lines, table}: PaneRows): string {
	return [
		`${title} (${witness.text})`,
		...lines.map(lineText),
		...(table === undefined ? [] : tableText(table)),
	]
		.map((line, index) => (index === 0 ? line : `  ${line}`.trimEnd()))
		.join('\n');
}

function lineText(line: Line): string {
	return line.map(({text}) => text).join('');
}

function tableText({columns, rows}: Table): string[] {
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
	const widths = used.map((_, position) => Math.max(...lines.map(line => stringWidth(line[position] ?? ''))));
	return lines.map(line =>
		line
			.map((text, position) => {
				const fill = ' '.repeat(Math.max(0, (widths[position] ?? 0) - stringWidth(text)));
				return used[position]?.column.align === 'right' ? fill + text : text + fill;
			})
			.join('  '),
	);
}
