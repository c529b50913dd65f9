/** Fields that Patroni's keys in the DCS and its REST answers share; a field that is odd is passed over, not the whole. */
import * as z from 'zod';
import {withoutSecret} from '../domain/secrets.ts';

export const textOrNothing = z.string().min(1).optional().catch(undefined);

export const numberOrNothing = z.number().optional().catch(undefined);

export const flag = z.boolean().catch(false);

/** As Patroni's `parse_bool` reads a value of the dynamic configuration; undefined where that is neither. */
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

/** As Patroni's `parse_int` reads one: numbers may be written as text. */
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

/** Patroni takes any text for yes here, "false" too, and publishes these only where they are set. */
const flagTags = new Set(['nofailover', 'noloadbalance', 'nosync', 'clonefrom']);

/** Tags are YAML values; shown as text. A text that reads as a no and counts as a yes is shown in its quotes. */
export const tags = z
	.record(z.string(), z.unknown())
	.transform(all =>
		Object.fromEntries(
			Object.entries(all).flatMap(([tag, value]): [string, string][] =>
				value === null || value === undefined ? [] : [[tag, tagText(tag, value)]],
			),
		),
	)
	.catch({});

function tagText(tag: string, value: unknown): string {
	if (typeof value === 'string') {
		return flagTags.has(tag) && /^(false|0)$/i.test(value) ? JSON.stringify(value) : value;
	}

	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `{max_connections: {old_value: "100", new_value: "120"}}`, from Patroni 3.3. */
export const pendingReasons = z
	.record(
		z.string(),
		z
			.looseObject({old_value: z.coerce.string(), new_value: z.coerce.string()})
			.transform((reason): readonly [string, string] => [reason.old_value, reason.new_value]),
	)
	.transform(reasons =>
		Object.fromEntries(
			Object.entries(reasons).map(([parameter, [from, to]]): [string, readonly [string, string]] => [
				parameter,
				[withoutSecret(parameter, from), withoutSecret(parameter, to)],
			]),
		),
	)
	.catch({});
