/** Whether two states look different: most facts only confirm what is on the screen already. */
import type {Cluster} from '../../domain/cluster.ts';
import type {Probe} from '../../domain/probes.ts';
import {picture, type State} from '../state.ts';
import {layerPane} from './layer.ts';
import {leaderPane} from './leader.ts';
import {membersPane} from './members.ts';
import {verdictLine} from './verdict.ts';
import {vipPane} from './vip.ts';

export function differs(before: State, after: State): boolean {
	// Keys and ticks always show; between two ticks the clock of the screen stands still, and only the rows can change.
	if (before.view !== after.view || before.now !== after.now || before.timeline !== after.timeline) {
		return true;
	}

	return (
		before.cluster !== after.cluster &&
		!onlyProbes(before.cluster, after.cluster) &&
		looks(before) !== looks(after)
	);
}

/** An answer of a probe, of many a second, that tells nothing but its latency, waits for the tick. */
function onlyProbes(before: Cluster, after: Cluster): boolean {
	return (
		before.probes !== after.probes &&
		(Object.keys(after) as (keyof Cluster)[]).every(
			part => part === 'probes' || before[part] === after[part],
		) &&
		Object.values(after.probes).every(probe => sameStand(before.probes[probe.port], probe))
	);
}

function sameStand(was: Probe | undefined, is: Probe): boolean {
	return (
		was !== undefined &&
		was.since === is.since &&
		was.failing?.since === is.failing?.since &&
		was.failing?.reason === is.failing?.reason
	);
}

/** Each state is looked at twice, as the new one and as the old one. */
const known = new WeakMap<State, string>();

function looks(state: State): string {
	const before = known.get(state);
	if (before !== undefined) {
		return before;
	}

	const shown = picture(state);
	const text = JSON.stringify([
		membersPane(shown),
		leaderPane(shown),
		vipPane(shown),
		verdictLine(state),
		layerPane(state),
		shown.cluster.keys.initialize,
	]);
	known.set(state, text);
	return text;
}
