/** The shapes of sections of settings, and their errors. */
import * as z from 'zod';
import {asValue} from './setting-kinds.ts';

export function section<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.object(shape, 'must be a mapping of settings');
}

/** For pgha-top's own sections, in which an unknown key is a typo. */
export function strictSection<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.strictObject(shape, {
		error: issue =>
			issue.code === 'unrecognized_keys'
				? `unknown setting; allowed: ${Object.keys(shape).join(', ')}`
				: 'must be a mapping of settings',
	});
}

/** A section that `false` turns off. Without a message of its own, so that each error in the section is reported. */
export function sectionOrFalse<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.union([strictSection(shape), z.preprocess(asValue, z.literal(false))]);
}
