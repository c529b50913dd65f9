/** Puts what was read of the time before this console started before what it has seen. Pure. */
import type {EarlierRead} from '../events.ts';
import type {Entry} from '../facts.ts';
import {entriesMax} from './timeline.ts';

/** @param startedAt of this console, Unix ms: from then on, what it has seen itself counts */
export function withEarlier(
	timeline: readonly Entry[],
	read: EarlierRead,
	startedAt: number,
): readonly Entry[] {
	const earlier = read.entries
		.filter(({at}) => at < startedAt)
		.map((entry): Entry => ({...entry, isEarlier: true}))
		.toSorted((a, b) => a.at - b.at);
	const seen = timeline.filter(entry => !isOfEarlier(entry));
	return [
		...earlier,
		...missingEntries(read, startedAt),
		beginEntry(read, earlier.length, startedAt),
		...seen,
	].slice(-entriesMax);
}

function isOfEarlier({isEarlier, about}: Entry): boolean {
	return isEarlier === true || about?.of === 'begin';
}

/** The line between what was read and what is seen. */
function beginEntry({since, missing, by}: EarlierRead, count: number, startedAt: number): Entry {
	const origin = [
		...(by.includes('watch') ? ['recorded by a watch'] : []),
		...(by.includes('logs') ? ['read from logs'] : []),
	].join(' or ');
	const time = `of the last ${minutes(since, startedAt)}`;
	const nothing = by.includes('logs')
		? `the logs ${time}${missing.length === 0 ? '' : ' that could be read'} show nothing`
		: `a watch recorded nothing ${time}`;
	const what = count > 0 ? `what is above was ${origin}` : nothing;
	return {
		at: startedAt,
		kind: 'sight',
		turn: 'news',
		text: `— this console started; ${what} —`,
		about: {of: 'begin', since},
	};
}

/** All in one entry: a cluster of many nodes may refuse on each. Apart, so that no incident hides it. */
function missingEntries({since, missing}: EarlierRead, startedAt: number): Entry[] {
	return missing.length === 0
		? []
		: [
				{
					at: startedAt,
					kind: 'sight',
					turn: 'news',
					text: `not all logs are read: ${missing.join('; ')}`,
					about: {of: 'begin', since},
				},
			];
}

function minutes(since: number, until: number): string {
	const count = Math.max(1, Math.round((until - since) / 60_000));
	return count === 1 ? 'minute' : `${count} minutes`;
}
