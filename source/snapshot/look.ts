/** One look: until all sources have answered or the time is up, prints one snapshot, tells by its exit code. */

import {setTimeout as delay} from 'node:timers/promises';
import type {Config} from '../config/config.ts';
import {targetOf} from '../config/target.ts';
import type {Connections} from '../connections/connections.ts';
import {briefConnections} from '../connections/connections.ts';
import {kindOf, objectOf, traitsOf} from '../domain/cluster/source-kinds.ts';
import type {SourceId} from '../domain/facts.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {catchFaults} from '../lib/faults.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {Runtime} from '../runtime.ts';
import {Sources} from '../sources/manager.ts';
import {initialState, type State} from '../state/state.ts';
import {type Subscription, sourcesOf, subscriptions} from '../state/subscriptions.ts';
import {judge} from '../state/view/verdict.ts';
import {snapshotJson} from './json.ts';
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

export async function printSnapshot(config: Config, options: OnceOptions): Promise<Snapshot> {
	const end = performance.now() + options.timeout;
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const connections = briefConnections(config);
	if (config.vip !== undefined) {
		const begun = Promise.all(config.nodes.map(async ({host}) => connections.ssh.begin(host)));
		await Promise.race([begun, delay(options.timeout), fault]);
	}

	const {takeSnapshot} = await import('./look.ts');
	return Promise.race([
		takeSnapshot(config, connections, {...options, timeout: Math.max(0, end - performance.now())}),
		fault,
	]);
}

export function isSettled(state: State): boolean {
	const wanted = subscriptions(state).filter(isInSnapshot);
	const settled = wanted.flatMap(sourcesOf).every(source => hasReported(state, source));
	// The lease and the member list come a moment after the first read of the keys.
	const reads = [...state.cluster.sourceStatuses].some(
		([source, sight]) => kindOf(source) === 'dcs' && sight?.state === 'seen',
	);
	const leased = state.cluster.keys.get('leader')?.lease === undefined || state.cluster.lease !== undefined;
	return settled && (!reads || (leased && state.cluster.etcd.members !== undefined));
}

/** What the snapshot would show only if it happened to come in time is not asked for. */
export function isInSnapshot(subscription: Subscription): boolean {
	return sourcesOf(subscription).every(source => traitsOf(source).isInSnapshot);
}

/** An answer, or that it is lost. */
function hasReported({cluster}: State, source: SourceId): boolean {
	const status = cluster.sourceStatuses.get(source);
	// A probe has no status while it is answered.
	return kindOf(source) === 'probe'
		? status?.state === 'lost' || cluster.probes.has(Number(objectOf(source)))
		: status !== undefined && status.state !== 'connecting';
}
