/** Bounds of write outages from log lines. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {mostMs, OutageFinder} from '../../../source/domain/history/outage.ts';
import type {LogEvent, Said, SaidKind} from '../../../source/domain/history/said.ts';

const event = (at: number, node: string, said: Said | SaidKind, uncertainMs = 0): LogEvent => ({
	at,
	uncertainMs,
	node,
	service: 'patroni',
	from: `journal of ${node}`,
	said: typeof said === 'string' ? {kind: said} : said,
	text: '',
});

function outagesOf(events: readonly LogEvent[]) {
	const finder = new OutageFinder(undefined);
	for (const one of events) {
		finder.take(one);
	}

	return finder.close();
}

describe('a write outage', () => {
	const switchover = [
		event(1000, 'a', 'patroni.leads'),
		event(11_000, 'a', 'patroni.leads'),
		event(14_000, 'a', {kind: 'postgres.stop-requested', why: 'fast'}),
		event(15_000, 'b', 'patroni.promoted'),
		event(15_500, 'b', 'postgres.ready'),
		event(16_000, 'b', 'patroni.leads'),
		event(26_000, 'b', 'patroni.leads'),
	];

	it('lies between the last loop before it and a loop after it', () => {
		expect(outagesOf(switchover)).toEqual([
			{
				from: [11_000, 14_000],
				to: [15_500, 26_000],
				leastMs: 1500,
				reason: 'PostgreSQL of a is stopped (fast)',
			},
		]);
	});

	it('is as uncertain as the clocks of different nodes', () => {
		const [outage] = outagesOf(switchover.map(one => ({...one, uncertainMs: 400})));
		expect(outage).toMatchObject({from: [10_600, 14_400], to: [15_100, 26_400], leastMs: 700});
	});

	it('needs the VIP and the route as well', () => {
		const [outage] = outagesOf([
			event(500, 'a', 'vrrp.master'),
			...switchover.slice(0, 4),
			event(15_100, 'a', {kind: 'haproxy.no-server', backend: 'primary'}),
			event(15_500, 'b', 'postgres.ready'),
			event(18_000, 'a', {kind: 'haproxy.server-up', backend: 'primary', object: 'b'}),
			...switchover.slice(5),
		]);
		expect(outage).toMatchObject({leastMs: 4000, to: [18_000, 26_000]});
	});

	it('has no end while no line says one', () => {
		const [outage] = outagesOf(switchover.slice(0, 4));
		expect(outage).toMatchObject({to: undefined});
		expect(outage && mostMs(outage)).toBeUndefined();
	});

	it('is none where a standby stops', () => {
		expect(
			outagesOf([
				event(1000, 'a', 'patroni.leads'),
				event(2000, 'b', {kind: 'postgres.stop-requested', why: 'fast'}),
				event(11_000, 'a', 'patroni.leads'),
			]),
		).toEqual([]);
	});

	it('is perhaps none where a machine was silent, and its leader is well again', () => {
		const [outage] = outagesOf([
			event(1000, 'a', 'patroni.leads'),
			event(2000, 'a', 'patroni.dcs-lost'),
			event(11_000, 'a', 'patroni.leads'),
		]);
		expect(outage).toMatchObject({leastMs: 0, from: [1000, 11_000], to: [1000, 11_000]});
	});

	it('has bounds in order, and is at least what it is at most, whatever the lines', () => {
		const kinds: readonly SaidKind[] = [
			'patroni.leads',
			'patroni.promoted',
			'patroni.demoted',
			'postgres.ready',
			'postgres.stop-requested',
			'postgres.crashed',
			'postgres.starting',
			'vrrp.master',
			'vrrp.backup',
			'vrrp.rival',
			'haproxy.no-server',
			'haproxy.server-up',
			'node.silent',
			'unit.failed',
		];
		const line = fc.record({
			gap: fc.integer({min: 0, max: 20_000}),
			node: fc.constantFrom('a', 'b', 'c'),
			kind: fc.constantFrom(...kinds),
			uncertainMs: fc.integer({min: 0, max: 2000}),
		});
		fc.assert(
			fc.property(fc.array(line, {maxLength: 60}), lines => {
				let at = 0;
				const events = lines.map(({gap, node, kind, uncertainMs}) => {
					at += gap;
					return event(at, node, {kind, backend: 'primary'}, uncertainMs);
				});
				let before = 0;
				for (const {from, to, leastMs} of outagesOf(events)) {
					expect(from[0]).toBeLessThanOrEqual(from[1]);
					expect(leastMs).toBeGreaterThanOrEqual(0);
					if (to !== undefined) {
						expect(to[0]).toBeLessThanOrEqual(to[1]);
						expect(from[0]).toBeLessThanOrEqual(to[0]);
						expect(leastMs).toBeLessThanOrEqual(to[1] - from[0]);
						expect(to[1]).toBeGreaterThanOrEqual(before);
						before = to[1];
					}
				}
			}),
		);
	});
});
