/** The preconditions of a drill, and the drills that the menu offers. */
import type {OperationContext, Precondition} from '../operations/types.ts';
import {blocking, type Offer, ok, warning} from '../operations/types.ts';
import {missingRedundancy} from './redundancy.ts';
import type {Drill, DrillKind, Goals, Prepared} from './types.ts';

/** Why no drill can begin now; undefined if one can. */
export function whyUnavailable(context: OperationContext): string | undefined {
	const missing = missingRedundancy(context);
	return missing.length === 0 ? undefined : needsWholeCluster(missing);
}

/** @param missing undefined if unknown */
export function needsWholeCluster(missing: readonly string[] | undefined): string {
	return `a drill needs full redundancy: ${missing?.join(', ') || 'not every source has reported'}`;
}

export type DrillToCheck = {
	kind: Drill['kind'];
	goals: {goals: Goals} | {problem: string};
	prepared: Prepared | undefined;
	/** A drill that is already running. */
	running: string | undefined;
};

export function drillPreconditions(
	{goals, prepared, running}: DrillToCheck,
	context: OperationContext,
): Precondition[] {
	const unavailable = whyUnavailable(context);
	return [
		...(running === undefined ? [] : [blocking(`${running} is running`)]),
		unavailable === undefined ? ok('full redundancy: nothing is missing') : blocking(unavailable),
		...('problem' in goals ? [blocking(`the goal: ${goals.problem}`)] : []),
		...checkProbe('goals' in goals ? goals.goals : {}, context),
		...(prepared === undefined ? [blocking('not prepared yet: press again in a moment')] : []),
		...(prepared?.rows === false && context.target.probe !== undefined
			? [warning('acknowledged writes cannot be verified: no table is configured (probe.table)')]
			: []),
	];
}

function checkProbe({writes}: Goals, {cluster, target}: OperationContext): Precondition[] {
	if (target.probe === undefined) {
		return [
			writes === undefined
				? warning('no probe is configured: the write outage cannot be measured')
				: blocking('no probe is configured: the write outage can have no goal'),
		];
	}

	const probe = cluster.probes.get(target.probe.ports.write ?? 0);
	if (probe === undefined) {
		return [
			warning('the probe has not been answered yet: nothing is sent before its writes are acknowledged'),
		];
	}

	return probe.failing === undefined
		? [ok('the probe works; it writes 20 times a second during the drill')]
		: [blocking(`the probe fails: ${probe.failing.reason}`)];
}

type Entry = Pick<Offer, 'id' | 'label' | 'operation'>;

/** The drills in the menu for a row, each with the entry of its operation. */
export function drillsBeside<E extends Entry>(
	all: readonly E[],
): {id: string; kind: DrillKind; label: string; madeOf: E}[] {
	const drill = (kind: DrillKind, label: string, madeOf: E) => ({
		id: `drill ${kind}`,
		kind,
		label: `drill: ${label}`,
		madeOf,
	});
	const switchover = all.find(({id}) => id === 'switchover');
	const poweroff = all.find(({id}) => id === 'poweroff');
	return [
		...(switchover === undefined ? [] : [drill('switchover', switchover.label, switchover)]),
		...(poweroff?.operation?.kind === 'poweroff'
			? [
					drill('shutdown', `shutdown of ${poweroff.operation.node}`, poweroff),
					drill('power-cut', `power cut of ${poweroff.operation.node}: you pull the plug`, poweroff),
				]
			: []),
	];
}

/** @param all all offers for the row */
export function drillOffers(all: readonly Offer[], context: OperationContext): Offer[] {
	const drills = drillsBeside(all);
	const unavailable = drills.length === 0 ? undefined : whyUnavailable(context);
	return drills.map(({id, kind, label, madeOf}) => ({
		...madeOf,
		id,
		label,
		drill: kind,
		command: undefined,
		disabledReason: madeOf.disabledReason ?? unavailable,
		// A power cut sends nothing, so nothing can fail to arrive.
		...(kind === 'power-cut' ? {warning: undefined} : {}),
	}));
}
