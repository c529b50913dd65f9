/**
 * `--watch SECONDS`: the state again and again, in plain lines. One line is written at a time: while the reader is
 * slow, none is made.
 */
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import {scopeProblem} from '../domain/findings/rules/cluster.ts';
import {clusterTitle} from '../domain/target.ts';
import {pauseUnlessAborted, unlessAborted} from '../lib/abort.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import type {State} from '../state/state.ts';
import {clusterSummary, judgeCluster} from '../state/view/verdict.ts';
import type {WatchFormat} from './format-names.ts';
import {safeSnapshot} from './formats.ts';
import {type LookOptions, look} from './look.ts';

export type WatchOptions = LookOptions & {
	format: WatchFormat;
	everyMs: number;
	/** Ends it. */
	signal: AbortSignal;
	/** Resolves when the reader has taken the text; rejects when it cannot be written. */
	write: (text: string) => Promise<void>;
};

/** Runs until the signal. @returns what is wrong with the configuration @throws what `write` throws, and faults */
export async function watchCluster(
	config: Config,
	connections: Connections,
	{format, everyMs, write, ...options}: WatchOptions,
): Promise<string | undefined> {
	const {runtime, fault} = await look(config, connections, options);
	const broken = new AbortController();
	fault.catch((error: unknown) => {
		broken.abort(error);
	});
	const ended = AbortSignal.any([options.signal, broken.signal]);
	const {cluster, target, now} = runtime.state;
	const problem = scopeProblem(cluster, target, now);
	let due = performance.now();
	while (problem === undefined && !ended.aborted) {
		runtime.dispatch({type: 'tick'});
		await unlessAborted(write(watchText(runtime.state, format)), ended);
		// What a slow reader has missed is left out.
		due += Math.max(1, Math.ceil((performance.now() - due) / everyMs)) * everyMs;
		await pauseUnlessAborted(Math.max(1, due - performance.now()), ended);
	}

	broken.signal.throwIfAborted();
	return problem;
}

export function watchText(state: State, format: WatchFormat): string {
	if (format === 'json') {
		return `${JSON.stringify(safeSnapshot(state))}\n`;
	}

	const {verdict, findings} = judgeCluster(state);
	const summary = clusterSummary(state).map(({text}) => text);
	const head = `${new Date(state.now).toISOString().replace(/\.\d+/, '')} ${clusterTitle(state.target)}: ${verdict.toUpperCase()}  ${summary.join('').trimEnd()}`;
	const lines = [head, ...findings.map(({severity, text}) => `  ${severity}: ${text}`)];
	return withoutKnownSecrets(lines.map(line => `${line}\n`).join(''));
}
