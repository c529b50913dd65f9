/** A recording that grows, as it is shown: at its end while it is new, marked when it is old, and rewound at will. */
import {expect, it, vi} from 'vitest';
import {isFresh} from '../../source/domain/cluster/freshness.ts';
import type {Command} from '../../source/domain/commands.ts';
import {LiveRecording} from '../../source/recording/read/live-recording.ts';
import {LiveEnd, type LiveWatch} from '../../source/replay/live.ts';
import {Player} from '../../source/replay/player.ts';
import {judgeCluster} from '../../source/state/view/verdict.ts';
import {needsRedraw} from '../../source/ui/screen.tsx';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {framesOf} from '../support/replayed.ts';
import {Watched} from '../support/watched.ts';

const folder = temporaryFolder('live-replay');
let folders = 0;
const facts = healthyFacts('trixie');

async function shown(watch: Partial<LiveWatch> = {}) {
	const place = `${folder}/${++folders}`;
	const watched = await Watched.begin(place, {fileMaxMs: 10_000});
	for (let second = 0; second < 15; second++) {
		await watched.at(1, ...facts);
	}

	const recording = await vi.waitFor(async () => LiveRecording.open(place), {interval: 2, timeout: 20_000});
	const clock = {ms: watched.now + 700};
	const live: LiveWatch = {state: 'running', ended: undefined, quietMs: 0, ...watch};
	const read = async () => {
		await expect
			.poll(
				async () => {
					await recording.read();
					return recording.endedAt;
				},
				{interval: 2, timeout: 20_000},
			)
			.toBe(watched.now);
	};
	await read();
	const player = new Player(recording, {
		asOperator: false,
		perform: () => undefined,
		live: new LiveEnd(
			() => live,
			() => clock.ms,
		),
	});
	const press = (command: Command) => player.dispatch({type: 'command', command});
	return {watched, recording, clock, live, player, press, read};
}

const frame = (player: Player) => framesOf([player.state])[0] ?? '';

it('follows what is recorded, and shows it as it is', async () => {
	const {watched, clock, player, read} = await shown();
	expect(frame(player)).toMatch(/LIVE, as the watch sees it {2}/);
	expect(frame(player)).toContain(' LIVE ');
	for (let second = 0; second < 12; second++) {
		await watched.at(1, ...facts);
		clock.ms = watched.now + 300;
		await read();
		player.advance(500);
		expect(player.state.now).toBe(watched.now);
		expect(player.state.cluster).toEqual(watched.state.cluster);
	}

	clock.ms += 4000;
	player.advance(50);
	expect(frame(player)).toContain('LIVE, as the watch sees it, 4s ago');
});

it.each<[string, Partial<LiveWatch>, string]>([
	['hangs', {}, 'NOT LIVE: the watch has recorded nothing for 8s'],
	['cannot be asked', {state: 'hidden'}, 'NOT LIVE: the watch has recorded nothing for 8s'],
	['was killed', {state: 'stopped'}, 'NOT LIVE: the watch was killed 8s ago'],
	[
		'has ended',
		{state: 'stopped', ended: {at: Date.UTC(2026, 10, 23), why: 'SIGTERM'}},
		'NOT LIVE: the watch ended at 00:00:00, 8s ago (SIGTERM)',
	],
])('of a watch that %s nothing is shown as true now', async (_, watch, words) => {
	const {clock, player, watched, read} = await shown();
	expect(judgeCluster(player.state).verdict).toBe('healthy');
	const other = await shown(watch);
	other.clock.ms = other.watched.now + 8000;
	other.player.advance(50);
	const {state} = other.player;
	expect(frame(other.player)).toContain(words);
	expect(judgeCluster(state).verdict).toBe('unknown');
	const {sourceStatuses} = state.cluster;
	expect([...sourceStatuses].filter(([source, status]) => isFresh(status, source, state.now))).toEqual([]);
	expect(state.timeline).toEqual(other.watched.state.timeline);
	// Recording again: fresh again.
	await watched.at(9, ...facts);
	clock.ms = watched.now;
	await read();
	player.advance(50);
	expect(judgeCluster(player.state).verdict).toBe('healthy');
});

it('a clock that was set back does not hide that nothing is read', async () => {
	const {clock, live, player, watched} = await shown();
	clock.ms = watched.now - 3_600_000;
	live.quietMs = 9000;
	player.advance(50);
	expect(frame(player)).toContain('NOT LIVE: the watch has recorded nothing for 9s');
});

it('is rewound, paused and played as any recording, with its age, and End follows again', async () => {
	const {watched, clock, player, press, read} = await shown();
	press('play.first');
	expect(player.state.now).toBeLessThan(watched.now - 10_000);
	expect(frame(player)).toMatch(/REPLAY of the watch, 1\ds ago/);
	const {time} = player.state.replay ?? {time: 0};
	player.advance(2000);
	expect(player.state.replay?.time).toBe(time + 2000);
	press('play.toggle');
	await watched.at(1, ...facts);
	await read();
	clock.ms += 60_000;
	player.advance(1000);
	// Nothing is silenced in the past, and its age goes on.
	expect(player.state.replay?.time).toBe(time + 2000);
	expect(frame(player)).toContain('REPLAY of the watch, 1m 1');
	clock.ms = watched.now;
	press('play.last');
	player.advance(50);
	expect(frame(player)).toContain('LIVE, as the watch sees it');
	expect(player.state.now).toBe(watched.now);
	press('play.back');
	expect(frame(player)).toContain('PAUSED');
	press('play.toggle');
	player.advance(5000);
	// It has played to the end, and follows.
	expect(frame(player)).toContain(' LIVE ');
});

it('offers no operation', async () => {
	const {player} = await shown();
	player.dispatch({type: 'command', command: 'operation.switchover'});
	expect(player.state.view.overlays).toEqual([]);
	expect(frame(player)).not.toContain('S switchover');
});

it('is drawn once for each second, not for each look', async () => {
	const {player} = await shown();
	player.advance(50);
	const before = player.state;
	player.advance(50);
	const after = player.state;
	expect(needsRedraw(before, after)).toBe(false);
});
