/** One look: until all sources have answered or the time is up, prints one snapshot, tells by its exit code. */
import type {Config} from '../config/config.ts';
import {targetOf} from '../config/target.ts';
import type {Connections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {Runtime} from '../runtime.ts';
import {Sources} from '../sources/manager.ts';
import {initialState} from '../state/state.ts';
import {judge} from '../state/view/verdict.ts';
import {snapshotJson} from './json.ts';
import {isInSnapshot, isSettled} from './readiness.ts';
import {snapshotText} from './text.ts';

/** Nagios' order: what a monitoring plugin would exit with. */
export const exitCodes: Record<Verdict, number> = {healthy: 0, degraded: 1, critical: 2, unknown: 3};

export type OnceOptions = {json: boolean /** Milliseconds. */; timeout: number};

/** What to print, and the exit code. */
export type Snapshot = {text: string; exitCode: number};

export async function takeSnapshot(
	config: Config,
	connections: Connections,
	{json, timeout}: OnceOptions,
): Promise<Snapshot> {
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const runtime = new Runtime({
		state: initialState(targetOf(config), sessionClock.now()),
		now: sessionClock.now,
		takeSet: sessionClock.takeSet,
		perform: () => undefined,
	});
	const sources = new Sources(config, runtime.dispatch, reject, connections, isInSnapshot);
	runtime.subscribe(state => {
		sources.follow(state);
		if (isSettled(state)) {
			resolve();
		}
	});
	const timer = setTimeout(() => {
		// Where the time was up while this program itself did not run, answers wait in the queues: they are taken first.
		setImmediate(() => {
			setImmediate(resolve);
		});
	}, timeout);
	try {
		sources.follow(runtime.state);
		await settled;
	} finally {
		clearTimeout(timer);
	}

	runtime.dispatch({type: 'tick'});
	const {state} = runtime;
	const text = json
		? `${JSON.stringify(sanitizeJson(snapshotJson(state), withoutKnownSecrets), undefined, 2)}\n`
		: withoutKnownSecrets(await snapshotText(state));
	return {text, exitCode: exitCodes[judge(state).verdict]};
}
