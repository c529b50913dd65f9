/** Runs a drill from its start: waits, measures and judges; shared by command and menu. */
import type {ProbeAccess} from '../config/probe.ts';
import {measuresOf} from '../domain/drill/measures.ts';
import type {Observations} from '../domain/drill/observations.ts';
import {missingTakeover} from '../domain/drill/takeover.ts';
import type {Drill, DrillResult, Measure, StageId, Window} from '../domain/drill/types.ts';
import {drillVerdict} from '../domain/drill/verdict.ts';
import type {Runtime} from '../runtime.ts';
import type {State} from '../state/state.ts';
import {verify} from './verify.ts';

/** ms of full redundancy until a drill ends. */
const wholeForMs = 5000;
/** ms to look for rows, since the cluster may be unwell; less after an abort. */
const verifyMaxMs = {ended: 10_000, aborted: 3000};

export type DrillEnd = {
	result: DrillResult;
	text: string;
	drill: Drill;
	measures: readonly Measure[];
};

export type DrillRunnerOptions = {
	runtime: Pick<Runtime, 'state' | 'dispatch' | 'subscribe'>;
	observations: Observations;
	/** The probe's access, with the table of its rows. */
	probe: ProbeAccess | undefined;
	wait: WaitUntil;
	/** Limit of a stage, for the cluster and for the operator. */
	stageMaxMs: {cluster: number; operator: number};
};

export class DrillRunner {
	readonly #options: DrillRunnerOptions;

	constructor(options: DrillRunnerOptions) {
		this.#options = options;
	}

	/** @param id of the run that was sent */
	async operation(drill: Drill, id: number): Promise<DrillEnd> {
		const run = () => this.#state.runs.find(one => one.id === id);
		const from = run()?.confirmedAt ?? this.#state.now;
		return this.#measured(
			() => from,
			async () => {
				this.#stage('done');
				const waited = await this.#options.wait(
					() => !['unknown', undefined].includes(run()?.outcome?.kind),
					this.#options.stageMaxMs.cluster,
				);
				const outcome = run()?.outcome;
				if (waited !== 'seen' || (outcome?.kind !== 'done' && outcome?.kind !== 'elsewhere')) {
					return this.#end(
						drill,
						from,
						waited === 'seen'
							? `${outcome?.kind}: ${outcome?.text}`
							: timeoutMessage(waited, 'no source has seen it'),
					);
				}

				return drill.kind === 'switchover'
					? this.#waitForRedundancy(drill, from)
					: this.#waitForPowerOn(drill, from);
			},
		);
	}

	async powerCut(drill: Drill): Promise<DrillEnd> {
		const {observations, wait, stageMaxMs} = this.#options;
		const begun = this.#state.now;
		const absence = () =>
			observations.absences.find(({node, since}) => node === drill.target && since >= begun - wholeForMs);
		return this.#measured(
			() => absence()?.since ?? begun,
			async () => {
				this.#stage('plug');
				this.#askOperator(`pull the plug of ${drill.target} now`);
				const gone = await wait(() => absence() !== undefined, stageMaxMs.operator);
				const from = absence()?.since ?? begun;
				return gone === 'seen'
					? this.#waitForPowerOn(drill, from)
					: this.#end(drill, from, timeoutMessage(gone, 'the plug was not pulled'));
			},
		);
	}

	get #state(): State {
		return this.#options.runtime.state;
	}

	/** Waits for the takeover, then for the operator to switch the machine on again. */
	async #waitForPowerOn(drill: Drill, from: number): Promise<DrillEnd> {
		const {observations, wait, stageMaxMs} = this.#options;
		this.#stage('taken');
		const taken = await wait(state => missingTakeover(state, drill.target).length === 0, stageMaxMs.cluster);
		if (taken === 'seen') {
			this.#stage('on');
		}

		this.#askOperator(`switch ${drill.target} on again`);
		if (taken !== 'seen') {
			return this.#end(drill, from, timeoutMessage(taken, 'no other member has taken over'));
		}

		const back = await wait(
			() => observations.absences.every(({node, until}) => node !== drill.target || until !== undefined),
			stageMaxMs.operator,
		);
		return back === 'seen'
			? this.#waitForRedundancy(drill, from)
			: this.#end(drill, from, timeoutMessage(back, `${drill.target} did not come back`));
	}

	async #waitForRedundancy(drill: Drill, from: number): Promise<DrillEnd> {
		const {observations, wait, stageMaxMs} = this.#options;
		this.#stage('whole');
		const whole = await wait(({now}) => {
			const last = observations.missing.at(-1);
			return last !== undefined && last.value.length === 0 && last.at > from && now - last.at >= wholeForMs;
		}, stageMaxMs.cluster);
		const missing = observations.missing.at(-1)?.value.join(', ');
		return this.#end(
			drill,
			from,
			whole === 'seen' ? undefined : timeoutMessage(whole, `still missing: ${missing}`),
		);
	}

	/** @param problem the reason if the drill did not complete */
	async #end(drill: Drill, from: number, problem: string | undefined): Promise<DrillEnd> {
		const {observations, runtime, probe} = this.#options;
		if (problem === undefined) {
			this.#stage('verified');
		}

		const verified = await verify(
			probe,
			new Set(observations.numbers),
			verifyMaxMs[problem === aborted ? 'aborted' : 'ended'],
		);
		runtime.dispatch({type: 'drill.verified', ...verified});
		const measures = measuresOf(observations, since(from), verified);
		runtime.dispatch({type: 'drill.measured', measures});
		const verdict =
			problem === undefined
				? drillVerdict(drill, measures, verified)
				: {result: problem === aborted ? ('unknown' as const) : ('failed' as const), text: problem};
		return {...verdict, drill, measures};
	}

	/** Reports the measures with each tick, and the end. */
	async #measured(from: () => number, run: () => Promise<DrillEnd>): Promise<DrillEnd> {
		const {runtime, observations} = this.#options;
		let last = '';
		let {now} = runtime.state;
		const stop = runtime.subscribe(state => {
			if (state.now === now) {
				return;
			}

			({now} = state);
			const measures = soFar(measuresOf(observations, since(from()), undefined));
			const text = JSON.stringify(measures);
			if (text !== last) {
				last = text;
				runtime.dispatch({type: 'drill.measured', measures});
			}
		});
		let end: DrillEnd;
		try {
			end = await run();
		} finally {
			stop();
		}

		runtime.dispatch({type: 'drill.ended', result: end.result, text: end.text});
		return end;
	}

	#stage(stage: StageId): void {
		this.#options.runtime.dispatch({type: 'drill.stage', stage});
	}

	#askOperator(text: string): void {
		this.#options.runtime.dispatch({type: 'drill.asked', text});
	}
}

function since(from: number): Window {
	return {from, to: Infinity, exact: true};
}

/** Measures so far; lost writes are verified only at the end. */
function soFar(measures: readonly Measure[]): Measure[] {
	return measures.map(one => (one.id === 'lost' ? {...one, note: 'verified at the end'} : one));
}

const aborted = 'aborted';

function timeoutMessage(waited: Waited, why: string): string {
	return waited === 'aborted' ? aborted : `not in time: ${why}`;
}

export type Waited = 'seen' | 'late' | 'aborted';

/** Resolves when the condition holds, when time is out, or when the drill is aborted. */
export type WaitUntil = (isSo: (state: State) => boolean, maxMs: number) => Promise<Waited>;

export function waitUntil(runtime: Pick<Runtime, 'state' | 'subscribe'>, signal: AbortSignal): WaitUntil {
	return async (isSo, maxMs) => {
		if (isSo(runtime.state)) {
			return 'seen';
		}

		const {promise, resolve} = Promise.withResolvers<Waited>();
		const stop = runtime.subscribe(state => {
			if (isSo(state)) {
				resolve('seen');
			}
		});
		const timer = setTimeout(() => {
			resolve('late');
		}, maxMs);
		const abort = () => {
			resolve('aborted');
		};
		signal.addEventListener('abort', abort);
		if (signal.aborted) {
			abort();
		}

		try {
			return await promise;
		} finally {
			stop();
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
		}
	};
}
