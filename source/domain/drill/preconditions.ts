import type {OperationContext, Precondition} from '../operations/types.ts';
import {blocking, type Offer, ok, warning} from '../operations/types.ts';
import {missingRedundancy} from './redundancy.ts';
import type {Drill, DrillKind, Goals, Prepared} from './types.ts';

/** Why no drill can begin now. */
export function whyUnavailable(scene: OperationContext): string | undefined {
	const missing = missingRedundancy(scene);
	return missing.length === 0 ? undefined : needsWholeCluster(missing);
}

/** @param missing undefined: not known */
export function needsWholeCluster(missing: readonly string[] | undefined): string {
	return `a drill needs a whole cluster: ${missing?.join(', ') || 'not all of it was seen'}`;
}

export type Asked = {
	kind: Drill['kind'];
	goals: {goals: Goals} | {problem: string};
	prepared: Prepared | undefined;
	/** Another one goes on. */
	going: string | undefined;
};

export function drillPreconditions({goals, prepared, going}: Asked, scene: OperationContext): Precondition[] {
	const hindrance = whyUnavailable(scene);
	return [
		...(going === undefined ? [] : [blocking(`${going} goes on`)]),
		hindrance === undefined ? ok('the cluster is whole: nothing is missing') : blocking(hindrance),
		...('problem' in goals ? [blocking(`the goal: ${goals.problem}`)] : []),
		...probeChecks('goals' in goals ? goals.goals : {}, scene),
		...(prepared === undefined
			? [blocking('not prepared yet: where it is recorded is being found out')]
			: []),
		...(prepared?.rows === false && scene.target.probe !== undefined
			? [
					warning(
						'acknowledged writes can not be looked for afterwards: no table is configured (probe.table)',
					),
				]
			: []),
	];
}

function probeChecks({writes}: Goals, {cluster, target}: OperationContext): Precondition[] {
	if (target.probe === undefined) {
		return [
			writes === undefined
				? warning('no probe is configured: the time without writes can not be measured')
				: blocking('no probe is configured: there can be no goal for the time without writes'),
		];
	}

	const probe = cluster.probes.get(target.probe.ports.write ?? 0);
	if (probe === undefined) {
		return [
			warning('the probe has not been answered yet: nothing is sent before its writes are acknowledged'),
		];
	}

	return probe.failing === undefined
		? [ok('the probe is answered; it writes, twenty times a second, as long as the drill goes on')]
		: [blocking(`the probe is not answered: ${probe.failing.reason}`)];
}

/** @param all what is offered for the same row */
export function drillOffers(all: readonly Offer[], scene: OperationContext): Offer[] {
	const switchover = all.find(({id}) => id === 'switchover');
	const poweroff = all.find(({id}) => id === 'poweroff');
	const hindrance = whyUnavailable(scene);
	const drill = (kind: DrillKind, label: string, offer: Offer): Offer => ({
		...offer,
		id: `drill ${kind}`,
		label: `drill: ${label}`,
		drill: kind,
		command: undefined,
		disabledReason: offer.disabledReason ?? hindrance,
	});
	return [
		...(switchover === undefined ? [] : [drill('switchover', switchover.label, switchover)]),
		...(poweroff?.operation?.kind === 'poweroff'
			? [
					drill('shutdown', `shutdown of ${poweroff.operation.node}`, poweroff),
					{
						...drill('power-cut', `power cut of ${poweroff.operation.node}, by your hand`, poweroff),
						// Nothing is sent.
						warning: undefined,
					},
				]
			: []),
	];
}
