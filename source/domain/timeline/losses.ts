/** Timeline entries on what a change of leader has cost. */
import type {Cluster} from '../cluster/cluster.ts';
import type {LeaderChange} from '../cluster/loss.ts';
import {describeLoss, nameOfChange} from '../cluster/loss-text.ts';
import type {Entry} from '../facts.ts';

export function lossEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = before.leaders?.changes ?? [];
	const is = after.leaders?.changes ?? [];
	return was === is
		? []
		: is.flatMap(change =>
				entriesOf(
					was.find(({id}) => id === change.id),
					change,
					at,
				),
			);
}

/** Further writes of the same loss are no news. */
function entriesOf(was: LeaderChange | undefined, is: LeaderChange, at: number): Entry[] {
	const {loss} = is;
	const isNews =
		loss !== undefined &&
		(loss.kind !== was?.loss?.kind || is.fork?.kind !== was.fork?.kind) &&
		// What is known of the fork may change, and nothing of what it says.
		(was?.loss === undefined || describeLoss(was, at) !== describeLoss(is, at));
	return isNews
		? [
				{
					at,
					kind: 'timeline',
					turn: loss.kind === 'lost' ? 'worse' : 'news',
					text: `${nameOfChange(is)}: ${describeLoss(is, at)}`,
					about: {
						of: 'loss',
						change: is.id,
						to: is.to,
						loss: loss.kind,
						bytes: loss.kind === 'at-most' ? loss.bytes : undefined,
					},
				},
			]
		: [];
}
