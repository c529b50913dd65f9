import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {withPresentWords} from '../../source/recording/older-versions.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {readReport, reportCommand} from '../../source/report/command.ts';
import {markdownOf} from '../../source/report/markdown.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {happening, live, record} from '../support/recorded.ts';
import {logLines} from '../support/report-session.ts';
import {Session} from '../support/session.ts';

const folder = temporaryFolder('schema');
let files = 0;

type Line = {[key: string]: unknown};

/** A recording with one line changed: the header is line 1, its snapshot line 2, events follow. */
async function changed(line: number, change: (content: Line) => void): Promise<string> {
	const file = path.join(folder, `${++files}.ndjson`);
	const moments = [
		...live(new Session().state, [
			...healthyFacts('trixie').map(fact => happening(fact)),
			happening(logLines('pgdb1', 1, 'one')),
			happening({type: 'tick'}, 1),
		]),
	];
	await record(file, moments, {logs: true});
	const lines = readFileSync(file, 'utf8').split('\n');
	const content = JSON.parse(lines[line - 1] ?? '') as Line;
	change(content);
	lines[line - 1] = JSON.stringify(content);
	// Without its index: a change moves the places.
	const end = lines.findIndex(one => one.startsWith('{"index":'));
	writeFileSync(file, `${lines.slice(0, end).join('\n')}\n`);
	return file;
}

const at = (content: Line, ...keys: readonly string[]): Line =>
	keys.reduce((sum, key) => sum[key] as Line, content);

const headers: readonly [string, (content: Line) => void][] = [
	...['program', 'startedAt', 'timeZone', 'scope', 'target', 'config', 'versions', 'who', 'logs'].map(
		(field): [string, (content: Line) => void] => [field, content => delete content[field]],
	),
	['target.nodes', content => delete at(content, 'target').nodes],
	['target.endpoints', content => Object.assign(at(content, 'target'), {endpoints: [7]})],
	['startedAt', content => Object.assign(content, {startedAt: 1e20})],
	['who', content => Object.assign(content, {who: {user: 7, host: ''}})],
];

describe('a recording of a console that called outages otherwise', () => {
	const path = (text: string) => ({at: 0, kind: 'path', turn: 'worse', text}) as const;

	it('shows the current words', () => {
		const other = {
			at: 0,
			kind: 'leader',
			turn: 'news',
			text: 'writes through :5000: none acknowledged any more: x',
		} as const;
		const read = withPresentWords([
			path('writes through :5000: none acknowledged any more: connection reset'),
			path('answers through :5001: none acknowledged for 408 ms (VIP left pgdb2)'),
			path('write outage through :5000 began: connection reset'),
			path('write outage through :5000 ended after 20420 ms (VIP left pgdb2)'),
			{
				...path('write outage through :5000 began at 59:58.2: slow answer'),
				at: Date.parse('2026-11-26T00:00:01'),
			},
			{
				...path('read outage through :5001 ended after 2.12 s at 00:03.1, of which'),
				at: Date.parse('2026-11-26T14:00:04'),
			},
			other,
		]);
		expect(read.map(({text}) => text)).toEqual([
			'write outage through :5000 began: connection reset',
			'read outage through :5001 ended after 408 ms (VIP left pgdb2)',
			'write outage through :5000 began: connection reset',
			'write outage through :5000 ended after 20.4 s (VIP left pgdb2)',
			'write outage through :5000 began at 23:59:58.2: slow answer',
			'read outage through :5001 ended after 2.12 s at 14:00:03.1, of which',
			other.text,
		]);
	});
});

describe('a recording of a console that worded the end of an operation otherwise', () => {
	it.each([
		[
			'switchover pgdb1 → pgdb2: unknown, never answered, but not seen to happen; it is watched',
			'switchover pgdb1 → pgdb2: unknown, no answer, but no source has seen it; still watching',
		],
		[
			'reload pgdb1: unknown, accepted, but not seen to happen; it is watched',
			'reload pgdb1: unknown, accepted, but no source has seen it; still watching',
		],
		[
			'reboot pgdb1: unknown, no answer (connection lost); what became of it is watched',
			'reboot pgdb1: unknown, no answer (connection lost); still watching for the result',
		],
		[
			'reboot pgdb1: refused, sudo does not let us: sudo: no',
			'reboot pgdb1: refused, sudo refused: sudo: no',
		],
		[
			'switchover pgdb1 → pgdb2: done, 2.4 s after it was confirmed',
			'switchover pgdb1 → pgdb2: pgdb2 leads after 2.4 s',
		],
		[
			'failover to pgdb2: done, later than expected, 62.4 s after it was confirmed',
			'failover to pgdb2: pgdb2 leads after 62.4 s',
		],
		['reboot pgdb1: done, 31.0 s after it was confirmed', 'reboot pgdb1: done after 31.0 s'],
		['reboot pgdb1: failed, the command ended with 5', 'reboot pgdb1: failed, the command exited with 5'],
		['switchover: failed, not done; its log tells why', 'switchover: failed, not done; its log shows why'],
		[
			'restart patroni on pgdb1, paused: failed, only the pause was asked for, nothing more was sent: resumed',
			'restart patroni on pgdb1, paused: failed, only the pause was sent: resumed',
		],
	])('shows "%s" in the current words', (was, is) => {
		const entry = (text: string) => ({at: 0, kind: 'operation', turn: 'news', text}) as const;
		expect(withPresentWords([entry(was), entry(is)]).map(({text}) => text)).toEqual([is, is]);
	});
});

describe('a recording with the former key hands', () => {
	const former = {enabled: 'on', 'dry-run': 'dry-run', disabled: 'off'} as const;

	it.each(Object.entries(former))('is read as operations: %s', async (operations, hands) => {
		const rename = ({operations: _, ...target}: Line) => ({...target, hands});
		const inHeader = await changed(1, content => {
			content.target = rename(at(content, 'target'));
		});
		expect((await openRecording(inHeader)).header.target).toMatchObject({operations});
		const inState = await changed(2, content => {
			const state = at(content, 'state');
			state.target = rename(at(state, 'target'));
			state.view = {...at(state, 'view'), frozen: {...state}};
		});
		const {state} = (await openRecording(inState)).segment(0);
		expect([state.target.operations, state.view.frozen?.target.operations]).toEqual([operations, operations]);
		expect(Object.keys(state.target)).not.toContain('hands');
	});

	it.each(['sideways', '__proto__', 7, null])('is refused with the value %j', async hands => {
		const file = await changed(1, content => {
			const {operations: _, ...target} = at(content, 'target');
			content.target = {...target, hands};
		});
		await expect(openRecording(file)).rejects.toThrow('the header is invalid: target.operations');
	});
});

describe('an invalid recording', () => {
	it.each(headers)('names the field of the header, with exit code 66: %s', async (field, change) => {
		const file = await changed(1, change);
		await expect(openRecording(file)).rejects.toThrow(`${file}, line 1: the header is invalid: ${field}`);
		expect(await reportCommand([file])).toMatchObject({exitCode: 66});
	});

	const snapshots: readonly [string, (state: Line) => void][] = [
		['cluster', state => delete state.cluster],
		['cluster.sights', state => delete at(state, 'cluster').sights],
		['now', state => Object.assign(state, {now: null})],
		['timeline', state => Object.assign(state, {timeline: {}})],
		['runs', state => Object.assign(state, {runs: [{}]})],
		['view', state => delete state.view],
		['trends.number', state => Object.assign(at(state, 'trends'), {number: 'x'})],
		['trends.leader.0', state => Object.assign(at(state, 'trends'), {leader: [[1e9, ['pgdb1']]]})],
		['trends.lag', state => Object.assign(at(state, 'trends'), {lag: {pgdb1: [[1, 'far']]}})],
		['trends.probes', state => Object.assign(at(state, 'trends'), {probes: {5000: {latency: []}}})],
	];
	it.each(snapshots)('names the field of the snapshot: %s', async (field, change) => {
		const file = await changed(2, content => {
			change(at(content, 'state'));
		});
		const recording = await openRecording(file);
		expect(() => recording.segment(0)).toThrow(new RegExp(`line 2: .*${field === 'cluster' ? '' : field}`));
		recording.close();
		expect(await reportCommand([file])).toMatchObject({exitCode: 66});
	});

	const events: readonly [number, string, (event: Line) => void][] = [
		[3, 'source', event => delete event.source],
		[3, 'entries', event => Object.assign(event, {entries: [{}]})],
		[4, 'members', event => Object.assign(event, {members: 'x'})],
		[9, 'status', event => Object.assign(event, {status: {}})],
	];
	it.each(events)('names the field of the event in line %i: %s', async (line, field, change) => {
		const file = await changed(line, content => {
			change(at(content, 'event'));
		});
		const recording = await openRecording(file);
		expect(() => recording.segment(0)).toThrow(new RegExp(`line ${line}: .*${field}`));
		recording.close();
	});

	it('has no invalid time', async () => {
		const file = await changed(4, content => Object.assign(content, {at: 1e17}));
		const recording = await openRecording(file);
		expect(() => recording.segment(0)).toThrow(/line 4: the time/);
		recording.close();
	});
});

describe('a report of a recording from a stranger', () => {
	const html =
		'4.0.4\n\n<script>alert(1)</script>\n# x | y `z`\n![i](javascript:x) [l](https://e.example)\u2028\u001B[31m';

	it('has no markup of its texts as Markdown', async () => {
		const versions = await changed(9, content => {
			Object.assign(at(content, 'event', 'status'), {version: html});
		});
		const header = await changed(1, content =>
			Object.assign(content, {reason: html, program: html, timeZone: html, config: `a: b\n\`\`\`\n${html}`}),
		);
		for (const file of [versions, header]) {
			const text = markdownOf(await readReport(file));
			// In a fenced block nothing is markup: only the rest is checked.
			const outside = text.replaceAll(/^(\s*)(`{3,})\n[\s\S]*?\n\1\2$/gm, '');
			expect(outside).not.toMatch(/(?<!\\)<script|(?<!\\)!?\[|^# x|(?<!\\)`z|https:|\u001B|\u2028/m);
			expect(outside).toContain('alert');
		}
	});
});
