/** Bounds of write outages from log lines. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {describeBounds} from '../../../source/domain/history/entries.ts';
import {OutageFinder} from '../../../source/domain/history/outage.ts';
import {mostMs} from '../../../source/domain/history/outage-bounds.ts';
import type {LogEvent, Said, SaidKind} from '../../../source/domain/history/said.ts';
import {findIncidents} from '../../../source/domain/history/story.ts';

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
				from: [11_000, 14_150],
				to: [15_350, 26_000],
				leastMs: 1350,
				reason: 'PostgreSQL of a is stopped (fast)',
				isWithoutRoute: true,
			},
		]);
	});

	it('is as uncertain as the clocks of different nodes', () => {
		const [outage] = outagesOf(switchover.map(one => ({...one, uncertainMs: 400})));
		expect(outage).toMatchObject({from: [10_600, 14_550], to: [14_950, 26_400], leastMs: 550});
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
		expect(outage).toMatchObject({leastMs: 3850, to: [17_850, 26_000]});
	});

	it('has no end while no line says one', () => {
		const [outage] = outagesOf(switchover.slice(0, 4));
		expect(outage).toMatchObject({to: undefined});
		expect(outage && mostMs(outage)).toBeUndefined();
	});

	it('does not begin with a start that Patroni names after PostgreSQL took writes', () => {
		// A cluster's first start: Patroni's line is later than PostgreSQL's.
		const events = [
			event(23_908, 'a', 'postgres.starting'),
			event(23_918, 'a', 'postgres.ready'),
			event(23_924, 'a', 'patroni.starts-postgres'),
			event(24_642, 'a', 'patroni.leads'),
			event(34_642, 'a', 'patroni.leads'),
			event(85_000, 'a', 'patroni.leads'),
		];
		expect(outagesOf(events)).toEqual([]);
		// Without PostgreSQL's log it is all that is known.
		const [outage] = outagesOf([
			event(1000, 'a', 'patroni.leads'),
			event(5000, 'a', 'patroni.starts-postgres'),
			event(20_000, 'a', 'patroni.leads'),
		]);
		expect(outage).toMatchObject({from: [1000, 5150]});
	});

	it('is there where no line says who was the primary before', () => {
		const [, , ...rest] = switchover;
		expect(outagesOf([event(12_000, 'b', 'patroni.follows'), ...rest])).toMatchObject([
			{from: [12_000, 15_150], to: [15_350, 26_000], leastMs: 350},
		]);
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

	const stopped = event(12_000, 'b', {kind: 'unit.stopped', object: 'haproxy.service'});

	it.each([
		['its HAProxy stopped', stopped, event(60_000, 'b', {kind: 'unit.started', object: 'haproxy.service'})],
		[
			'its HAProxy ended',
			event(12_000, 'b', 'haproxy.stopped'),
			event(60_000, 'b', {kind: 'haproxy.started', pid: 1}),
		],
		[
			'its link is down',
			event(12_000, 'b', {kind: 'kernel.link-down', object: 'eth0'}),
			event(60_000, 'b', {kind: 'kernel.link-up', object: 'eth0'}),
		],
		['it was silent', event(12_000, 'b', 'node.silent'), event(60_000, 'c', 'vrrp.master')],
	])('lasts while the holder of the VIP is of no use though the leader is well: %s', (_, bad, good) => {
		const loops = [1, 11, 21, 31, 41, 51, 61, 71].map(second => event(second * 1000, 'a', 'patroni.leads'));
		const events = [event(500, 'b', 'vrrp.master'), ...loops, bad, good].toSorted((x, y) => x.at - y.at);
		expect(outagesOf(events)).toMatchObject([
			{from: [11_000, expect.any(Number)], to: [expect.any(Number), 71_000]},
		]);
	});

	it('lasts until the HAProxy that the VIP came to has a server, which it lost before', () => {
		const [outage, ...more] = outagesOf([
			event(500, 'a', 'vrrp.master'),
			event(1000, 'a', 'patroni.leads'),
			event(4000, 'b', {kind: 'haproxy.no-server', backend: 'primary'}),
			event(9000, 'a', 'node.silent'),
			event(30_000, 'b', 'vrrp.master'),
			event(31_000, 'b', 'patroni.promoted'),
			event(31_500, 'b', 'postgres.ready'),
			event(41_500, 'b', 'patroni.leads'),
			event(44_000, 'b', {kind: 'haproxy.server-up', backend: 'primary', object: 'b'}),
			event(51_500, 'b', 'patroni.leads'),
		]);
		expect(more).toEqual([]);
		expect(outage?.to?.[1]).toBe(51_500);
	});

	it('may have begun when the former holder, which gave up nothing, was last heard', () => {
		expect(
			outagesOf([
				event(500, 'b', 'vrrp.master'),
				event(1000, 'a', 'patroni.leads'),
				event(2000, 'b', {kind: 'patroni.follows', leader: 'a'}),
				event(11_000, 'a', 'patroni.leads'),
				event(21_000, 'a', 'patroni.leads'),
				event(31_000, 'a', 'patroni.leads'),
				event(32_000, 'a', 'vrrp.master'),
				event(33_000, 'b', 'vrrp.backup'),
				event(41_000, 'a', 'patroni.leads'),
			]),
		).toMatchObject([{from: [2000, 41_000], to: [expect.any(Number), 41_000], leastMs: 0}]);
	});

	it.each(['graceful', 'switchover'])('is not certain while a leader makes its last checkpoint: %s', why => {
		const [outage] = outagesOf([
			event(1000, 'a', 'patroni.leads'),
			event(2000, 'a', {kind: 'patroni.demoted', why}),
			event(32_000, 'a', {kind: 'postgres.stop-requested', why: 'fast'}),
			event(33_000, 'b', 'patroni.promoted'),
			event(33_500, 'b', 'postgres.ready'),
			event(43_000, 'b', 'patroni.leads'),
		]);
		expect(outage).toMatchObject({from: [1000, 32_150], leastMs: 1350, to: [33_350, 43_000]});
	});

	it('is possible while Patroni restarts the PostgreSQL whose log was not read', () => {
		expect(
			outagesOf([
				event(1000, 'a', 'patroni.leads'),
				event(5000, 'a', {kind: 'patroni.restarts', why: 'restart initiated'}),
				event(15_000, 'a', {kind: 'patroni.leads', why: 'updated leader lock during restart'}),
				event(25_000, 'a', 'patroni.leads'),
			]),
		).toMatchObject([{from: [1000, 25_000], leastMs: 0}]);
	});

	it('counts the certain time once, whatever comes back after it', () => {
		const [outage] = outagesOf([
			event(500, 'a', 'vrrp.master'),
			...switchover.slice(0, 5),
			event(19_000, 'a', {kind: 'vip.added', object: '10.0.0.9/24'}),
			event(19_500, 'a', 'vrrp.master'),
			event(26_000, 'b', 'patroni.leads'),
		]);
		expect(outage).toMatchObject({leastMs: 1350, to: [15_350, 26_000]});
	});

	it('does not count as certain what lies between a primary that came back unseen, and another loss', () => {
		const [outage] = outagesOf([
			event(500, 'a', 'vrrp.master'),
			event(1000, 'a', 'patroni.leads'),
			event(2000, 'b', 'patroni.promoted'),
			event(40_000, 'a', 'vrrp.backup'),
			event(41_000, 'b', 'patroni.leads'),
			event(43_000, 'b', 'vrrp.master'),
			event(51_000, 'b', 'patroni.leads'),
		]);
		expect(outage).toMatchObject({leastMs: 1850, to: [42_850, 51_000]});
	});

	it('is possible at the end of the lines, too', () => {
		const [outage] = outagesOf([event(1000, 'a', 'patroni.leads'), event(2000, 'a', 'vrrp.rival')]);
		expect(outage).toMatchObject({from: [1000, 1000], to: undefined, leastMs: 0});
		expect(outage && describeBounds(outage)).toBe(
			'perhaps none at all, and no line says that it has ended, by primary and VIP alone: no line of HAProxy was read',
		);
	});

	describe('by a synchronous standby', () => {
		const loops = [1, 6, 11, 16, 21, 26, 31].map(second => event(second * 1000, 'a', 'patroni.leads'));
		const inOrder = (...lines: readonly LogEvent[]) =>
			outagesOf([...loops, ...lines].toSorted((one, other) => one.at - other.at));
		const asked = event(2000, 'a', {kind: 'postgres.sync-names', object: 'b'});
		const full = event(12_000, 'b', {kind: 'postgres.disk-full', why: 'could not write to file "pg_wal/x"'});
		const lost = event(12_500, 'b', 'postgres.streaming-lost');
		const none = event(16_500, 'a', 'postgres.sync-names');
		const joined = event(16_500, 'a', {kind: 'postgres.sync-joined', object: 'b'});

		it.each([
			['until it is not asked any more', [asked, full, lost, none]],
			['though no line says that it was asked before', [full, lost, none]],
			['until it is back', [asked, full, lost, joined]],
		])('may last from its first sign on, %s', (_, lines) => {
			expect(inOrder(...lines)).toMatchObject([
				{
					from: [11_000, 21_000],
					to: [11_000, 21_000],
					leastMs: 0,
					reason: 'the disk of PostgreSQL on b is full: could not write to file "pg_wal/x"',
				},
			]);
		});

		it('may have begun when the standby was last heard, where it says nothing', () => {
			const heard = event(7000, 'b', {kind: 'patroni.follows', leader: 'a'});
			expect(inOrder(asked, heard, none)).toMatchObject([{from: [7000, 21_000], leastMs: 0}]);
		});

		it('does not begin with a standby that is not named, or has been gone for long', () => {
			const later = [91, 96, 101, 106].map(second => event(second * 1000, 'a', 'patroni.leads'));
			const other = event(3000, 'c', 'node.silent');
			const taken = event(97_000, 'a', 'postgres.sync-names');
			const begins = (...lines: readonly LogEvent[]) => inOrder(...later, ...lines).map(({from}) => from[0]);
			expect(begins(asked, other, event(96_500, 'b', 'postgres.crashed'), taken)).toEqual([96_000]);
			expect(begins(asked, other, event(94_000, 'b', {kind: 'patroni.follows'}), taken)).toEqual([94_000]);
			expect(begins(other, event(96_500, 'b', 'postgres.crashed'), taken)).toEqual([96_000]);
			expect(begins(other, taken)).toEqual([]);
		});

		it('does not begin with a sign after which the standby was back', () => {
			const later = [91, 96, 101, 106].map(second => event(second * 1000, 'a', 'patroni.leads'));
			const down = event(12_500, 'b', 'kernel.link-down');
			const back = event(16_000, 'b', {kind: 'patroni.follows', leader: 'a'});
			const stops = event(98_000, 'b', 'postgres.crashed');
			const taken = event(99_000, 'a', 'postgres.sync-names');
			expect(inOrder(...later, asked, down, back, stops, taken).map(({from}) => from[0])).toEqual([96_000]);
			// A line of the same loop was written before it noticed.
			const atOnce = event(13_000, 'b', {kind: 'patroni.follows', leader: 'a'});
			expect(inOrder(...later, asked, down, atOnce, stops, taken).map(({from}) => from[0])).toEqual([11_000]);
		});

		it('does not begin with a node whose name is only a part of the one that is asked', () => {
			const named = event(2000, 'a', {kind: 'postgres.sync-names', object: '"b10"'});
			expect(inOrder(named, lost, none).map(({from}) => from[0])).not.toContain(11_000);
		});

		it.each([
			['ANY 1 (b, c)', 1, false],
			['ANY 1 (b, c)', 2, true],
			['ANY 2 (b, c)', 1, true],
			['2 (b, c)', 1, true],
			['b, c', 1, false],
		])('where it names %s and %s are gone: %s', (object, gone, waits) => {
			const named = event(2000, 'a', {kind: 'postgres.sync-names', object});
			const losses = [lost, event(12_600, 'c', 'postgres.streaming-lost')].slice(0, gone);
			const begins = inOrder(
				named,
				...losses,
				event(16_500, 'a', {kind: 'postgres.sync-names', object: 'c'}),
			);
			expect(begins.length > 0).toBe(waits);
		});

		it('lasts while any is asked for and none is there', () => {
			const any = event(16_500, 'a', {kind: 'postgres.sync-names', object: '*'});
			const back = event(27_000, 'a', {kind: 'postgres.sync-joined', object: 'b'});
			expect(inOrder(asked, lost, any, back)).toMatchObject([{from: [11_000, 31_000], to: [11_000, 31_000]}]);
			expect(inOrder(asked, lost, any)).toMatchObject([{to: undefined}]);
		});

		it.each([
			[
				'it waits to be released before it stops',
				[
					asked,
					event(12_000, 'b', {
						kind: 'patroni.waits',
						why: 'Waiting for primary to release us from synchronous standby',
					}),
					event(12_100, 'a', 'postgres.sync-names'),
					event(13_000, 'b', {kind: 'postgres.stop-requested', why: 'fast'}),
					event(16_500, 'a', {kind: 'postgres.sync-names', object: 'b'}),
					event(16_600, 'a', {kind: 'postgres.sync-joined', object: 'b'}),
				],
			],
			['no line says that any is asked', [full, lost]],
			['a standby is only asked for the first time', [event(16_500, 'a', {...asked.said}), joined]],
		])('is none where %s', (_, lines) => {
			expect(inOrder(...lines)).toEqual([]);
		});
	});

	it.each([
		['could not extend file "base/5/16384": No space left on device', 1],
		['could not write to file "pg_wal/xlogtemp.4711": No space left on device', 1],
		['could not write to file "base/pgsql_tmp/pgsql_tmp1.0": No space left on device', 0],
		['could not write temporary statistics file "pg_stat/pgstat.tmp": No space left on device', 0],
		['could not write init file: No space left on device', 0],
	])('may be where the disk of the primary is full: %s', (why, count) => {
		const outages = outagesOf([
			event(1000, 'a', 'patroni.leads'),
			event(5000, 'a', {kind: 'postgres.disk-full', why}),
			event(11_000, 'a', 'patroni.leads'),
			event(13_000, 'a', {kind: 'postgres.disk-full', why}),
			event(21_000, 'a', 'patroni.leads'),
		]);
		expect(outages).toHaveLength(count * 2);
		for (const outage of outages) {
			expect(outage).toMatchObject({leastMs: 0});
		}
	});

	describe('of the time before the one that is asked for', () => {
		// Of keepalived more lines are read than of Patroni, whose first one ends what began long before it.
		const moved = [
			event(1000, 'a', 'vrrp.master'),
			event(2000, 'b', 'vrrp.master'),
			event(3000, 'b', 'vrrp.backup'),
		];
		const loops = [300_000, 305_000].map(at => event(at, 'a', 'patroni.leads'));
		const shutdown = [
			event(320_000, 'a', {kind: 'postgres.stop-requested', why: 'fast'}),
			event(322_000, 'b', 'patroni.promoted'),
			event(322_500, 'b', 'postgres.ready'),
			event(330_000, 'b', 'patroni.leads'),
		];
		const outagesIn = (events: readonly LogEvent[], before: readonly LogEvent[]) =>
			findIncidents(events, before).flatMap(({outages}) => outages);

		it('is none of this time, ended or not', () => {
			expect(outagesIn(shutdown, [...moved, ...loops])).toMatchObject([
				{from: [305_000, 320_150], to: [322_350, 330_000]},
			]);
			expect(outagesIn(shutdown, [...moved.slice(0, 2), ...loops])).toMatchObject([
				{from: [305_000, 320_150]},
			]);
		});

		it('does not make one of this time begin earlier', () => {
			// Two holders to the end: no loop ends it.
			const [before, after] = [event(200_000, 'a', 'patroni.leads'), event(330_000, 'a', 'vrrp.backup')];
			expect(outagesIn([...shutdown, after], [before, ...moved.slice(0, 2), ...loops])).toMatchObject([
				{from: [305_000, 320_150]},
			]);
		});
	});

	it('belongs to one incident, though its end is long after', () => {
		const incidents = findIncidents([
			event(1000, 'a', 'patroni.leads'),
			event(2000, 'a', 'vrrp.master'),
			event(3000, 'b', 'vrrp.master'),
			event(200_000, 'b', 'vrrp.backup'),
			event(211_000, 'a', 'patroni.leads'),
		]);
		expect(incidents.flatMap(({outages}) => outages)).toMatchObject([{to: [expect.any(Number), 211_000]}]);
	});

	it('is none in a standby cluster, which takes no writes', () => {
		expect(
			outagesOf([
				event(500, 'a', 'vrrp.master'),
				event(1000, 'a', {kind: 'patroni.leads', why: 'standby leader'}),
				event(2000, 'a', {kind: 'postgres.stop-requested', why: 'fast'}),
				event(3000, 'b', 'patroni.promoted'),
				event(4000, 'a', {kind: 'haproxy.no-server', backend: 'primary'}),
				event(11_000, 'b', {kind: 'patroni.leads', why: 'standby leader'}),
			]),
		).toEqual([]);
	});

	it('does not end with the loop that was under way when it began', () => {
		expect(
			outagesOf([
				event(1000, 'a', 'patroni.leads'),
				event(10_900, 'a', 'patroni.lock-lost'),
				event(11_000, 'a', 'patroni.leads'),
				event(21_000, 'a', 'patroni.leads'),
			]),
		).toMatchObject([{from: [1000, 21_000], to: [1000, 21_000]}]);
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
			'postgres.sync-names',
			'postgres.sync-joined',
			'postgres.streaming-lost',
			'vrrp.master',
			'vrrp.backup',
			'vrrp.rival',
			'haproxy.no-server',
			'haproxy.server-up',
			'haproxy.stopped',
			'haproxy.started',
			'kernel.boot',
			'kernel.link-down',
			'kernel.link-up',
			'patroni.follows',
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
						expect(from[1]).toBeLessThanOrEqual(to[1]);
						expect(leastMs).toBeLessThanOrEqual(to[1] - from[0]);
						expect(to[1]).toBeGreaterThanOrEqual(before);
						before = to[1];
					}
				}
			}),
		);
	});
});
