/** Fields shared by Patroni's keys in the DCS and its REST answers; an invalid field is ignored alone. */
import * as z from 'zod';
import {withoutSecret} from '../lib/secrets.ts';

export const textOrNothing = z.string().min(1).optional().catch(undefined);

/** A non-negative integer: a timeline, a WAL position, a time in seconds, a version. */
export const countOrNothing = z.int().nonnegative().optional().catch(undefined);

/** A time in ISO 8601, as Patroni writes it. */
export const dateOrNothing = z.string().refine(isDate).optional().catch(undefined);

export function isDate(text: string): boolean {
	return !Number.isNaN(Date.parse(text));
}

/** `http(s)://HOST[:PORT]/…`, to which requests can be sent. */
export const httpUrlOrNothing = z.string().refine(isHttpUrl).optional().catch(undefined);

function isHttpUrl(text: string): boolean {
	const url = URL.parse(text);
	return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && url.port !== '0';
}

/** An object with names from outside; invalid entries are dropped, `__proto__` is an ordinary name. */
export function entriesOf<T>(one: z.ZodType<T>) {
	return z
		.custom<object>(value => typeof value === 'object' && value !== null && !Array.isArray(value))
		.transform(
			(mapping): Readonly<Record<string, T>> =>
				Object.fromEntries(
					Object.entries(mapping).flatMap(([name, value]): [string, T][] => {
						const parsed = one.safeParse(value);
						return parsed.success ? [[name, parsed.data]] : [];
					}),
				),
		)
		.catch({});
}

export const flag = z.boolean().catch(false);

/** A boolean of the dynamic configuration by Patroni's `parse_bool`; undefined if invalid. */
export const patroniFlag = z
	.unknown()
	.optional()
	.transform((value): boolean | undefined =>
		/^(on|true|yes|1)$/i.test(String(value))
			? true
			: /^(off|false|no|0)$/i.test(String(value))
				? false
				: undefined,
	);

/** An integer by Patroni's `parse_int`, which accepts text. */
export const patroniInteger = z
	.unknown()
	.optional()
	.transform((value): number | undefined =>
		value === null || value === undefined ? undefined : integer(value),
	);

function integer(value: unknown): number | undefined {
	const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
	const number = text === '' ? Number.NaN : Number(text);
	return Number.isFinite(number) ? Math.round(number) : undefined;
}

/** Patroni treats any text as true here, even "false", and publishes these tags only if set. */
const flagTags = new Set(['nofailover', 'noloadbalance', 'nosync', 'clonefrom']);

/** Tags are YAML values, shown as text. Text such as "false" that Patroni treats as true is shown in quotes. */
export const tags = entriesOf(z.unknown().refine(value => value !== null && value !== undefined)).transform(
	all => Object.fromEntries(Object.entries(all).map(([tag, value]) => [tag, tagText(tag, value)])),
);

function tagText(tag: string, value: unknown): string {
	if (typeof value === 'string') {
		return flagTags.has(tag) && /^(false|0)$/i.test(value) ? JSON.stringify(value) : value;
	}

	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `{max_connections: {old_value: "100", new_value: "120"}}`, from Patroni 3.3 */
export const pendingReasons = entriesOf(
	z
		.object({old_value: z.coerce.string(), new_value: z.coerce.string()})
		.transform((reason): readonly [string, string] => [reason.old_value, reason.new_value]),
).transform(reasons =>
	Object.fromEntries(
		Object.entries(reasons).map(([parameter, [from, to]]): [string, readonly [string, string]] => [
			parameter,
			[withoutSecret(parameter, from), withoutSecret(parameter, to)],
		]),
	),
);

/** All fields of a shape, nested ones as `xlog.location`. */
export function fieldPaths(schema: z.core.$ZodType): string[] {
	if (schema instanceof z.ZodOptional || schema instanceof z.ZodCatch) {
		return fieldPaths(schema.def.innerType);
	}

	if (schema instanceof z.ZodArray) {
		return fieldPaths(schema.def.element);
	}

	return schema instanceof z.ZodObject
		? Object.entries(schema.def.shape).flatMap(([name, inner]) => [
				name,
				...fieldPaths(inner).map(field => `${name}.${field}`),
			])
		: [];
}

export const unreadStatus: Readonly<Record<string, string>> = {
	latest_end_lsn: 'received_location says as much',
	pending_restart_reason: "the member's key says it, too",
	'replication.sync_priority': 'sync_state says what comes of it',
};

export const unreadStatusKey: Readonly<Record<string, string>> = {
	retain_slots: 'slots of members that are gone, kept for member_slots_ttl',
};

export const unreadMember: Readonly<Record<string, string>> = {
	proxy_url: 'for clients of Patroni that go through a pooler',
};

export const unreadConfig: Readonly<Record<string, string>> = {
	ignore_slots: 'says nothing of who may lead',
	max_timelines_history: 'bounds the key history alone',
	member_slots_ttl: 'how long the slot of a lost member is kept; what a slot holds is a finding',
	synchronous_node_count: 'the sync key says who is synchronous',
};
