/**
 * The mistakes of each file of pgha-top by itself, in profiles that are not chosen, too: what is laid over a mistake must not
 * hide it, and a profile must not be refused only when it is needed.
 */
import type * as z from 'zod';
import {issuesIn, parsedOnce} from './issues.ts';
import {isMapping, isNothing, type Layer, Layers, type Path} from './layers.ts';
import {type OwnLayer, ownAmongPatronis, whereItCounts} from './misplaced.ts';
import {ConfigError, isSecret, pointAt} from './origin.ts';
import {templateProblems} from './template.ts';

/** @throws ConfigError with a line for each mistake of each layer */
export function refuseMistakes(layers: readonly OwnLayer[], schema: z.ZodType): void {
	const mistakes = new Set(layers.flatMap(layer => mistakesIn(layer, schema)));
	if (mistakes.size > 0) {
		throw new ConfigError([...mistakes].join('\n'));
	}
}

function mistakesIn(layer: OwnLayer, schema: z.ZodType): string[] {
	const alone = new Layers([layer]);
	const templates = templateProblems(alone, isSecret);
	if (templates.length > 0) {
		return templates;
	}

	// With its values of nothing: they remove what another file gives, and are in no one's way, unless the key is a typo.
	const unknown = issuesOf(layer.content, schema).filter(({isUnknown}) => isUnknown);
	// What is missing may be in another file, but in a list, which is replaced as a whole.
	const invalid = issuesOf(alone.content, schema).filter(
		({isUnknown, isMissing, path}) => !isUnknown && !(isMissing && !isInList(alone.content, path)),
	);
	return [
		...unknown.map(({path, problem}) => {
			const where = whereItCounts(path, layer.place);
			return {path, problem: where === undefined ? problem : `unknown setting: ${where}`};
		}),
		...invalid,
	]
		.map(({path, problem}) => `${pointAt(layer.originOf(path))}: ${problem}`)
		.concat(layer.place === 'patroni' ? ownAmongPatronis(layer, 'patroni') : []);
}

function issuesOf(content: unknown, schema: z.ZodType): ReturnType<typeof issuesIn> {
	const result = schema.safeParse(content, parsedOnce);
	return result.success ? [] : issuesIn(result.error);
}

function isInList(content: unknown, [key = '', ...rest]: Path): boolean {
	return Array.isArray(content) || (isMapping(content) && isInList(content[key], rest));
}

/** @throws ConfigError for keys of pgha-top that stand twice, of which one would be lost */
export function refuseRepeated({repeated = [], originOf}: Layer): void {
	const lines = repeated
		.filter(({path: [section]}) => section === 'pgha-top')
		.map(({path, first, last}) => {
			const origin = originOf(path);
			const place = pointAt('file' in origin ? {...origin, line: last} : origin);
			return `${place}: stands twice, also in line ${first}: remove one of them`;
		});
	if (lines.length > 0) {
		throw new ConfigError(lines.join('\n'));
	}
}

/** The section `pgha-top` of patronictl's file, if it has one. */
export function ownSection({content, originOf}: Layer): OwnLayer[] {
	const own = content['pgha-top'];
	return own === undefined || isNothing(own)
		? []
		: [{content: {'pgha-top': own}, originOf, place: 'section'}];
}
