import path from 'node:path';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {stateJson, stateOf, unmark} from '../../source/recording/state-json.ts';
import {readReport} from '../../source/report/command.ts';
import {htmlOf} from '../../source/report/html.tsx';
import {markdownOf} from '../../source/report/markdown.ts';
import {reportSchema} from '../../source/report/schema.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {snapshotSchema} from '../../source/snapshot/schema.ts';
import {snapshotText} from '../../source/snapshot/text.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {temporaryFolder} from '../support/folder.ts';
import type {Happening} from '../support/random-events.ts';
import {header, type Live, live, record} from '../support/recorded.ts';
import {type Names, renamedFacts, renamedTarget} from '../support/renamed.ts';
import {frameOf, screen} from '../support/screen.tsx';
import {start} from '../support/session.ts';

/** Names of properties that every object inherits, and similar names. */
const tables: readonly Names[] = [
	{pgdb1: 'constructor', pgdb2: '__proto__', etcd1: 'toString'},
	{pgdb1: '__proto__', pgdb2: 'hasOwnProperty', etcd1: 'constructor'},
	{pgdb1: 'toJSON', pgdb2: '0', etcd1: 'length'},
];

/** Every pane, overlay and question, for both members. */
const looks: readonly (readonly Command[])[] = [
	[],
	['details.open'],
	['select.down', 'details.open'],
	['menu.open'],
	['operation.switchover'],
	['operation.failover'],
	['operation.restart'],
	['operation.reinitialize'],
	['pane.next'],
	['pane.next', 'pane.next'],
	['findings.toggle'],
	['run.open'],
	['drill.open'],
	['log.open'],
	['log.all'],
	['log.all', 'log.pick'],
	['log.all', 'log.entries'],
	['freeze.toggle'],
	['operation.reload', 'dialog.yes'],
];

const size = {width: 120, height: 40};

function press(state: State, commands: readonly Command[]): Live[] {
	return [
		...live(
			state,
			commands.map(command => ({seconds: 0, event: pressed(command)})),
			state.now,
		),
	];
}

function pressed(command: Command): Happening['event'] {
	return ({view}) => {
		const overlay = view.overlays.at(-1);
		return {
			type: 'command',
			command,
			page: 10,
			...(overlay?.kind === 'dialog' ? {question: overlay.question} : {}),
		};
	};
}

describe.each(tables)('a cluster of $pgdb1, $pgdb2 and $etcd1', names => {
	const first = initialState(renamedTarget(names), start);
	const happenings = renamedFacts('trixie', names).flatMap((events): Happening[] =>
		[...events, {type: 'tick'} satisfies Event].map(event => ({
			seconds: event.type === 'tick' ? 3 : 0,
			event: () => event,
		})),
	);
	const moments = [...live(first, happenings)];
	const states = moments.filter(({stamped}) => stamped.event.type === 'tick').map(({after}) => after);

	it('has its names on the screen, in every pane and overlay', () => {
		const shown = screen(first, size);
		for (const state of states.slice(1, 3)) {
			for (const commands of looks) {
				shown.show(press(state, commands).at(-1)?.after ?? state);
				expect(shown.frame()).not.toMatch(/\[native code]|\[object |NaN/);
			}
		}

		shown.close();
		const frame = frameOf(states[0] ?? first, size);
		expect(frame).toContain(names.pgdb1);
		expect(frame).toContain(names.pgdb2);
	});

	it('has its names in a snapshot', async () => {
		for (const state of states) {
			const json = snapshotJson(state);
			expect(() => snapshotSchema.strict().parse(JSON.parse(JSON.stringify(json)))).not.toThrow();
			expect(json.members.map(({name}) => name).sort()).toEqual([names.pgdb1, names.pgdb2].sort());
			expect(await snapshotText(state)).not.toMatch(/\[native code]|\[object |NaN/);
		}

		expect(
			Object.keys(
				snapshotJson(states[1] ?? first).members.find(({name}) => name === names.pgdb2)?.tags ?? {},
			),
		).toEqual([names.pgdb1]);
	});

	it('is the same in a replay, and is in a report', async () => {
		const file = path.join(temporaryFolder('names'), 'session.ndjson.gz');
		const run = press(states[0] ?? first, ['operation.reload', 'dialog.yes', 'freeze.toggle']);
		await record(file, [...moments, ...run], {...header(), target: renamedTarget(names), logs: true});
		const recording = await openRecording(file);
		const replayed = [...recording.replay()];
		const plain = (state: State) => ({...state, logs: {...state.logs, ring: undefined}});
		for (const [index, {after}] of replayed.slice(0, moments.length).entries()) {
			expect(plain(after)).toEqual(plain((moments[index] as Live).after));
		}

		const last = (run.at(-1) as Live).after;
		expect(plain(stateOf(unmark(JSON.parse(stateJson(last, {logs: true}))) as State))).toEqual(plain(last));
		recording.close();
		const report = await readReport(file);
		expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
		expect(htmlOf(report)).toContain(names.pgdb1);
		expect(markdownOf(report)).toContain(names.pgdb1.replaceAll('_', '\\_'));
	});
});
