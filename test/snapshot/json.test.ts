import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Fact} from '../../source/domain/events.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {snapshotSchema} from '../../source/snapshot/schema.ts';
import {endpoints, healthyFacts, suites} from '../support/captures.ts';
import {healthySession, Session} from '../support/session.ts';

describe('the snapshot as JSON', () => {
	it.each(suites)('follows its schema, whatever is known so far (%s)', suite => {
		const losses = endpoints.map(
			(endpoint): Fact => ({type: 'source.lost', source: `dcs:${endpoint}`, reason: 'gone'}),
		);
		fc.assert(
			fc.property(fc.subarray([...healthyFacts(suite), ...losses]), facts => {
				const {state} = new Session().at(0, ...facts);
				expect(() => snapshotSchema.strict().parse(snapshotJson(state))).not.toThrow();
			}),
		);
	});

	it('reports the pause and a scheduled switchover', () => {
		const session = healthySession('trixie').at(1, {
			type: 'dcs.put',
			source: 'watch:a',
			entry: {
				path: 'failover',
				value: {
					kind: 'failover',
					leader: 'pgdb1',
					candidate: 'pgdb2',
					scheduledAt: '2026-11-24T03:00:00+00:00',
				},
				createRevision: 900,
				modRevision: 900,
				lease: undefined,
			},
		});
		expect(snapshotJson(session.state)).toMatchObject({
			pause: false,
			scheduled_switchover: {at: '2026-11-24T03:00:00+00:00', from: 'pgdb1', to: 'pgdb2'},
		});
	});
});
