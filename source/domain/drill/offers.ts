import type {Scene} from '../operations/scene.ts';
import type {Offer} from '../operations/types.ts';
import {whyUnavailable} from './preconditions.ts';
import type {DrillKind} from './types.ts';

/** @param all what is offered for the same row */
export function drillOffers(all: readonly Offer[], scene: Scene): Offer[] {
	const switchover = all.find(({id}) => id === 'switchover');
	const poweroff = all.find(({id}) => id === 'poweroff');
	const hindrance = whyUnavailable(scene);
	const drill = (kind: DrillKind, label: string, offer: Offer): Offer => ({
		...offer,
		id: `drill ${kind}`,
		label: `drill: ${label}`,
		drill: kind,
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
