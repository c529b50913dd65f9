/** Fields that Patroni's keys in the DCS and its REST answers share; a field that is odd is passed over, not the whole. */
import * as z from 'zod';
import {withoutSecret} from '../domain/secrets.ts';

export const textOrNothing = z.string().min(1).optional().catch(undefined);

export const numberOrNothing = z.number().optional().catch(undefined);

export const flag = z.boolean().catch(false);

/** Tags are YAML values; shown as text. */
export const tags = z
	.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
	.catch({});

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
