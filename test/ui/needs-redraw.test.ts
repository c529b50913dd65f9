import {describe, expect, it} from 'vitest';
import type {MemberKey} from '../../source/domain/cluster/dcs.ts';
import type {Event} from '../../source/domain/events.ts';
import {update} from '../../source/state/update.ts';
import {needsRedraw} from '../../source/ui/screen.tsx';
import {healthyFacts, suites} from '../support/captures.ts';
import {frameOf} from '../support/screen.tsx';
import {healthySession, start} from '../support/session.ts';

const size = {width: 120, height: 40};

const changes: Record<string, Event> = {
	'a leader key that is gone': {type: 'dcs.deleted', source: 'watch:a', path: 'leader', revision: 900},
	'a lost source': {type: 'source.lost', source: 'patroni:pgdb2', reason: 'gone'},
	'a VIP that arrives': {
		type: 'addresses.added',
		source: 'vip:pgdb2',
		node: 'pgdb2',
		address: {ip: '10.73.0.172', interface: 'a'},
	},
	'a key': {type: 'command', command: 'select.down'},
	'the time': {type: 'tick'},
};

describe('the screen is redrawn', () => {
	it.each(Object.entries(changes))('by %s', (_, event) => {
		const {state} = healthySession('trixie');
		const [next] = update(state, {at: start + 1000, event});
		expect(needsRedraw(state, next)).toBe(true);
		expect(frameOf(next, size)).not.toBe(frameOf(state, size));
	});

	it('not by continuous measurements, until the tick', () => {
		const {state} = healthySession('trixie');
		const lease = {lease: '185951629736326662', ttl: 3, grantedTtl: 20} as const;
		const [next] = update(state, {
			at: start + 400,
			event: {type: 'lease.read', source: 'etcd:http://10.73.0.160:2379', ...lease},
		});
		expect(needsRedraw(state, next)).toBe(false);
		expect(frameOf(next, size)).not.toBe(frameOf(state, size));
		const [ticked] = update(next, {at: start + 1000, event: {type: 'tick'}});
		expect(needsRedraw(state, ticked)).toBe(true);
	});

	it("not by a member's WAL location, but by all other changes of its key", () => {
		const {state} = healthySession('trixie').at(0, {type: 'source.alive', source: 'watch:a'});
		const key = state.cluster.keys.get('members/pgdb2');
		if (key?.value.kind !== 'member') {
			throw new Error('no such key');
		}

		const {value} = key;
		const put = (changed: Partial<MemberKey>): Event => ({
			type: 'dcs.put',
			source: 'watch:a',
			entry: {...key, modRevision: 900, value: {...value, data: {...value.data, ...changed}}},
		});
		const drawn = (changed: Partial<MemberKey>) =>
			needsRedraw(state, update(state, {at: start + 400, event: put(changed)})[0]);
		expect(drawn({location: 1})).toBe(false);
		expect(drawn({location: 1, state: 'stopping'})).toBe(true);
		expect(drawn({tags: {nofailover: 'true'}})).toBe(true);
	});

	it.each(suites)('not by a fact that confirms what is shown (%s)', suite => {
		const {state} = healthySession(suite);
		const before = frameOf(state, size);
		for (const event of healthyFacts(suite)) {
			const [next] = update(state, {at: start + 400, event});
			expect(needsRedraw(state, next)).toBe(false);
			expect(frameOf(next, size)).toBe(before);
		}
	});
});
