/** Reads, once after the start of the console and in the background, what happened before it. */
import {setImmediate as pause} from 'node:timers/promises';
import type {Ssh} from './connections/ssh/ssh.ts';
import {holdsIn} from './domain/cluster/held-from.ts';
import type {EarlierRead} from './domain/events.ts';
import {holdsOf} from './domain/history/holds.ts';
import {logSourcesOf} from './domain/logs/logs.ts';
import type {Target} from './domain/target.ts';
import {sessionClock} from './lib/steady-clock.ts';
import type {WatchHistory} from './recording/read/watch-history.ts';
import type {Runtime} from './runtime.ts';
import {readRecentLogs} from './sources/past/recent-logs.ts';
import {pastTimeline} from './state/past-timeline.ts';
import type {State} from './state/state.ts';
import {isSettled} from './state/subscriptions.ts';

export type EarlierOptions = {
	runtime: Runtime;
	ssh: Ssh;
	/** How long before the start, ms. */
	historyMs: number;
	/** What a watch on this machine has recorded since then, Unix ms; undefined: no watch has. */
	recorded: (sinceMs: number) => Promise<WatchHistory | undefined>;
	signal: AbortSignal;
	/** How long the first answers of all sources are waited for, ms. */
	answersMs?: number;
};

/** A source that neither answers nor is lost by then, ms. */
const defaultAnswersMs = 15_000;
/** A watch writes what it sees within this time, ms. */
const writtenMs = 3000;
/** A watch that recorded all but this much makes the logs unnecessary, ms. */
const gapMs = {first: 60_000, last: 10_000} as const;

/** Resolves when it is read, or was not to be read; rejects with the signal's reason if that ends it. */
export async function readEarlier(options: EarlierOptions): Promise<void> {
	const {runtime, historyMs, recorded, signal, answersMs = defaultAnswersMs} = options;
	await untilState(runtime, state => isSettled(state), answersMs, signal);
	const {startedAt} = runtime.state;
	const since = startedAt - historyMs;
	let watch = await recorded(since);
	if (watch !== undefined && isWhole(watch, since, startedAt)) {
		// So that it has what this console saw first, and what happened until then.
		const answeredAt = sessionClock.now();
		await untilState(runtime, ({now}) => now >= answeredAt + writtenMs, answersMs, signal);
		watch = await recorded(since);
	}

	const read =
		watch !== undefined && isWhole(watch, since, startedAt)
			? earlierByWatch(watch, since, runtime.state.target)
			: withWatch(await earlierByLogs(options), watch);
	if (read !== undefined) {
		runtime.dispatch(read);
	}
}

function isWhole({from, until, watch}: WatchHistory, since: number, startedAt: number): boolean {
	return watch !== 'stopped' && from <= since + gapMs.first && until >= startedAt - gapMs.last;
}

function earlierByWatch({entries, state, until}: WatchHistory, since: number, target: Target): EarlierRead {
	const holds = holdsIn(state.cluster, target, until);
	return {type: 'history.read', by: ['watch'], since, until, entries, holds, missing: []};
}

/** Of the time that a watch recorded, its entries: it has seen what logs only say. */
function withWatch(read: EarlierRead | undefined, watch: WatchHistory | undefined): EarlierRead | undefined {
	if (read === undefined || watch === undefined) {
		return read;
	}

	const {from, until} = watch;
	const others = read.entries.filter(({at}) => at < from || at > until);
	return {...read, by: ['watch', 'logs'], entries: [...others, ...watch.entries]};
}

/** Undefined: no node is known, or none is read over SSH. */
async function earlierByLogs({
	runtime,
	ssh,
	historyMs,
	signal,
}: EarlierOptions): Promise<EarlierRead | undefined> {
	const {cluster, target, now, startedAt} = runtime.state;
	const plans = target.ssh === false ? [] : logSourcesOf(cluster, target, now);
	if (plans.length === 0) {
		return undefined;
	}

	// What was taken since the start counts for who holds what.
	const span = {since: startedAt - historyMs, until: sessionClock.now()};
	const {collected, missing} = await readRecentLogs({ssh, plans, span, signal});
	const work = pastTimeline(target, collected, span);
	for (;;) {
		const step = work.next();
		if (step.done) {
			const entries = step.value.filter(({at}) => at < startedAt);
			const holds = holdsOf(collected, target);
			return {type: 'history.read', by: ['logs'], ...span, entries, holds, missing};
		}

		// Keys and answers come first.
		await pause(undefined, {signal});
	}
}

/** Resolves once the state is so, or after a while. */
async function untilState(
	runtime: Runtime,
	isSo: (state: State) => boolean,
	maxMs: number,
	signal: AbortSignal,
): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	const giveUp = () => {
		reject(signal.reason);
	};
	signal.addEventListener('abort', giveUp, {once: true});
	const timer = setTimeout(resolve, maxMs);
	const look = (state: State) => {
		if (isSo(state)) {
			resolve();
		}
	};
	const stop = runtime.subscribe(look);
	look(runtime.state);
	try {
		signal.throwIfAborted();
		await promise;
	} finally {
		clearTimeout(timer);
		stop();
		signal.removeEventListener('abort', giveUp);
	}
}
