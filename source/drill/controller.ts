/**
 * Carries out a confirmed drill: records it, waits for full redundancy, reports its start, and follows it to its end.
 */
import {randomUUID} from 'node:crypto';
import type {Config} from '../config/config.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {failingReason} from '../domain/cluster/probe-reason.ts';
import {Observations} from '../domain/drill/observations.ts';
import {needsWholeCluster} from '../domain/drill/preconditions.ts';
import type {DrillKind} from '../domain/drill/types.ts';
import {RecordingError} from '../recording/schema.ts';
import {defaultFile, type SessionRecorder} from '../recording/write/session-recorder.ts';
import type {Runtime} from '../runtime.ts';
import type {Effect} from '../state/effects.ts';
import {isDrillRunning} from '../state/update/drill-run.ts';
import {drillsFile, readEarlierDrills, saveDrill} from './history.ts';
import {type DrillEnd, DrillRunner, type WaitUntil, waitUntil} from './runner.ts';
import {verify} from './verify.ts';

/** Acknowledged writes that are required before the drill. */
const baselineWrites = 10;
/** How long the cluster is watched before the drill. */
const baselineMs = {min: 2000, max: 20_000};
/** Limit of each stage: for the cluster, and for an operator's action. */
const defaultStageMaxMs = {cluster: 600_000, operator: 86_400_000};
/** ms to remove the rows of a drill that did not begin. */
const cleanupMaxMs = 3000;

type Begin = Effect & {type: 'drill.begin'};

export type DrillControllerOptions = {
	config: Pick<Config, 'scope' | 'probe'>;
	runtime: Pick<Runtime, 'state' | 'dispatch' | 'subscribe' | 'observe'>;
	recorder: Pick<SessionRecorder, 'begin' | 'setRecording'>;
	/** Folder of recordings. */
	folder: string;
	/** Limit of each stage; undefined: the defaults. */
	stageMaxMs?: number | undefined;
	onFault: (error: unknown) => void;
};

export class DrillController {
	readonly #options: DrillControllerOptions;
	#abort = new AbortController();
	#closing = false;
	#running: Promise<void> = Promise.resolve();

	constructor(options: DrillControllerOptions) {
		this.#options = options;
	}

	perform(effect: Effect & {type: `drill.${string}`}): void {
		const {onFault} = this.#options;
		switch (effect.type) {
			case 'drill.prepare': {
				this.#prepare(effect.question, effect.kind).catch(onFault);
				break;
			}

			case 'drill.begin': {
				this.#running = this.#run(effect).catch(onFault);
				break;
			}

			case 'drill.stop': {
				this.#abort.abort();
				break;
			}

			default: {
				effect satisfies never;
			}
		}
	}

	/** Aborts a running drill; resolves when its end is reported and saved. */
	async close(): Promise<void> {
		this.#closing = true;
		this.#abort.abort();
		await this.#running;
	}

	async #prepare(question: number, kind: DrillKind): Promise<void> {
		const {config, folder, runtime} = this.#options;
		try {
			const file = await defaultFile(folder, config.scope, new Date(), `-drill-${kind}`);
			const {earlier, unreadable} = await readEarlierDrills(config.scope, kind);
			const prepared = {id: randomUUID(), file, rows: config.probe?.table !== undefined, earlier};
			runtime.dispatch({type: 'drill.prepared', question, prepared});
			if (unreadable > 0) {
				this.#warn(`${drillsFile()}: ${unreadable} lines cannot be read and are left out of the comparison`);
			}
		} catch (error) {
			this.#warn(`the drill cannot be prepared: ${reasonOf(error)}`);
		}
	}

	async #run(begin: Begin): Promise<void> {
		const {runtime, recorder} = this.#options;
		const {recording} = runtime.state.drill ?? {};
		this.#abort = new AbortController();
		const isOwn = recording?.own ?? false;
		try {
			if (isOwn) {
				await recorder.begin(begin.prepared.file, begin.reason === '' ? undefined : begin.reason);
			}
		} catch (error) {
			if (!(error instanceof RecordingError)) {
				throw error;
			}

			this.#endUnsent(`it cannot be recorded: ${error.message}`);
			return;
		}

		const observations = new Observations();
		const stop = runtime.observe(({stamped, before, after}) => {
			observations.take(before, after, stamped);
		});
		try {
			const end = await this.#drill(begin, observations);
			if (end !== undefined) {
				await this.#save(end, begin, recording?.file ?? begin.prepared.file);
			}
		} finally {
			stop();
		}

		// At its own end the console ends the recording and prints its file.
		if (isOwn && !this.#closing) {
			await recorder.setRecording(false);
		}
	}

	/** Undefined if the drill did not begin. */
	async #drill({drill, prepared}: Begin, observations: Observations): Promise<DrillEnd | undefined> {
		const {runtime, config, stageMaxMs} = this.#options;
		const wait = waitUntil(runtime, this.#abort.signal);
		const probe = config.probe && {
			...config.probe,
			...(config.probe.table === undefined ? {} : {rows: {table: config.probe.table, drill: prepared.id}}),
		};
		const problem = await this.#takeBaseline(wait, observations);
		if (problem === undefined) {
			runtime.dispatch({type: 'drill.begun', drill});
		} else {
			this.#endUnsent(problem);
		}

		if (!isDrillRunning(runtime.state.drill)) {
			// Nothing was sent, so no row can be lost: `verify` only removes the rows.
			await verify(probe, new Set(observations.numbers), cleanupMaxMs);
			return undefined;
		}

		const runner = new DrillRunner({
			runtime,
			observations,
			probe,
			wait,
			stageMaxMs: stageMaxMs === undefined ? defaultStageMaxMs : {cluster: stageMaxMs, operator: stageMaxMs},
		});
		return drill.kind === 'power-cut'
			? runner.powerCut(drill)
			: runner.operation(drill, runtime.state.runs.at(-1)?.id ?? 0);
	}

	/** Watches the cluster, for a baseline. @returns the reason why the drill cannot begin */
	async #takeBaseline(wait: WaitUntil, observations: Observations): Promise<string | undefined> {
		const {runtime, config} = this.#options;
		runtime.dispatch({type: 'drill.stage', stage: 'baseline'});
		const from = runtime.state.now;
		const isWriting = () =>
			config.probe === undefined || (observations.writes && observations.acknowledged >= baselineWrites);
		const isWhole = () => observations.missing.at(-1)?.value.length === 0;
		const waited = await wait(
			({now}) => now - from >= baselineMs.min && observations.leader.length > 0 && isWhole() && isWriting(),
			baselineMs.max,
		);
		switch (waited) {
			case 'seen': {
				return undefined;
			}

			case 'aborted': {
				return 'aborted';
			}

			case 'late': {
				const {cluster, target, now} = runtime.state;
				const probe = cluster.probes.get(target.probe?.ports.write ?? 0);
				return isWriting()
					? needsWholeCluster(observations.missing.at(-1)?.value)
					: `no write is acknowledged: ${(probe && failingReason(cluster, target, probe, now)) ?? 'the probe reports nothing'}`;
			}
		}
	}

	async #save(end: DrillEnd, {reason}: Begin, recording: string): Promise<void> {
		const {scope} = this.#options.config;
		try {
			await saveDrill(end, {scope, recording, reason});
		} catch (error) {
			this.#warn(
				`${drillsFile()} cannot be written: ${reasonOf(error)}; the next drill is not compared with this one`,
			);
		}
	}

	#endUnsent(problem: string): void {
		const text = `nothing was sent: ${problem}`;
		this.#options.runtime.dispatch({type: 'drill.ended', result: 'failed', text});
	}

	#warn(text: string): void {
		this.#options.runtime.dispatch({type: 'notice', text, tone: 'warn'});
	}
}
