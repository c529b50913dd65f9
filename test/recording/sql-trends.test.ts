/** The trends of what SQL knows, in a snapshot and back. */
import {describe, expect, it} from 'vitest';
import {checkState} from '../../source/recording/schema.ts';
import {stateJson, stateOf, unmark} from '../../source/recording/state-json.ts';
import type {State} from '../../source/state/state.ts';
import {monitoredOperator, statusOf} from '../support/sessions.ts';

type Json = {trends: {sql?: Record<string, {measures: Record<string, unknown>}>}};

function watched(): State {
	const operator = monitoredOperator();
	for (let second = 2; second < 60; second += 2) {
		const events =
			second > 20 && second < 30
				? []
				: [
						statusOf('pgdb1', [], {location: second ** 4}),
						statusOf('pgdb2', [], {received: second ** 4, replayLagMs: second}),
					];
		operator.after(second, ...events).at(second, {type: 'tick'});
	}

	return operator.state;
}

const written = (): Json => JSON.parse(stateJson(watched(), {logs: false})) as Json;
const read = (json: Json) => stateOf(unmark(json) as State);

describe('a snapshot', () => {
	it('has the trends of what SQL knows', () => {
		const json = written();
		expect(() => checkState(unmark(json))).not.toThrow();
		expect(read(json).trends).toEqual(watched().trends);
		expect(read(json).trends.sql?.get('pgdb2')?.measures.lag?.last).toBe(58);
	});

	it('of an older program has none, and they begin there', () => {
		const json = written();
		delete json.trends.sql;
		expect(() => checkState(unmark(json))).not.toThrow();
		expect(read(json).trends.sql).toBeUndefined();
	});

	it.each([
		['no object', (sql: NonNullable<Json['trends']['sql']>) => Object.assign(sql, {pgdb1: 7})],
		[
			'a run that is too long',
			(sql: NonNullable<Json['trends']['sql']>) => {
				const bad = {bucketMs: 5000, number: 1, runs: [[1e9, [0, 0]]]};
				const measure = {since: 1, last: 1, at: 1, minutes: bad, hour: bad, whole: bad};
				Object.assign(sql, {pgdb1: {measures: {lag: measure}}});
			},
		],
		[
			'buckets without a length',
			(sql: NonNullable<Json['trends']['sql']>) => {
				const bad = {bucketMs: 0, number: 1, runs: []};
				const measure = {since: 1, last: 1, at: 1, minutes: bad, hour: bad, whole: bad};
				Object.assign(sql, {pgdb1: {measures: {wal: measure}}});
			},
		],
	])('with %s is refused', (_, change) => {
		const json = written();
		change(json.trends.sql ?? {});
		expect(() => checkState(unmark(json))).toThrow('trends.sql');
	});
});
