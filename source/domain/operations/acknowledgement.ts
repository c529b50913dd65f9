/** The audit record of an operator's note on what a change of leader has cost. */
import type {LeaderChange} from '../cluster/loss.ts';
import {describeLoss, nameOfChange} from '../cluster/loss-text.ts';

export type Acknowledgement = {
	/** Version of the format. */
	version: 1;
	/** Time in ISO 8601. */
	at: string;
	phase: 'acknowledged';
	scope: string;
	what: string;
	reason: string;
	/** When the leader changed, in ISO 8601. */
	changed_at: string;
	old_leader: string;
	new_leader: string;
	loss: LeaderChange['loss'];
};

export function acknowledgement(
	change: LeaderChange,
	reason: string,
	scope: string,
	at: number,
): Acknowledgement {
	return {
		version: 1,
		at: new Date(at).toISOString(),
		phase: 'acknowledged',
		scope,
		what: `${nameOfChange(change)}: ${describeLoss(change, at)}`,
		reason,
		changed_at: new Date(change.at).toISOString(),
		old_leader: change.from.leader,
		new_leader: change.to,
		loss: change.loss,
	};
}
