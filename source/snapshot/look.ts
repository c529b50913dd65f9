/**
 * Watches the cluster until every source has reported or is lost, or time is out: one snapshot as text, and its
 * verdict.
 */
import type {Config} from '../config/config.ts';
import type {Settings} from '../config/settings.ts';
import type {Connections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {scopeProblem} from '../domain/findings/rules/cluster.ts';
import type {Subscription} from '../domain/subscription.ts';
import type {Runtime} from '../runtime.ts';
import {Session} from '../session.ts';
import type {State} from '../state/state.ts';
import {isInSnapshot, isSettled} from '../state/subscriptions.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import type {SnapshotFormat} from './format-names.ts';
import {formatSnapshot} from './formats.ts';

export type LookOptions = {
	/** The longest time to wait for the sources. */
	timeoutMs: number;
	/** Undefined: nothing is looked for on the nodes. */
	settings?: Settings | undefined;
	/** Ends the wait. */
	signal?: AbortSignal;
	/** Default: all that `--once` reads. */
	isWanted?: (subscription: Subscription) => boolean;
};

export type SnapshotOptions = Omit<LookOptions, 'signal' | 'isWanted'> & {
	format: SnapshotFormat;
	/** Columns of the terminal; undefined if the text is not for one, and is not wrapped. */
	width: number | undefined;
};

export async function takeSnapshot(
	config: Config,
	connections: Connections,
	{format, width, ...options}: SnapshotOptions,
): Promise<{text: string; verdict: Verdict; problem: string | undefined}> {
	const {runtime} = await look(config, connections, options);
	const {state} = runtime;
	const text = await formatSnapshot(state, format, width);
	const problem = scopeProblem(state.cluster, state.target, state.now);
	return {text, verdict: judgeCluster(state).verdict, problem};
}

/** Watches until all sources have reported. The sources keep running; `fault` rejects with a bug in one of them. */
export async function look(
	config: Config,
	connections: Connections,
	{timeoutMs, settings, signal, isWanted = () => true}: LookOptions,
): Promise<{runtime: Runtime; fault: Promise<never>}> {
	const {promise: settled, resolve} = Promise.withResolvers<void>();
	const {promise: fault, reject} = Promise.withResolvers<never>();
	// Awaited below, and by the caller only later.
	fault.catch(() => undefined);
	const session = new Session({
		config,
		settings,
		// A monitoring asks often: where sudo is refused, each try would be a line in the log of the node.
		readsWithSudo: false,
		onFault: reject,
	});
	const {runtime} = session;
	const isRead = (one: Subscription) => isInSnapshot(one) && isWanted(one);
	let isDiscovered = false;
	const settle = (state: State) => {
		// A wrong scope is an error, which no other answer changes.
		const isWrong = scopeProblem(state.cluster, state.target, state.now) !== undefined;
		if (isWrong || (isDiscovered && isSettled(state, isRead))) {
			resolve();
		}
	};
	const unsubscribe = runtime.subscribe(settle);
	const timer = setTimeout(() => {
		// If time ran out during a stall of this program, queued answers are read first.
		setImmediate(() => {
			setImmediate(resolve);
		});
	}, timeoutMs);
	signal?.addEventListener('abort', () => resolve());
	try {
		await Promise.race([session.look(connections, isRead), fault]);
		await Promise.race([settled, session.untilDiscovered(), fault]);
		isDiscovered = true;
		settle(runtime.state);
		await Promise.race([settled, fault]);
	} finally {
		clearTimeout(timer);
		unsubscribe();
	}

	runtime.dispatch({type: 'tick'});
	return {runtime, fault};
}
