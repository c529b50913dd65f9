/** The shapes of sections of settings, and their errors. */
import * as z from 'zod';
import {asValue, asWritten} from './setting-kinds.ts';

export function section<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.preprocess(withoutScalar, z.object(shape, 'must be a mapping of settings'));
}

/** A number, a word or a date in place of a section: as an object it would look like one with unknown settings. */
function withoutScalar(value: unknown): unknown {
	return asWritten(asValue(value));
}

/** For pgha-top's own sections, in which an unknown key is a typo. */
export function strictSection<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.preprocess(
		withoutScalar,
		z.strictObject(shape, {
			error: issue =>
				issue.code === 'unrecognized_keys'
					? `unknown setting; allowed: ${Object.keys(shape).join(', ')}`
					: 'must be a mapping of settings',
		}),
	);
}

/** A section that `false` turns off. Without a message of its own, so that each error in the section is reported. */
export function sectionOrFalse<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.union([strictSection(shape), z.preprocess(asValue, z.literal(false))]);
}
