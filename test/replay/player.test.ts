/** The replay of a recording: the state at any position, navigation by keys, and no operation is ever sent. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {beforeAll, describe, expect, it, vi} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event, Intent} from '../../source/domain/events.ts';
import {emptyTrends} from '../../source/domain/trends.ts';
import {keymap, keysOn} from '../../source/keymap/keymap.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Recording} from '../../source/recording/read/reader.ts';
import {RecordingError} from '../../source/recording/schema.ts';
import {type LocalEffect, Player} from '../../source/replay/player.ts';
import {Playhead} from '../../source/replay/playhead.ts';
import {mode, type State} from '../../source/state/state.ts';
import {isTyping} from '../../source/state/update/dialog.ts';
import {healthyFacts} from '../support/captures.ts';
import {expectEqual, withoutRing} from '../support/equal-states.ts';
import {temporaryFolder} from '../support/folder.ts';
import {type Happening, storms} from '../support/random-events.ts';
import {happening, type Live, live, record} from '../support/recorded.ts';
import {Session, target} from '../support/session.ts';

const folder = temporaryFolder('player');
let files = 0;

/** A recording to be played. */
async function recorded(moments: readonly Live[]): Promise<Recording> {
	const file = path.join(folder, `${++files}.ndjson.gz`);
	await record(file, moments);
	return openRecording(file);
}

/** 3.5 minutes: the REST API of pgdb2 is lost for two seconds at 1:00, the leader key is deleted at 2:00. */
function story(): Live[] {
	const facts = healthyFacts('trixie');
	return [
		...live(
			new Session().state,
			Array.from({length: 210}, (_, second): Happening[] => [
				...(second % 6 === 0 || second === 62 ? facts.map(fact => happening(fact)) : []),
				...(second === 30 ? [happening({type: 'command', command: 'operation.switchover'})] : []),
				...(second === 60
					? [happening({type: 'source.lost', source: 'patroni:pgdb2', reason: 'no answer in time'})]
					: []),
				...(second === 120
					? [
							happening({
								type: 'dcs.deleted',
								source: 'watch:http://10.73.0.160:2379',
								path: 'leader',
								revision: 999_999,
							}),
						]
					: []),
				happening({type: 'tick'}, 1),
			]).flat(),
		),
	];
}

let moments: Live[];
let recording: Recording;

beforeAll(async () => {
	moments = story();
	recording = await recorded(moments);
});

function player(of = recording, asOperator = false): {player: Player; effects: LocalEffect[]} {
	const effects: LocalEffect[] = [];
	return {player: new Player(of, {asOperator, perform: effect => effects.push(effect)}), effects};
}

function press(to: Player, ...commands: Command[]): State {
	for (const command of commands) {
		to.dispatch({type: 'command', command});
	}

	return to.state;
}

const stateAt = (position: number) =>
	withoutRing(position === 0 ? (moments[0]?.before as State) : (moments[position - 1]?.after as State));

describe('a place in a recording', () => {
	it('has the same state, from whatever position one jumps', () => {
		const head = new Playhead(recording);
		fc.assert(
			fc.property(fc.array(fc.nat(moments.length), {minLength: 1, maxLength: 8}), positions => {
				for (const position of positions) {
					head.toPosition(position);
					expect(head.position).toBe(position);
					expectEqual(withoutRing(head.state), stateAt(position));
				}
			}),
			{numRuns: 60},
		);
	});

	it('is reached by a few events from wherever one was, forward as back', () => {
		const head = new Playhead(recording);
		head.toPosition(recording.events);
		const apply = vi.spyOn(recording, 'apply');
		for (const {events, count} of recording.places) {
			head.toPosition(events + 1);
			head.toPosition(events + count);
			for (const to of [events + 2, events + count - 1, events + Math.floor(count / 2)]) {
				apply.mockClear();
				head.toPosition(to);
				expect(head.position).toBe(to);
				expect(apply.mock.calls.length).toBeLessThan(64);
			}
		}
	});

	it('is found by its time', () => {
		const head = new Playhead(recording);
		const first = moments[0]?.stamped.at ?? 0;
		fc.assert(
			fc.property(fc.array(fc.integer({min: -1000, max: 215_000}), {minLength: 1, maxLength: 8}), times => {
				for (const time of times) {
					head.toTime(first + time);
					const until = Math.max(first, first + time);
					expect(head.position).toBe(moments.filter(({stamped}) => stamped.at <= until).length);
					expectEqual(withoutRing(head.state), stateAt(head.position));
				}
			}),
			{numRuns: 60},
		);
	});

	it('is the same for random events, forward and back', async () => {
		await fc.assert(
			fc.asyncProperty(storms, async storm => {
				const happened = [...live(new Session().at(0, ...healthyFacts('trixie')).state, storm)];
				const one = await recorded(happened);
				const head = new Playhead(one);
				for (const [index, {after}] of happened.entries()) {
					head.toPosition(index + 1);
					expectEqual(withoutRing(head.state), withoutRing(after));
				}

				head.toPosition(1);
				expectEqual(withoutRing(head.state), withoutRing(happened[0]?.after as State));
				one.close();
			}),
			{numRuns: 20},
		);
	});
});

describe('a recording of an older version', () => {
	/** Two minutes as such a version wrote them; @param change of each value in a snapshot */
	async function older(change: (key: string, value: unknown) => unknown): Promise<Recording> {
		const file = path.join(folder, `${++files}.ndjson`);
		const scene = {...target, probe: {host: '10.73.0.172', ports: {write: 5000}, write: true}};
		const facts = healthyFacts('trixie');
		const happened = Array.from({length: 130}, (_, second): Happening[] => [
			...(second % 3 === 0 ? facts.map(fact => happening(fact)) : []),
			...(second === 47 ? [happening({type: 'command', command: 'freeze.toggle'})] : []),
			...(second % 31 === 0 ? [happening({type: 'command', command: 'run.open'})] : []),
			...[1, 2].map(() =>
				happening({
					type: 'probe.answered',
					source: 'probe:5000',
					port: 5000,
					purpose: 'write',
					startedAt: 0,
					server: '10.73.0.160:5432',
					inRecovery: false,
					latency: 5 + (second % 17),
					write: true,
				}),
			),
			happening({type: 'tick'}, 1),
		]).flat();
		await record(file, [...live(new Session(scene).state, happened)], {target: scene});
		const lines = readFileSync(file, 'utf8').split('\n');
		const end = lines.findIndex(line => line.startsWith('{"index":'));
		const stripped = lines
			.slice(0, end)
			.map(line => (line.startsWith('{"segment":') ? JSON.stringify(JSON.parse(line, change)) : line));
		writeFileSync(file, `${stripped.join('\n')}\n`);
		return openRecording(file);
	}

	it('that understood keys in another way has the same view after a jump as after playing to there', async () => {
		const old = await older((key, value) =>
			key === 'noticeAt' ? undefined : key === 'pane' && value === 'members' ? 'vip' : value,
		);
		const played = new Playhead(old);
		const jumped = new Playhead(old);
		const from = old.places[0]?.at ?? 0;
		let notices = 0;
		for (let time = from; time <= old.endedAt; time += 1700) {
			played.playTo(time);
			// From the end, so that no jump plays on from a place near it.
			jumped.toTime(old.endedAt);
			jumped.toTime(time);
			expect(jumped.state.view).toEqual(played.state.view);
			notices += played.state.view.notice === undefined ? 0 : 1;
		}

		expect(played.state.view.pane).toBe('vip');
		expect(notices).toBeGreaterThan(3);
	});

	it('that had no trends has the same ones after a jump as after playing to there', async () => {
		const later = new Set(['trends', 'answers']);
		const old = await older((key, value) => (later.has(key) ? undefined : value));
		expect(old.places.length).toBeGreaterThan(3);
		expect(old.places.map((_, number) => old.segment(number).state.trends)).toEqual(
			old.places.map(() => emptyTrends),
		);
		const played = new Playhead(old);
		const jumped = new Playhead(old);
		const from = old.places[0]?.at ?? 0;
		for (let time = from; time <= old.endedAt; time += 2500) {
			played.playTo(time);
			jumped.toTime(old.endedAt);
			jumped.toTime(time);
			// The cluster that the screen was frozen at goes no further: only its trends are shown.
			const [is, was] = [jumped.state, played.state].map(({view, ...state}) => ({
				...state,
				view: {...view, frozen: view.frozen?.trends},
				logs: undefined,
			}));
			expectEqual(is, was);
		}

		expect(played.state.trends.leader).not.toEqual([]);
		expect(played.state.trends.probes.get(5000)?.answers).not.toEqual([]);
		expect(played.state.view.frozen?.trends.leader).not.toEqual([]);
		old.close();
	});
});

describe('the player', () => {
	it('plays at the chosen speed, and marks the end of the recording', () => {
		const {player: one} = player();
		one.advance(1000);
		expect(one.state.replay).toMatchObject({playing: true, speed: 1, end: undefined, step: undefined});
		const from = one.state.replay?.from ?? 0;
		expect(one.state.replay?.time).toBe(Math.floor((from + 1000) / 1000) * 1000);
		press(one, 'play.faster', 'play.faster', 'play.faster');
		one.advance(3000);
		expect(one.state.replay?.time).toBe(Math.floor((from + 31_000) / 1000) * 1000);
		press(one, 'play.slower');
		expect(one.state.replay?.speed).toBe(5);
		one.advance(600_000);
		expect(one.state.replay).toMatchObject({
			playing: false,
			end: 'the recording ends here',
			time: recording.endedAt,
		});
		expect(one.state.cluster).toEqual(moments.at(-1)?.after.cluster);
		// From there Space starts at the beginning.
		expect(press(one, 'play.toggle').replay).toMatchObject({
			playing: true,
			time: Math.floor(from / 1000) * 1000,
		});
	});

	it('goes from entry to entry, and back', () => {
		const {player: one} = player();
		const {marks} = recording;
		expect(marks.map(({kind, turn}) => [kind, turn])).toEqual([
			['sight', 'worse'],
			['sight', 'better'],
			['leader', 'worse'],
		]);
		press(one, 'play.toggle', 'play.next');
		expect(one.state.replay?.time).toBe(marks[0]?.at);
		expect(one.state.timeline.map(({text}) => text)).toEqual([marks[0]?.text]);
		expect(press(one, 'play.next', 'play.next').replay?.time).toBe(marks[2]?.at);
		expect(press(one, 'play.previous').replay?.time).toBe(marks[1]?.at);
		expect(one.state.timeline).toHaveLength(2);
		expect(press(one, 'play.next', 'play.next').replay?.end).toBe('the recording ends here');
		expect(press(one, 'play.first').timeline).toEqual([]);
	});

	it('steps from event to event, and names the event', () => {
		const {player: one} = player();
		expect(press(one, 'play.forward', 'play.forward').replay).toMatchObject({
			playing: false,
			step: {position: 2, event: 'etcd.members etcd:http://10.73.0.160:2379'},
		});
		expect(press(one, 'play.back').replay?.step?.position).toBe(1);
		expect(press(one, 'play.back', 'play.back', 'play.back').replay?.step?.position).toBe(0);
	});

	it.each([
		['00:01:10', 70],
		['-10s', 80],
		['+1m', 150],
		['2026-11-23 00:00:05', 5],
		['23:00', 0],
	])('goes to a typed time: %s', (text, seconds) => {
		const {player: one} = player();
		press(one, 'play.toggle');
		for (const intent of [
			{type: 'command', command: 'play.time'},
			{type: 'typed', text: '00:01:30'},
			{type: 'command', command: 'prompt.take'},
			{type: 'command', command: 'play.time'},
			{type: 'typed', text},
		] satisfies Intent[]) {
			one.dispatch(intent);
		}

		expect(mode(one.state)).toBe('prompt');
		expect(isTyping(one.state)).toBe(true);
		press(one, 'prompt.take');
		const from = one.state.replay?.from ?? 0;
		expect(one.state.replay).toMatchObject({
			prompt: undefined,
			time: Math.max(from, Date.UTC(2026, 10, 23) + seconds * 1000),
		});
	});

	it('reports an invalid time, which can be corrected or dismissed', () => {
		const {player: one} = player();
		press(one, 'play.time');
		one.dispatch({type: 'typed', text: 'soon'});
		expect(press(one, 'prompt.take').replay?.prompt?.problem).toContain('"soon"');
		expect(press(one, 'text.erase').replay?.prompt).toEqual({text: 'soo', problem: undefined});
		expect(press(one, 'dismiss').replay?.prompt).toBeUndefined();
	});

	it("shows the viewer's own panes and overlays on the recorded state", () => {
		const {player: one} = player();
		one.advance(100_000);
		expect(one.state.view.overlays).toEqual([]);
		press(one, 'findings.toggle');
		one.advance(40_000);
		expect(mode(one.state)).toBe('findings');
		expect(one.state.cluster.keys.get('leader')).toBeUndefined();
		const asOperator = press(one, 'play.view');
		expect(asOperator.replay?.asOperator).toBe(true);
		expect(asOperator.view.overlays.map(({kind}) => kind)).toEqual(['dialog']);
		// The viewer's own view starts in the operator's pane, without their overlays.
		expect(press(one, 'details.open').view.overlays.map(({kind}) => kind)).toEqual(['details']);
		expect(one.state.replay?.asOperator).toBe(false);
	});

	it('goes to an entry of the timeline', () => {
		const {player: one} = player();
		press(one, 'play.last', 'log.entries', 'timeline.view', 'select.up', 'select.up', 'play.entry');
		expect(one.state.replay?.time).toBe(recording.marks[0]?.at);
		expect(mode(one.state)).toBe('panes');
	});

	it('offers no operation, and no recorded command sends one', async () => {
		const local = [
			'quit',
			'suspend',
			'redraw',
			'copy',
			'screen.copy',
			'screen.write',
			'logs.write',
			'logs.seek',
		];
		// Its operator has a question open.
		const asked = await recorded([
			...live(new Session().at(0, ...healthyFacts('trixie')).state, [
				happening({type: 'tick'}, 1),
				happening({type: 'command', command: 'operation.switchover'}),
				happening({type: 'tick'}, 1),
				happening({type: 'tick'}, 40),
			]),
		]);
		const context = {operations: false, replay: true};
		expect(keysOn(context).filter(({isOperation}) => isOperation)).toEqual([]);
		expect(keysOn(context).map(({command}) => command)).not.toContain('record.toggle');
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						fc
							.constantFrom(...new Set([...keymap, ...keysOn(context)].map(({command}) => command)))
							.map((command): Intent => ({type: 'command', command})),
						fc.constantFrom('pgdb2', 'y', '00:01').map((text): Intent => ({type: 'typed', text})),
					),
					{maxLength: 40},
				),
				fc.boolean(),
				(intents, asOperator) => {
					const {player: one, effects} = player(asked, asOperator);
					one.advance(3000);
					for (const intent of intents) {
						one.dispatch(intent);
						expect(one.state.runs).toEqual([]);
					}

					for (const {type} of effects) {
						expect(local).toContain(type);
					}
				},
			),
		);
		asked.close();
	});

	it('searches the recorded log lines', async () => {
		const line = (text: string, at: number): Event => ({
			type: 'logs.lines',
			source: 'logs:pgdb1',
			node: 'pgdb1',
			lines: [
				{at: at * 1000, order: at * 1000, node: 'pgdb1', service: 'patroni', level: 6, word: 'INFO', text},
			],
			skipped: 0,
		});
		const file = path.join(folder, 'logs.ndjson.gz');
		const happened = [
			...live(new Session().at(0, ...healthyFacts('trixie')).state, [
				happening(line('no action', Date.UTC(2026, 10, 23))),
				happening({type: 'tick'}, 90),
				happening(line('demoting self', Date.UTC(2026, 10, 23) + 90_000)),
				happening({type: 'tick'}, 90),
			]),
		];
		await record(file, happened, {logs: true});
		const one = await openRecording(file);
		const effects: LocalEffect[] = [];
		const playing = new Player(one, {asOperator: false, perform: effect => effects.push(effect)});
		// A jump loads the lines before it.
		press(playing, 'play.last', 'play.back', 'play.first', 'play.last', 'log.open', 'log.search');
		playing.dispatch({type: 'typed', text: 'demoting'});
		press(playing, 'prompt.take');
		expect(effects).toEqual([{type: 'logs.seek'}]);
		playing.look({type: 'logs.seek'});
		expect(playing.state.view.overlays).toMatchObject([
			{kind: 'logs', search: 'demoting', place: expect.anything()},
		]);
		one.close();
	});

	it('stops at the damage of a recording, and says where', async () => {
		const file = path.join(folder, 'damaged.ndjson');
		await record(file, moments);
		const lines = readFileSync(file, 'utf8').split('\n');
		const number = lines.findIndex(text => text.includes('"segment":2')) + 10;
		const length = lines[number]?.length ?? 0;
		writeFileSync(file, lines.with(number, `{"at":1,${'x'.repeat(length - 9)}}`).join('\n'));
		const damaged = await openRecording(file);
		const {player: one} = player(damaged);
		one.advance(600_000);
		expect(one.state.replay).toMatchObject({
			playing: false,
			problem: `${file}, line ${number + 1}: not JSON`,
		});
		expect(press(one, 'play.first').replay?.problem).toBeUndefined();
		damaged.close();
	});

	it('has nothing to play in a recording without events', async () => {
		const file = path.join(folder, 'empty.ndjson');
		await record(file, moments.slice(0, 1));
		writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\n`);
		const empty = await openRecording(file);
		expect(() => player(empty)).toThrow(RecordingError);
		empty.close();
	});
});
