/** Who holds the VIP and the leader key since when, by the logs alone. */
import {describe, expect, it} from 'vitest';
import {holdsOf} from '../../../source/domain/history/holds.ts';
import type {LogEvent, Said} from '../../../source/domain/history/said.ts';
import {target} from '../../support/session.ts';

const vip = '10.73.0.172';

function said(at: number, node: string, is: Said, service = 'keepalived'): LogEvent {
	return {at, uncertainMs: 5, node, service, from: `journal of ${node}`, said: is, text: ''};
}

const master = (at: number, node: string, object = 'VI_1') => said(at, node, {kind: 'vrrp.master', object});
const backup = (at: number, node: string, object = 'VI_1') => said(at, node, {kind: 'vrrp.backup', object});
const patroni = (at: number, node: string, kind: Said['kind']) => said(at, node, {kind}, 'patroni');

function holds(events: readonly LogEvent[], before: readonly LogEvent[] = []) {
	return holdsOf({before, events}, target);
}

describe('the VIP', () => {
	const held = (node: string, at: number) => [{node, ip: vip, at, uncertainMs: 5}];

	it.each<[string, LogEvent[], ReturnType<typeof held>]>([
		[
			'where keepalived became MASTER last',
			[master(1, 'pgdb1'), backup(2, 'pgdb1'), master(3, 'pgdb2')],
			held('pgdb2', 3),
		],
		['from the first of two lines', [master(1, 'pgdb1'), master(9, 'pgdb1')], held('pgdb1', 1)],
		['from its return', [master(1, 'pgdb1'), backup(2, 'pgdb1'), master(3, 'pgdb1')], held('pgdb1', 3)],
		['not after a fault', [master(1, 'pgdb1'), said(2, 'pgdb1', {kind: 'vrrp.fault'})], []],
		['not after a stop', [master(1, 'pgdb1'), said(2, 'pgdb1', {kind: 'unit.stopped'})], []],
		[
			'not after a crash of the node',
			[master(1, 'pgdb1'), said(2, 'pgdb1', {kind: 'node.silent'}, 'system')],
			[],
		],
		['by the address itself', [said(4, 'pgdb1', {kind: 'vip.added', object: `${vip}/24`})], held('pgdb1', 4)],
		['not by another address', [said(4, 'pgdb1', {kind: 'vip.added', object: '10.73.0.99'})], []],
		['not where an instance of two has it', [master(1, 'pgdb1', 'VI_1'), master(2, 'pgdb1', 'VI_2')], []],
	])('is known %s', (_, events, vips) => {
		expect(holds(events).vips).toEqual(vips);
	});

	it('is known by a line from before the time that is read', () => {
		expect(holds([], [master(-5, 'pgdb1')]).vips).toEqual(held('pgdb1', -5));
		expect(holds([backup(1, 'pgdb1')], [master(-5, 'pgdb1')]).vips).toEqual([]);
	});
});

describe('the leader', () => {
	it.each<[string, LogEvent[], object | undefined]>([
		[
			'that took the key last',
			[patroni(1, 'pgdb1', 'patroni.promoted'), patroni(2, 'pgdb2', 'patroni.promoted')],
			{node: 'pgdb2', at: 2, uncertainMs: 5},
		],
		[
			'that leads on',
			[
				patroni(1, 'pgdb1', 'patroni.promoted'),
				patroni(2, 'pgdb1', 'patroni.leads'),
				patroni(3, 'pgdb2', 'patroni.follows'),
			],
			{node: 'pgdb1', at: 1, uncertainMs: 5},
		],
		[
			'not after it lost the key',
			[patroni(1, 'pgdb1', 'patroni.promoted'), patroni(2, 'pgdb1', 'patroni.lock-lost')],
			undefined,
		],
		[
			'not after it lost the DCS',
			[patroni(1, 'pgdb1', 'patroni.promoted'), patroni(2, 'pgdb1', 'patroni.dcs-lost')],
			undefined,
		],
		['not without a line', [patroni(2, 'pgdb1', 'patroni.leads')], undefined],
	])('is known %s', (_, events, leader) => {
		expect(holds(events).leader).toEqual(leader);
	});
});
