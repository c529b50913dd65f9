/** A drill from the moment when it has begun: waited for, measured, and judged; the same for the command and for the menu. */
import type {ProbeAccess} from '../config/probe.ts';
import {measuresOf} from '../domain/drill/measures.ts';
import type {Observations} from '../domain/drill/observations.ts';
import type {Drill, Measure, StageId, Window} from '../domain/drill/types.ts';
import {judge} from '../domain/drill/verdict.ts';
import type {Runtime} from '../runtime.ts';
import type {State} from '../state/state.ts';
import {brokenOff, type Ended, failedOr, isTakenOver, timeoutMessage} from './outcome.ts';
import {verify} from './verify.ts';
import type {Waiting} from './wait-until.ts';

/** Nothing was missing for so long: it is over, ms. */
const lasting = 5000;
/** Rows are looked for so long, ms: the cluster may be anything but well. Whoever breaks it off waits less. */
const settleMs = {ended: 10_000, brokenOff: 3000};

export type DrillRunnerOptions = {
	runtime: Pick<Runtime, 'state' | 'dispatch' | 'subscribe'>;
	tracks: Observations;
	/** With the rows that its writes are. */
	probe: ProbeAccess | undefined;
	wait: Waiting;
	/** ms that the cluster, and the operator's hand, may take for a stage. */
	stageMaxMs: {cluster: number; hand: number};
};

export class DrillRunner {
	readonly #options: DrillRunnerOptions;

	constructor(options: DrillRunnerOptions) {
		this.#options = options;
	}

	/** What was sent is the run of this number. */
	async operation(drill: Drill, id: number): Promise<Ended> {
		const run = () => this.#state.runs.find(one => one.id === id);
		const from = run()?.confirmedAt ?? this.#state.now;
		return this.#measured(from, async () => {
			this.#stage('done');
			const done = await this.#options.wait(
				() => !['unknown', undefined].includes(run()?.outcome?.kind),
				this.#options.stageMaxMs.cluster,
			);
			const outcome = run()?.outcome;
			if (done !== 'seen' || (outcome?.kind !== 'done' && outcome?.kind !== 'elsewhere')) {
				return this.#ended(
					drill,
					from,
					done === 'seen'
						? `${outcome?.kind}: ${outcome?.text}`
						: timeoutMessage(done, 'it was not seen to happen'),
				);
			}

			return drill.kind === 'switchover' ? this.#redundancy(drill, from) : this.#powerOn(drill, from);
		});
	}

	async powerCut(drill: Drill): Promise<Ended> {
		const {tracks, wait, stageMaxMs: within} = this.#options;
		const begun = this.#state.now;
		const absence = () =>
			tracks.absences.find(({node, since}) => node === drill.target && since >= begun - lasting);
		return this.#measured(
			() => absence()?.since ?? begun,
			async () => {
				this.#stage('plug');
				this.#asks(`pull the plug of ${drill.target} now`);
				const gone = await wait(() => absence() !== undefined, within.hand);
				const from = absence()?.since ?? begun;
				return gone === 'seen'
					? this.#powerOn(drill, from)
					: this.#ended(drill, from, timeoutMessage(gone, 'nobody pulled the plug'));
			},
		);
	}

	get #state(): State {
		return this.#options.runtime.state;
	}

	/** Once others have taken over all that it had. */
	async #powerOn(drill: Drill, from: number): Promise<Ended> {
		const {tracks, wait, stageMaxMs: within} = this.#options;
		this.#stage('taken');
		const taken = await wait(state => isTakenOver(state, drill.target), within.cluster);
		if (taken === 'seen') {
			this.#stage('on');
		}

		this.#asks(`switch ${drill.target} on again`);
		if (taken !== 'seen') {
			return this.#ended(drill, from, timeoutMessage(taken, 'nobody has taken over'));
		}

		const back = await wait(
			() => tracks.absences.every(({node, until}) => node !== drill.target || until !== undefined),
			within.hand,
		);
		return back === 'seen'
			? this.#redundancy(drill, from)
			: this.#ended(drill, from, timeoutMessage(back, `${drill.target} did not come back`));
	}

	async #redundancy(drill: Drill, from: number): Promise<Ended> {
		const {tracks, wait, stageMaxMs: within} = this.#options;
		this.#stage('whole');
		const whole = await wait(({now}) => {
			const last = tracks.missing.at(-1);
			return last !== undefined && last.value.length === 0 && last.at > from && now - last.at >= lasting;
		}, within.cluster);
		const lacks = tracks.missing.at(-1)?.value.join(', ');
		return this.#ended(
			drill,
			from,
			whole === 'seen' ? undefined : timeoutMessage(whole, `still missing: ${lacks}`),
		);
	}

	/** @param problem why it did not come to its end */
	async #ended(drill: Drill, from: number, problem: string | undefined): Promise<Ended> {
		const {tracks, runtime, probe} = this.#options;
		if (problem === undefined) {
			this.#stage('verified');
		}

		const verified = await verify(
			probe,
			new Set(tracks.numbers),
			settleMs[problem === brokenOff ? 'brokenOff' : 'ended'],
		);
		runtime.dispatch({type: 'drill.verified', ...verified});
		const measures = measuresOf(tracks, since(from), verified);
		runtime.dispatch({type: 'drill.measured', measures});
		const judged = problem === undefined ? judge(drill, measures, verified) : failedOr(problem);
		return {...judged, drill, measures};
	}

	/** As far as can be told by now, with each tick; resolves with the end, of which it tells as well. */
	async #measured(from: number | (() => number), run: () => Promise<Ended>): Promise<Ended> {
		const {runtime, tracks} = this.#options;
		let last = '';
		let {now} = runtime.state;
		const stop = runtime.subscribe(state => {
			if (state.now === now) {
				return;
			}

			({now} = state);
			const measures = soFar(measuresOf(tracks, since(typeof from === 'number' ? from : from()), undefined));
			const text = JSON.stringify(measures);
			if (text !== last) {
				last = text;
				runtime.dispatch({type: 'drill.measured', measures});
			}
		});
		let ended: Ended;
		try {
			ended = await run();
		} finally {
			stop();
		}

		runtime.dispatch({type: 'drill.ended', result: ended.result, text: ended.text});
		return ended;
	}

	#stage(stage: StageId): void {
		this.#options.runtime.dispatch({type: 'drill.stage', stage});
	}

	#asks(text: string): void {
		this.#options.runtime.dispatch({type: 'drill.asked', text});
	}
}

function since(from: number): Window {
	return {from, to: Infinity, exact: true};
}

/** Nobody has looked for lost writes yet, and that is no news. */
function soFar(measures: readonly Measure[]): Measure[] {
	return measures.map(one => (one.id === 'lost' ? {...one, note: 'looked for at the end'} : one));
}
