/** What the trends in a snapshot must be. */
import * as z from 'zod';
import {spanBuckets, spans, sqlMeasures} from '../domain/sql-trends.ts';
import {bucketsMax} from '../domain/trends.ts';
import {maybeNumber, named, texts, time, yes} from './value-schema.ts';

const runs = <T>(value: z.ZodType<T>, max = bucketsMax) =>
	z.array(z.tuple([z.number().int().min(1).max(max), value.optional()])).max(max);

const rangeSeries = z.object({
	bucketMs: z.number().int().positive(),
	number: z.number().int(),
	runs: runs(z.tuple([z.number(), z.number()]), spanBuckets),
});

const allOf = <K extends string, T extends z.ZodType>(names: readonly K[], type: T) =>
	z.object(Object.fromEntries(names.map(name => [name, type])));

/** As `SqlTrends`. */
const sqlTrends = named(
	z.object({
		point: z
			.object({at: time, serverTime: time, startedAt: time, inRecovery: yes, location: z.number()})
			.optional(),
		measures: allOf(
			sqlMeasures,
			z
				.object({
					since: time,
					last: z.number(),
					at: time,
					...allOf(
						spans.map(({id}) => id),
						rangeSeries,
					).shape,
				})
				.optional(),
		),
	}),
);

const probeBucket = z.object({latency: maybeNumber, failed: yes});

export const trends = z.object({
	number: z.number().int(),
	current: z.object({
		leader: texts.optional(),
		vip: texts.optional(),
		lag: named(z.number()),
		probes: named(probeBucket),
	}),
	leader: runs(texts),
	vip: runs(texts),
	lag: named(runs(z.number())),
	probes: named(
		z.object({
			latency: runs(z.number()),
			failed: runs(yes),
			answers: z.array(z.object({minute: z.number(), counts: z.array(z.tuple([z.number(), z.number()]))})),
		}),
	),
	sql: sqlTrends.optional(),
});
