/** What a replay shows of a recording that grows: how old it is, and that nothing old looks as if it were true now. */
import type {Stamped} from '../domain/events.ts';
import {age, clock} from '../lib/format.ts';
import type {WatchState} from '../recording/watch-lock.ts';
import type {LivePlayback, State} from '../state/state.ts';
import {update} from '../state/update.ts';

/** A watch writes once a second, in calm every other one, and the writing takes a moment; later than this, it does not record, ms. */
export const silentAfterMs = 6000;
/** What is shown at the end is this old at most, as a rule, and its age would only flicker, ms. */
const usualAgeMs = 4000;

/** The watch, as its folder shows it. */
export type LiveWatch = {
	state: WatchState;
	/** Set by an orderly end, Unix ms. */
	ended: {at: number; why: string} | undefined;
	/** Since something was read last, ms: what is recorded may be ahead of this machine's clock, which was set back. */
	quietMs: number;
};

/** `shownAt` and `endedAt`: of what is shown, and of the newest that is recorded, Unix ms. */
type Position = {shownAt: number; endedAt: number; isFollowing: boolean};

/** The end of a recording that grows. */
export class LiveEnd {
	readonly #watch: () => LiveWatch;
	readonly #now: () => number;
	/** Computed once a second. */
	#silenced: {of: State; second: number; state: State} | undefined;

	/** @param now Unix ms, by this machine's clock */
	constructor(watch: () => LiveWatch, now: () => number) {
		this.#watch = watch;
		this.#now = now;
	}

	playback({shownAt, endedAt, isFollowing}: Position): LivePlayback {
		const {state, ended, quietMs} = this.#watch();
		const now = this.#now();
		const silentMs = wholeSeconds(Math.max(now - endedAt, quietMs));
		const ageMs = wholeSeconds(Math.max(0, now - shownAt));
		const isUsual = isFollowing && Math.max(ageMs, silentMs) < usualAgeMs;
		const position = {isFollowing, ageMs: isUsual ? 0 : ageMs, silentMs: isUsual ? 0 : silentMs};
		if (state !== 'stopped') {
			return silentMs > silentAfterMs
				? {
						...position,
						stopped: `the watch has recorded nothing for ${age(silentMs)}`,
						reason: 'the watch records nothing',
					}
				: {...position, stopped: undefined, reason: undefined};
		}

		return ended === undefined
			? {
					...position,
					stopped: `the watch was killed ${age(silentMs)} ago`,
					reason: 'the watch was killed',
				}
			: {
					...position,
					stopped: `the watch ended at ${clock(ended.at, now)}, ${age(silentMs)} ago (${ended.why})`,
					reason: 'the watch ended',
				};
	}

	/** What was true when the watch stopped is not shown as true now. */
	stateFor(state: State, {isFollowing, reason}: LivePlayback): State {
		if (!isFollowing || reason === undefined) {
			return state;
		}

		const second = Math.floor(this.#now() / 1000);
		if (this.#silenced?.of !== state || this.#silenced.second !== second) {
			const now = Math.max(second * 1000, state.now);
			this.#silenced = {of: state, second, state: silencedState(state, reason, now)};
		}

		return this.#silenced.state;
	}
}

function wholeSeconds(milliseconds: number): number {
	return Math.floor(milliseconds / 1000) * 1000;
}

/** The state as of now, if nothing was heard since its last event: no source of it is fresh. */
function silencedState(state: State, reason: string, now: number): State {
	const lost = [...state.cluster.sourceStatuses].flatMap(([source, status]): Stamped[] =>
		status.state === 'lost'
			? []
			: [{at: now, event: {type: 'source.lost', source, reason, refused: false, fault: true}}],
	);
	const {timeline} = state;
	const silenced = [...lost, {at: now, event: {type: 'tick'} as const}].reduce(
		(before, stamped) => update(before, stamped)[0],
		state,
	);
	// That the watch stopped is no event of the cluster.
	return {...silenced, timeline};
}
