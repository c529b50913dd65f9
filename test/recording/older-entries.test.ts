/** Entries of older recordings have texts alone: what they are about is read from these. */
import {describe, expect, it} from 'vitest';
import {tour} from '../../source/cli/commands/replay.ts';
import {endpointName} from '../../source/domain/cluster/etcd.ts';
import type {Entry, EntryAbout} from '../../source/domain/facts.ts';
import {foldIncidents} from '../../source/domain/timeline/incidents.ts';
import {withAbout} from '../../source/recording/older-entries.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import type {State} from '../../source/state/state.ts';
import {target} from '../support/session.ts';

const endpointNamed = (name: string) =>
	target.endpoints.find(endpoint => endpointName(endpoint, target) === name);

const read = (kind: Entry['kind'], text: string, more: Partial<Entry> = {}) =>
	withAbout({at: 5000, kind, turn: 'worse', text, ...more}, endpointNamed).about;

/** What a text has no room for, or says more roughly. */
function roughly(about: EntryAbout | undefined): unknown {
	switch (about?.of) {
		case 'outage': {
			return {...about, from: undefined, to: about.to === undefined, stalled: undefined};
		}

		case 'leader': {
			return {...about, from: undefined};
		}

		case 'vip': {
			return {...about, holders: about.holders.toSorted()};
		}

		case 'member': {
			return {...about, was: undefined};
		}

		case 'note':
		case undefined: {
			return undefined;
		}

		default: {
			return about;
		}
	}
}

describe('an entry of an older recording', () => {
	it.each(tour.map(({name}) => name))('is about the same as the one that %s makes now', async name => {
		const recording = await openRecording(tourFile(name));
		const last = [...recording.replay()].at(-1)?.after;
		recording.close();
		const {timeline, target: own} = last as State;
		const named = (wanted: string) => own.endpoints.find(endpoint => endpointName(endpoint, own) === wanted);
		for (const entry of timeline.filter(({about}) => about?.of !== 'service')) {
			const {about: _, isProbed: __, ...older} = entry;
			expect(roughly(withAbout(older, named).about), entry.text).toEqual(roughly(entry.about));
		}

		const older = timeline.map(({about: _, isProbed: __, ...rest}) => withAbout(rest, named));
		expect(foldIncidents(older).map(({entries}) => entries.length)).toEqual(
			foldIncidents(timeline).map(({entries}) => entries.length),
		);
	});

	it.each<[Entry['kind'], string, Partial<EntryAbout> | undefined]>([
		[
			'leader',
			'no leader, as the members say; pgdb1 led before',
			{of: 'leader', from: 'pgdb1', to: undefined},
		],
		['leader', 'leader: pgdb1 → pgdb2', {of: 'leader', from: 'pgdb1', to: 'pgdb2', isWatched: false}],
		['leader', 'leader key: pgdb2', {of: 'leader', from: undefined, to: 'pgdb2', isWatched: false}],
		['member', 'pgdb1: no longer listed by the members', {of: 'member', member: 'pgdb1', is: undefined}],
		['member', 'pgdb1: restart pending', {of: 'note'}],
		['sync', 'sync standby: none → pgdb2', {of: 'sync', was: '', is: 'pgdb2'}],
		['operation', 'failover requested: any → pgdb2', {of: 'request', leader: undefined, candidate: 'pgdb2'}],
		['operation', 'paused', undefined],
		['timeline', 'a → b: at most 2.5 KiB of WAL lost', {of: 'loss', to: 'b', loss: 'at-most', bytes: 2560}],
		['timeline', 'a → b: not known what was lost: b does not say', {of: 'loss', to: 'b', loss: 'unknown'}],
		['vip', 'VIP .172 left pgdb1', {of: 'vip', name: 'VIP .172', node: 'pgdb1', has: false, holders: []}],
		[
			'service',
			'pgdb1: etcd active → failed',
			{of: 'service', services: ['etcd'], was: 'active', is: 'failed'},
		],
		['sight', 'etcd unheard lost: no answer in time', {of: 'note'}],
		['sight', 'this console was stalled for 3.0 s', {of: 'note'}],
	])('%s: %s', (kind, text, about) => {
		if (about === undefined) {
			expect(read(kind, text)).toBeUndefined();
		} else {
			expect(read(kind, text)).toMatchObject(about);
		}
	});

	it('keeps what it is about, and is not read if it is longer than any', () => {
		const about = {of: 'note'} as const;
		expect(read('sync', 'sync standby: none → pgdb2', {about})).toBe(about);
		expect(read('sync', `sync standby: none → ${'x'.repeat(5000)}`)).toBeUndefined();
	});
});

it('an entry that was read from logs is of no older version', () => {
	const text = 'pgdb2: REST lost: connection refused';
	expect(read('sight', text)).toBeDefined();
	expect(read('sight', text, {isEarlier: true})).toBeUndefined();
	expect(read('sight', text, {log: {from: 'journal of pgdb2', uncertainMs: 1}})).toBeUndefined();
});
