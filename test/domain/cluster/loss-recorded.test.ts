/** The tour's recordings: real changes of leader, followed as a console of today does; replayed, as they were. */
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {type LeaderChanges, noLeaderChanges} from '../../../source/domain/cluster/loss.ts';
import type {Event} from '../../../source/domain/events.ts';
import {snapshotOf} from '../../../source/recording/read/lines.ts';
import type {State} from '../../../source/state/state.ts';
import {update} from '../../../source/state/update.ts';

type Line = {at: number; event?: Event};

/** @param change of each event; undefined leaves it out */
function played(
	name: string,
	leaders: LeaderChanges | undefined,
	change: (event: Event) => Event = event => event,
): State {
	const file = new URL(`../../../recordings/${name}.ndjson.gz`, import.meta.url);
	const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
	const first = lines.find(line => line.startsWith('{"segment"'));
	if (first === undefined) {
		throw new Error(`${name} has no snapshot`);
	}

	const {state} = snapshotOf(first);
	return lines
		.map(line => JSON.parse(line) as Line)
		.reduce<State>(
			(before, {at, event}) => (event === undefined ? before : update(before, {at, event: change(event)})[0]),
			leaders === undefined ? state : {...state, cluster: {...state.cluster, leaders}},
		);
}

/** The same without a synchronous standby. */
function asynchronous(event: Event): Event {
	const isSync = (path: string) => path === 'sync';
	if (event.type === 'dcs.snapshot') {
		return {...event, entries: event.entries.filter(({path}) => !isSync(path))};
	}

	return event.type === 'dcs.put' && isSync(event.entry.path)
		? {type: 'source.alive', source: event.source}
		: event;
}

describe('of the tour', () => {
	it.each([
		['switchover', 'sync'],
		['power-cut', 'sync'],
		['split-cable', 'sync'],
	])('%s has cost nothing, since a synchronous standby took over', (name, proof) => {
		expect(played(name, noLeaderChanges).cluster.leaders?.changes).toMatchObject([
			{loss: {kind: 'nothing', proof}},
		]);
	});

	it('switchover has cost nothing without one, since the old leader was shut down', () => {
		expect(played('switchover', noLeaderChanges, asynchronous).cluster.leaders?.changes).toMatchObject([
			{
				from: {timeline: 1, released: 50_361_512},
				fork: {location: 50_361_632},
				loss: {kind: 'nothing', proof: 'stop'},
			},
		]);
	});

	it('power-cut is not known to have cost nothing without one', () => {
		expect(played('power-cut', noLeaderChanges, asynchronous).cluster.leaders?.changes).toMatchObject([
			{fork: {location: 50_433_128}, loss: {kind: 'unknown', why: 'end'}},
		]);
	});

	it('none is judged in a replay, as by the console that recorded it', () => {
		const state = played('switchover', undefined);
		expect(state.cluster.leaders).toBeUndefined();
		expect(state.timeline.map(({text}) => text).join('\n')).not.toContain('acknowledged');
	});
});
