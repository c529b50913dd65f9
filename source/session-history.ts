/** Reads, once after the start of the console and in the background, what happened before it. */
import {setImmediate as pause} from 'node:timers/promises';
import type {Ssh} from './connections/ssh/ssh.ts';
import type {EarlierRead} from './domain/events.ts';
import {holdsOf} from './domain/history/holds.ts';
import {logSourcesOf} from './domain/logs/logs.ts';
import {sessionClock} from './lib/steady-clock.ts';
import type {Runtime} from './runtime.ts';
import {readRecentLogs} from './sources/past/recent-logs.ts';
import {pastTimeline} from './state/past-timeline.ts';
import type {State} from './state/state.ts';
import {isSettled} from './state/subscriptions.ts';

/** A source that neither answers nor is lost by then, ms. */
const defaultAnswersMs = 15_000;

export type EarlierOptions = {
	runtime: Runtime;
	ssh: Ssh;
	/** How long before the start, ms. */
	historyMs: number;
	signal: AbortSignal;
	/** How long the first answers of all sources are waited for, ms. */
	answersMs?: number;
};

/** Resolves when it is read, or was not to be read; rejects with the signal's reason if that ends it. */
export async function readEarlier(options: EarlierOptions): Promise<void> {
	const {runtime, signal, answersMs = defaultAnswersMs} = options;
	await untilAnswered(runtime, answersMs, signal);
	const read = await earlierByLogs(options);
	if (read !== undefined) {
		runtime.dispatch(read);
	}
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
			return {type: 'history.read', ...span, entries, holds: holdsOf(collected, target), missing};
		}

		// Keys and answers come first.
		await pause(undefined, {signal});
	}
}

/** Resolves once every source has answered or is lost, or after a while: they have their sessions then. */
async function untilAnswered(runtime: Runtime, answersMs: number, signal: AbortSignal): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	const giveUp = () => {
		reject(signal.reason);
	};
	signal.addEventListener('abort', giveUp, {once: true});
	const timer = setTimeout(resolve, answersMs);
	const look = (state: State) => {
		if (isSettled(state)) {
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
