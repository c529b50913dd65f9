/**
 * Watches the cluster until every source has reported or is lost, or time is out: one snapshot as text, and its
 * verdict.
 */
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {Session} from '../session.ts';
import type {State} from '../state/state.ts';
import {isInSnapshot, isSettled} from '../state/subscriptions.ts';
import type {Line, PaneRows, Table} from '../state/view/cells.ts';
import {etcdPane} from '../state/view/etcd.ts';
import {membersPane} from '../state/view/members.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {vipPane} from '../state/view/vip.ts';
import {snapshotJson} from './json.ts';

export type SnapshotOptions = {json: boolean; timeoutMs: number};

export async function takeSnapshot(
	config: Config,
	connections: Connections,
	{json, timeoutMs}: SnapshotOptions,
): Promise<{text: string; verdict: Verdict}> {
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const session = new Session({config, onFault: reject});
	const {runtime} = session;
	runtime.subscribe(state => {
		if (isSettled(state)) {
			resolve();
		}
	});
	const timer = setTimeout(() => {
		// If time ran out during a stall of this program, queued answers are read first.
		setImmediate(() => {
			setImmediate(resolve);
		});
	}, timeoutMs);
	try {
		await session.look(connections, isInSnapshot);
		await settled;
	} finally {
		clearTimeout(timer);
	}

	runtime.dispatch({type: 'tick'});
	const {state} = runtime;
	const text = json
		? `${JSON.stringify(sanitizeJson(snapshotJson(state), withoutKnownSecrets), undefined, 2)}\n`
		: withoutKnownSecrets(await snapshotText(state));
	return {text, verdict: judgeCluster(state).verdict};
}

export async function snapshotText(state: State): Promise<string> {
	const {verdict, findings} = judgeCluster(state);
	const head = `${state.target.scope}: ${verdict.toUpperCase()}`;
	const panes = [membersPane(state), etcdPane(state), vipPane(state)];
	const width = await widthFor(panes);
	return [
		head,
		...state.target.warnings.map(warning => `  warning: ${warning}`),
		...findings.map(({severity, text, cause}) =>
			cause === undefined ? `  ${severity}: ${text}` : `    └ ${severity}: ${text}`,
		),
		'',
		panes.map(pane => paneText(pane, width)).join('\n\n'),
		'',
	].join('\n');
}

type Width = (text: string) => number;

/** The function that measures text: for ASCII its length, so that the package for all other text need not be loaded. */
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
