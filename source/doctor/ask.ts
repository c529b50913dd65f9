/** Runs the sources of the console until each has answered or is lost. */
import type {Config} from '../config/config.ts';
import type {Settings} from '../config/settings.ts';
import type {Connections} from '../connections/connections.ts';
import {kindOf, objectOf} from '../domain/cluster/source-kinds.ts';
import type {ErrorCode, SourceId} from '../domain/facts.ts';
import {sourcesOf} from '../domain/subscription.ts';
import type {Runtime} from '../runtime.ts';
import {Session} from '../session.ts';
import type {State} from '../state/state.ts';
import {isInSnapshot, isSettled, subscriptions} from '../state/subscriptions.ts';

/** Time until the first answer of each source, with its login, ms. */
export type Answers = ReadonlyMap<SourceId, number>;

/** Watches until each source has reported or is lost, or time is out. */
export async function askSources(
	config: Config,
	connections: Connections,
	{timeoutMs, settings}: {timeoutMs: number; settings?: Settings | undefined},
): Promise<{state: State; answers: Answers; config: Config}> {
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const session = new Session({config, settings, onFault: reject});
	const {runtime} = session;
	const began = new Map<SourceId, number>();
	const answers = new Map<SourceId, number>();
	const start = performance.now();
	runtime.observe(({stamped: {event}}) => {
		if (!('source' in event)) {
			return;
		}

		const {source} = event;
		if (event.type === 'source.connecting') {
			began.set(source, performance.now());
		} else if (event.type !== 'source.lost' && event.type !== 'source.closed' && !answers.has(source)) {
			answers.set(source, Math.round(performance.now() - (began.get(source) ?? start)));
		}
	});
	let isDiscovered = false;
	const settle = (state: State) => {
		if (isDiscovered && isSettled(state)) {
			resolve();
		}
	};
	runtime.subscribe(settle);
	const timer = setTimeout(resolve, timeoutMs);
	try {
		await session.look(connections, isInSnapshot);
		await Promise.race([settled, session.untilDiscovered()]);
		isDiscovered = true;
		settle(runtime.state);
		await settled;
		await untilAnswered(runtime, Math.min(secondChanceMs, start + timeoutMs - performance.now()));
	} finally {
		clearTimeout(timer);
	}

	runtime.dispatch({type: 'tick'});
	return {state: runtime.state, answers, config: session.config};
}

/** ms for sources that gave no answer in time: a busy machine may answer the next attempt. */
const secondChanceMs = 4000;

/** Waits until no source is without an answer for its time alone. */
async function untilAnswered({state, subscribe}: Runtime, ms: number): Promise<void> {
	const isLate = (now: State) =>
		subscriptions(now)
			.filter(isInSnapshot)
			.flatMap(sourcesOf)
			.some(source => problemOf(now, source)?.code === 'timeout');
	if (ms <= 0 || !isLate(state)) {
		return;
	}

	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, ms);
	const stop = subscribe(now => {
		if (!isLate(now)) {
			resolve();
		}
	});
	await promise;
	clearTimeout(timer);
	stop();
}

export function isSeen({cluster}: State, source: SourceId): boolean {
	return cluster.sourceStatuses.get(source)?.state === 'seen';
}

type Problem = {reason: string; code?: ErrorCode; remedy?: string | undefined};

/** Undefined: the source has answered. */
export function problemOf({cluster}: State, source: SourceId): Problem | undefined {
	const status = cluster.sourceStatuses.get(source);
	if (status?.state === 'lost') {
		const {reason, code, remedy} = status;
		return {reason, remedy, ...(code === undefined ? {} : {code})};
	}

	if (kindOf(source) === 'probe') {
		const probe = cluster.probes.get(Number(objectOf(source)));
		return probe === undefined ? {reason: 'no answer in time', code: 'timeout'} : probe.failing;
	}

	return status?.state === 'seen' ? undefined : {reason: 'no answer in time', code: 'timeout'};
}
