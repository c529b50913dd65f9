/** Carries out a drill that was agreed to at the console: records it, sees that all is well, says that it has begun, and follows it. */
import {randomUUID} from 'node:crypto';
import type {Config} from '../config/config.ts';
import {reasonOf} from '../connections/error-reason.ts';
import type {DrillKind} from '../domain/drill/types.ts';
import type {Stamped} from '../domain/events.ts';
import {RecordingError} from '../recording/format.ts';
import {defaultFile, type SessionRecorder} from '../recording/write/session-recorder.ts';
import type {Runtime} from '../runtime.ts';
import type {Effect} from '../state/effects.ts';
import type {State} from '../state/state.ts';
import {isDrillRunning} from '../state/update/drill-run.ts';
import type {Ended} from './outcome.ts';
import {drillsFile, earlierDrills, saveDrill} from './past.ts';
import {DrillRunner} from './runner.ts';
import {ObservationRecorder} from './taking.ts';
import {verify} from './verify.ts';
import {type Waiting, waitUntil} from './wait-until.ts';

/** So many acknowledged writes tell of the time before: a second's. */
const enoughWrites = 10;
/** So long it is looked at before anything is done, at least and at most, ms. */
const baseline = {least: 2000, most: 20_000};
/** Each stage may take the cluster so long; the operator's hand has all day. */
const stageMaxMs = {cluster: 600_000, hand: 86_400_000};
/** Rows that nobody asks about any more are taken away within this, ms. */
const tidying = 3000;

type Begin = Effect & {type: 'drill.begin'};

export type DrillControllerOptions = {
	config: Pick<Config, 'scope' | 'probe'>;
	runtime: Pick<Runtime, 'state' | 'dispatch' | 'subscribe'>;
	recordings: Pick<SessionRecorder, 'begin' | 'turn'>;
	/** Where recordings go. */
	folder: string;
	onFault: (error: unknown) => void;
};

export class DrillController {
	readonly #options: DrillControllerOptions;
	#taking: ObservationRecorder | undefined;
	#stop = new AbortController();
	#closing = false;
	#going: Promise<void> = Promise.resolve();

	constructor(options: DrillControllerOptions) {
		this.#options = options;
		options.runtime.subscribe(state => {
			this.#taking?.told(state);
		});
	}

	/** Told of each event before it is worked on. */
	take(stamped: Stamped, before: State): void {
		this.#taking?.take(stamped, before);
	}

	perform(effect: Effect): void {
		const {onFault} = this.#options;
		switch (effect.type) {
			case 'drill.prepare': {
				this.#prepare(effect.question, effect.kind).catch(onFault);
				break;
			}

			case 'drill.begin': {
				this.#going = this.#conduct(effect).catch(onFault);
				break;
			}

			case 'drill.stop': {
				this.#stop.abort();
				break;
			}

			default: {
				break;
			}
		}
	}

	/** Breaks off what goes on; resolves when that is told and kept. */
	async close(): Promise<void> {
		this.#closing = true;
		this.#stop.abort();
		await this.#going;
	}

	async #prepare(question: number, kind: DrillKind): Promise<void> {
		const {config, folder, runtime} = this.#options;
		try {
			const file = await defaultFile(folder, config.scope, new Date(), `-drill-${kind}`);
			const {earlier, unreadable} = await earlierDrills(config.scope, kind);
			const prepared = {id: randomUUID(), file, rows: config.probe?.table !== undefined, earlier};
			runtime.dispatch({type: 'drill.prepared', question, prepared});
			if (unreadable > 0) {
				this.#tell(
					`${unreadable} lines of ${drillsFile()} can not be read: they are left out of the comparison`,
				);
			}
		} catch (error) {
			this.#tell(`the drill can not be prepared: ${reasonOf(error)}`);
		}
	}

	async #conduct(begin: Begin): Promise<void> {
		const {runtime, recordings} = this.#options;
		const {recording} = runtime.state.drill ?? {};
		this.#stop = new AbortController();
		this.#taking = new ObservationRecorder();
		const own = recording?.own ?? false;
		try {
			if (own) {
				await recordings.begin(begin.prepared.file, begin.reason === '' ? undefined : begin.reason);
			}
		} catch (error) {
			if (!(error instanceof RecordingError)) {
				throw error;
			}

			runtime.dispatch({
				type: 'drill.ended',
				result: 'failed',
				text: `nothing was sent: it can not be recorded: ${error.message}`,
			});
			this.#taking = undefined;
			return;
		}

		const ended = await this.#drilled(begin, this.#taking);
		this.#taking = undefined;
		await this.#kept(ended, begin, recording?.file ?? begin.prepared.file);
		// Whoever ends the console ends its recording, and says where it is.
		if (own && !this.#closing) {
			await recordings.turn(false);
		}
	}

	/** Undefined where it did not begin. */
	async #drilled({drill, prepared}: Begin, {tracks}: ObservationRecorder): Promise<Ended | undefined> {
		const {runtime, config} = this.#options;
		const wait = waitUntil(runtime, this.#stop.signal);
		const {probe} = config;
		const written = probe && {
			...probe,
			...(probe.table === undefined ? {} : {rows: {table: probe.table, drill: prepared.id}}),
		};
		const problem = await this.#hindrance(wait, tracks);
		if (problem === undefined) {
			runtime.dispatch({type: 'drill.begun', drill});
		} else {
			runtime.dispatch({type: 'drill.ended', result: 'failed', text: `nothing was sent: ${problem}`});
		}

		if (!isDrillRunning(runtime.state.drill)) {
			// Nothing was done that a row could have been lost by.
			await verify(written, new Set(tracks.numbers), tidying);
			return undefined;
		}

		const course = new DrillRunner({runtime, tracks, probe: written, wait, stageMaxMs: stageMaxMs});
		return drill.kind === 'power-cut'
			? course.powerCut(drill)
			: course.operation(drill, runtime.state.runs.at(-1)?.id ?? 0);
	}

	/** Looks for a moment, so that what comes can be compared with what was. */
	async #hindrance(wait: Waiting, tracks: ObservationRecorder['tracks']): Promise<string | undefined> {
		const {runtime, config} = this.#options;
		runtime.dispatch({type: 'drill.stage', stage: 'baseline'});
		const from = runtime.state.now;
		const writes = () => config.probe === undefined || (tracks.writes && tracks.acknowledged >= enoughWrites);
		const whole = () => tracks.missing.at(-1)?.value.length === 0;
		const seen = await wait(
			({now}) => now - from >= baseline.least && tracks.leader.length > 0 && whole() && writes(),
			baseline.most,
		);
		if (seen === 'seen') {
			return undefined;
		}

		if (seen === 'broken off') {
			return 'it was broken off';
		}

		const {cluster, target} = runtime.state;
		const why =
			cluster.probes.get(target.probe?.ports.write ?? 0)?.failing?.reason ?? 'the probe tells nothing';
		return writes()
			? `a drill begins with a cluster that is whole: ${tracks.missing.at(-1)?.value.join(', ') ?? 'it was not seen'}`
			: `no write is acknowledged: ${why}`;
	}

	async #kept(ended: Ended | undefined, {reason}: Begin, recording: string): Promise<void> {
		if (ended === undefined) {
			return;
		}

		try {
			const {scope} = this.#options.config;
			await saveDrill(ended, {scope, recording, reason: reason === '' ? undefined : reason});
		} catch (error) {
			this.#tell(
				`${drillsFile()} can not be written: ${reasonOf(error)}; the next drill is not compared with this one`,
			);
		}
	}

	#tell(text: string): void {
		this.#options.runtime.dispatch({type: 'notice', text, tone: 'warn'});
	}
}
