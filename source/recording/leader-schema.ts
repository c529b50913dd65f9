/** The schema of the changes of leader in a recorded state. */
import * as z from 'zod';
import {maybeNumber, maybeText, text, time, yes} from './value-schema.ts';

const serverWrites = z.array(
	z.object({
		server: text,
		member: maybeText,
		writes: z.array(z.object({location: z.number(), startedAt: time, at: time})),
	}),
);

const leadership = z.object({
	leader: text,
	store: z.number(),
	revision: z.number(),
	timeline: maybeNumber,
	begin: maybeNumber,
	positions: z.array(z.object({location: z.number(), at: time})),
	published: maybeNumber,
	released: maybeNumber,
	synchronousCommit: maybeText,
});

export const leaders = z.object({
	current: leadership.optional(),
	servers: serverWrites,
	count: z.number(),
	changes: z.array(
		z.object({
			id: z.number(),
			at: time,
			from: leadership,
			to: text,
			store: z.number(),
			revision: z.number(),
			isSync: yes,
			servers: serverWrites,
			end: z.object({location: z.number(), isStable: yes}).optional(),
			fork: z
				.discriminatedUnion('kind', [
					z.object({kind: z.literal('line'), location: z.number()}),
					z.object({kind: z.literal('own'), location: maybeNumber}),
					z.object({kind: z.literal('left'), location: maybeNumber}),
				])
				.optional(),
			loss: z
				.discriminatedUnion('kind', [
					z.object({kind: z.literal('nothing'), proof: z.enum(['sync', 'stop', 'own'])}),
					z.object({kind: z.literal('at-most'), bytes: z.number()}),
					z.object({
						kind: z.literal('lost'),
						since: time.optional(),
						from: time,
						to: time,
						bytes: maybeNumber,
						isAll: yes,
					}),
					z.object({
						kind: z.literal('unknown'),
						why: z.enum(['end', 'timeline']),
						beyond: maybeNumber,
						since: time.optional(),
					}),
				])
				.optional(),
			acknowledged: z.object({at: time, reason: text}).optional(),
		}),
	),
});
