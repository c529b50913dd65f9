/** Who could take over, and what each change of leader has cost, in the JSON of a snapshot. */
import * as z from 'zod';
import type {LeaderChange} from '../domain/cluster/loss.ts';
import {describeLoss} from '../domain/cluster/loss-text.ts';
import type {Member} from '../domain/cluster/member.ts';
import {readinessOf} from '../domain/operations/preconditions/readiness.ts';
import {isoTime} from '../lib/format.ts';
import {operationContext} from '../state/selection.ts';
import type {State} from '../state/state.ts';

export const takeoverSchema = z.object({
	state: z
		.enum(['leads', 'yes', 'no', 'unknown'])
		.describe("whether it could take over now if the leader were gone, by Patroni's rules"),
	rule: z
		.enum(['unregistered', 'state', 'nofailover', 'watchdog', 'lag', 'timeline', 'sync', 'paused'])
		.nullable()
		.describe('of `no`: the rule that forbids it'),
	why: z
		.string()
		.nullable()
		.describe('of `no` and `unknown`: why; of `yes`: what would be missing then, or is not known; else null'),
});

export const lossSchema = z.object({
	at: z.string().nullable().describe('when it was seen, ISO 8601 in UTC'),
	from: z.string().describe('the old leader'),
	to: z.string().describe('the new leader'),
	kind: z
		.enum(['nothing', 'at_most', 'lost', 'unknown'])
		.describe(
			'of acknowledged writes: nothing is lost; at most `bytes` of WAL; some are lost; or not known (yet)',
		),
	bytes: z.number().nonnegative().nullable().describe('of WAL; null where it is not known'),
	bytes_are: z
		.enum(['exact', 'at_most', 'at_least'])
		.nullable()
		.describe(
			'what `bytes` are; at_least with `unknown`: WAL that is gone, whether or not a client was answered',
		),
	kept_until: z
		.string()
		.nullable()
		.describe('all that was acknowledged before is there; null where it is not known'),
	first_lost: z
		.string()
		.nullable()
		.describe('when the first write that is known to be lost was acknowledged; others may have been before'),
	last_lost: z.string().nullable().describe('the same of the last one; others may have been after'),
	text: z.string().describe('the same in words, as on the screen'),
});

export function takeoverJson(one: Member, state: State): z.infer<typeof takeoverSchema> {
	const readiness = readinessOf(one, operationContext(state));
	switch (readiness.state) {
		case 'leads': {
			return {state: 'leads', rule: null, why: null};
		}

		case 'yes': {
			return {state: 'yes', rule: null, why: readiness.concern ?? null};
		}

		case 'no': {
			return {state: 'no', rule: readiness.rule, why: readiness.text};
		}

		case 'unknown': {
			return {state: 'unknown', rule: null, why: readiness.text};
		}
	}
}

/** Null where changes of leader are not followed: in recordings of older consoles. */
export function lossesJson({cluster, now}: State): z.infer<typeof lossSchema>[] | null {
	return (
		cluster.leaders?.changes.map(change => ({
			at: isoTime(change.at),
			from: change.from.leader,
			to: change.to,
			...costOf(change),
			text: describeLoss(change, now),
		})) ?? null
	);
}

type Cost = Pick<
	z.infer<typeof lossSchema>,
	'kind' | 'bytes' | 'bytes_are' | 'kept_until' | 'first_lost' | 'last_lost'
>;

function costOf({loss}: LeaderChange): Cost {
	const none = {bytes: null, bytes_are: null, kept_until: null, first_lost: null, last_lost: null} as const;
	switch (loss?.kind) {
		case 'nothing': {
			return {...none, kind: 'nothing', bytes: 0, bytes_are: 'exact'};
		}

		case 'at-most': {
			return {...none, kind: 'at_most', bytes: loss.bytes, bytes_are: 'at_most'};
		}

		case 'lost': {
			return {
				kind: 'lost',
				bytes: loss.bytes ?? null,
				bytes_are: loss.bytes === undefined ? null : loss.isAll ? 'exact' : 'at_least',
				kept_until: isoTime(loss.since),
				first_lost: isoTime(loss.from),
				last_lost: isoTime(loss.to),
			};
		}

		case 'unknown': {
			return {
				...none,
				kind: 'unknown',
				bytes: loss.beyond ?? null,
				bytes_are: loss.beyond === undefined ? null : 'at_least',
				kept_until: isoTime(loss.since),
			};
		}

		case undefined: {
			return {...none, kind: 'unknown'};
		}
	}
}
