/** Settings that do not count where they stand, with the place where they do. */
import type {Layer} from './layers.ts';
import {pointAt} from './origin.ts';
import {ownKeys, settingsSchema} from './schema.ts';

/** Where settings stand: pgha-top's own file or a profile, its section `patroni`, the section `pgha-top` of patronictl's file. */
export type OwnPlace = 'file' | 'patroni' | 'section';

export type OwnLayer = Layer & {place: OwnPlace};

const ofOwnFile: ReadonlySet<string> = new Set(['patroni', 'profiles']);
const ofPatroni: ReadonlySet<string> = new Set([
	...Object.keys(settingsSchema.shape).filter(name => name !== 'pgha-top'),
	...['bootstrap', 'tags', 'watchdog'],
]);

/** Where an unknown key of pgha-top's settings counts; undefined if it is not known there either. */
export function whereItCounts(
	[section, key = '', ...rest]: readonly string[],
	place: OwnPlace,
): string | undefined {
	if (section !== 'pgha-top' || rest.length > 0) {
		return undefined;
	}

	if (ofPatroni.has(key)) {
		return `Patroni's settings count ${place === 'file' ? 'below' : 'outside of'} ${place === 'file' ? 'patroni' : 'pgha-top'}:`;
	}

	if (place === 'section') {
		return ofOwnFile.has(key) ? "counts in pgha-top's own file alone" : undefined;
	}

	return key === 'pgha-top' ? 'its settings count in this file without pgha-top:' : undefined;
}

/** pgha-top's settings among Patroni's, which ignore what they do not know: a line for each. */
export function ownAmongPatronis({content, originOf}: Layer, place: 'patroni' | 'whole file'): string[] {
	return Object.keys(content)
		.filter(key => ownKeys.includes(key) || ofOwnFile.has(key))
		.map(key => {
			const where =
				place === 'patroni'
					? "pgha-top's settings count outside of patroni:"
					: ofOwnFile.has(key)
						? "counts in pgha-top's own file alone"
						: "pgha-top's settings count below pgha-top:";
			return `${pointAt(originOf([key]))}: not used here: ${where}`;
		});
}
