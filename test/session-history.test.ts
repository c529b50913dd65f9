/** A console that starts reads over SSH, from a journal that is given, what happened before it. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, it} from 'vitest';
import {leaderKey} from '../source/domain/cluster/keys.ts';
import type {Event} from '../source/domain/events.ts';
import type {Entry} from '../source/domain/facts.ts';
import type {WatchHistory} from '../source/recording/read/watch-history.ts';
import {Runtime} from '../source/runtime.ts';
import {readEarlier} from '../source/session-history.ts';
import {initialState, shownSnapshot} from '../source/state/state.ts';
import {update} from '../source/state/update.ts';
import {timelinePane} from '../source/state/view/timeline.ts';
import {holderLines} from '../source/state/view/vip-holder.ts';
import {temporaryFolder} from './support/folder.ts';
import {target as wholeTarget} from './support/session.ts';
import {host, quiet, realShell, sshNode, type Traffic} from './support/ssh-node.ts';

const vip = '10.73.0.172';
const target = {
	...wholeTarget,
	ssh: true,
	endpoints: [],
	nodes: [{name: 'pgdb1', host, roles: ['database' as const, 'balancer' as const]}],
};
const boot = 'b'.repeat(32);
const ended = new AbortController();

afterEach(() => {
	expect(ended.signal.aborted).toBe(false);
});

const none = async () => undefined;

type Written = {minutesAgo: number; unit: string; text: string};

/** As `journalctl --output=json` writes it. */
function entryOf({minutesAgo, unit, text}: Written, now: number): string {
	const realUs = Math.round((now - minutesAgo * 60_000) * 1000);
	const cursor = `s=${'a'.repeat(32)};i=1;b=${boot};m=${(realUs - (now - 86_400_000) * 1000).toString(16)};t=${realUs.toString(16)};x=1`;
	return JSON.stringify({
		__CURSOR: cursor,
		__REALTIME_TIMESTAMP: `${realUs}`,
		_SYSTEMD_UNIT: `${unit}.service`,
		_BOOT_ID: boot,
		PRIORITY: '6',
		MESSAGE: text,
	});
}

const lines: readonly Written[] = [
	{minutesAgo: 90, unit: 'keepalived', text: '(VI_1) Entering MASTER STATE'},
	{
		minutesAgo: 20,
		unit: 'patroni',
		text: '2026-11-23 00:00:00,000 INFO: no action. I am (pgdb1), a secondary, and following a leader (pgdb2)',
	},
	{
		minutesAgo: 10,
		unit: 'patroni',
		text: '2026-11-23 00:00:00,000 INFO: promoted self to leader by acquiring session lock',
	},
	{
		minutesAgo: 9,
		unit: 'patroni',
		text: '2026-11-23 00:00:00,000 INFO: no action. I am (pgdb1), the leader with the lock',
	},
];

/** A node whose journal has these lines; `how`: what journalctl does instead. */
async function node(
	written: readonly Written[],
	how = '',
): Promise<{ssh: Awaited<ReturnType<typeof sshNode>>['ssh']; traffic: Traffic; refusals: () => number}> {
	const now = Date.now();
	const programs = temporaryFolder('journal');
	const file = (name: string, chosen: readonly Written[]) => {
		writeFileSync(path.join(programs, name), chosen.map(one => `${entryOf(one, now)}\n`).join(''));
		return path.join(programs, name);
	};
	const before = file(
		'before',
		written.filter(({minutesAgo}) => minutesAgo > 60),
	);
	const within = file(
		'within',
		written.filter(({minutesAgo}) => minutesAgo <= 60),
	);
	const script =
		how === ''
			? `case "$*" in *--boot*) tail -n 1 ${within};; *--since*) cat ${within};; *patroni*) ;; *) cat ${before};; esac`
			: how;
	writeFileSync(path.join(programs, 'journalctl'), `#!/bin/sh\n${script}\n`, {mode: 0o755});
	const traffic = quiet();
	// One more than a node's sources need: of its logs one is read at a time.
	const {ssh, server} = await sshNode(realShell(traffic, {programs}), {sessionsMax: 2});
	return {ssh, traffic, refusals: () => server.refusals};
}

function started(...facts: readonly Event[]): {runtime: Runtime; events: Event[]} {
	const events: Event[] = [];
	const runtime = new Runtime({
		state: initialState(target, Date.now()),
		now: Date.now,
		perform: () => undefined,
	});
	runtime.observe(({stamped: {event}}) => {
		events.push(event);
	});
	for (const event of facts) {
		runtime.dispatch(event);
	}

	runtime.dispatch({type: 'tick'});
	return {runtime, events};
}

const present = {
	type: 'addresses.snapshot',
	source: 'vip:pgdb1',
	node: 'pgdb1',
	addresses: [{ip: vip, interface: 'eth0'}],
} as const satisfies Event;

it('shows what happened before it, and since when the VIP is there', async () => {
	const {runtime, events} = started(present);
	const {ssh, traffic, refusals} = await node(lines);
	await readEarlier({runtime, ssh, historyMs: 3_600_000, signal: ended.signal, recorded: none, answersMs: 0});
	runtime.dispatch({type: 'tick'});
	const {timeline, startedAt} = runtime.state;
	expect(events.filter(({type}) => type === 'history.read')).toHaveLength(1);
	expect(timeline.map(({text}) => text)).toEqual([
		'leader: pgdb1 (journal of pgdb1)',
		'pgdb1: streaming → running (journal of pgdb1)',
		// Between two of its lines the leader changed; no line says how long pgdb2 had led.
		expect.stringMatching(/^write outage by the logs: ≤ 660\.\d s, perhaps none at all/),
		'— this console started; what is above was read from logs —',
	]);
	expect(timeline.slice(0, -1).every(({at, isEarlier}) => isEarlier === true && at < startedAt)).toBe(true);
	const holder = holderLines(shownSnapshot(runtime.state), {short: true}).flat();
	expect(holder.map(({text}) => text).join('')).toMatch(/pgdb1, for 1h 30m$/);
	const strip = timelinePane(runtime.state, 10).lines.map(cells => cells.map(({text}) => text).join(''));
	expect(strip.at(-1)).toContain('— this console started');
	expect(refusals()).toBe(0);
	expect(traffic.commands.filter(command => command.includes('--since'))).toHaveLength(1);
});

it('says what it could not read, and why, in one entry', async () => {
	const {runtime} = started(present);
	const {ssh} = await node(
		[],
		'echo "No journal files were opened due to insufficient permissions." >&2; exit 1',
	);
	await readEarlier({runtime, ssh, historyMs: 3_600_000, signal: ended.signal, recorded: none, answersMs: 0});
	expect(runtime.state.timeline.map(({text}) => text)).toEqual([
		expect.stringMatching(
			/^not all logs are read: pgdb1: \S+ may not read the journal; on the node: sudo usermod -aG systemd-journal \S+$/,
		),
		'— this console started; the logs of the last 60 minutes that could be read show nothing —',
	]);
});

it('ends with the console', async () => {
	const {runtime} = started(present);
	const {ssh} = await node(lines, 'exec sleep 60');
	const end = new AbortController();
	const reading = readEarlier({
		runtime,
		ssh,
		historyMs: 3_600_000,
		signal: end.signal,
		recorded: none,
		answersMs: 0,
	});
	setImmediate(() => {
		end.abort(new Error('the console ended'));
	});
	await expect(reading).rejects.toThrow('the console ended');
	expect(runtime.state.timeline).toEqual([]);
});

it('waits for the first answers, so that the sources have their sessions', async () => {
	const {runtime} = started();
	const {ssh, traffic} = await node(lines);
	const end = new AbortController();
	const reading = readEarlier({runtime, ssh, historyMs: 3_600_000, signal: end.signal, recorded: none});
	await ssh.run(host, 'true');
	expect(traffic.commands).toEqual(['true']);
	end.abort(new Error('the console ended'));
	await expect(reading).rejects.toThrow('the console ended');
	expect(leaderKey(runtime.state.cluster)).toBeUndefined();
});

describe('beside a watch', () => {
	/** A watch that has recorded for so long, and saw the VIP come. */
	function watchOf(minutes: number, more: Partial<WatchHistory> = {}) {
		const now = Date.now();
		const from = now - minutes * 60_000;
		let state = initialState(target, from);
		const none: Event = {...present, addresses: []};
		for (const [at, event] of [
			[from, none],
			[now - 120_000, present],
		] as const) {
			[state] = update(state, {at, event});
		}

		const seen: Entry = {at: now - 120_000, kind: 'vip', turn: 'better', text: 'VIP arrived on pgdb1'};
		return async (): Promise<WatchHistory> => ({
			folder: '/watch',
			watch: 'running',
			entries: [seen],
			from,
			until: Date.now(),
			state,
			...more,
		});
	}

	it('takes all from what that has recorded, and asks no node', async () => {
		const {runtime} = started(present);
		const {ssh, traffic} = await node(lines);
		const recorded = watchOf(60);
		await readEarlier({runtime, ssh, historyMs: 3_600_000, signal: ended.signal, recorded, answersMs: 0});
		runtime.dispatch({type: 'tick'});
		expect(runtime.state.timeline.map(({text}) => text)).toEqual([
			'VIP arrived on pgdb1',
			'— this console started; what is above was recorded by a watch —',
		]);
		const holder = holderLines(shownSnapshot(runtime.state), {short: true}).flat();
		expect(holder.map(({text}) => text).join('')).toMatch(/pgdb1, for 2m(?: \d+s)?$/);
		expect(traffic.commands).toEqual([]);
	});

	it.each<[string, number, Partial<WatchHistory>]>([
		['that began later', 15, {}],
		['that has stopped', 60, {watch: 'stopped', from: Date.now() - 15 * 60_000}],
	])('reads the logs of the time that one has not recorded: one %s', async (_, minutes, more) => {
		const {runtime} = started(present);
		const loop = (minutesAgo: number, text: string): Written => ({
			minutesAgo,
			unit: 'patroni',
			text: `2026-11-23 00:00:00,000 INFO: ${text}`,
		});
		const follows = 'no action. I am (pgdb1), a secondary, and following a leader (pgdb2)';
		const {ssh} = await node([
			loop(30, follows),
			loop(25, 'promoted self to leader by acquiring session lock'),
			loop(24, 'no action. I am (pgdb1), the leader with the lock'),
			// Of the time that the watch has seen.
			loop(5, follows),
		]);
		const recorded = watchOf(minutes, more);
		await readEarlier({runtime, ssh, historyMs: 3_600_000, signal: ended.signal, recorded, answersMs: 0});
		expect(runtime.state.timeline.map(({text}) => text)).toEqual([
			'leader: pgdb1 (journal of pgdb1)',
			'pgdb1: streaming → running (journal of pgdb1)',
			expect.stringMatching(/^write outage by the logs: ≤ 360\.\d s, perhaps none at all/),
			'VIP arrived on pgdb1',
			'— this console started; what is above was recorded by a watch or read from logs —',
		]);
	});
});
