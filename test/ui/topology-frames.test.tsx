/** Whole frames of other topologies: what is wrong there must be readable at each size. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {unitsFact} from '../support/captures.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {Session, target} from '../support/session.ts';
import {
	balancersFacts,
	balancersSession,
	balancersTarget,
	leaderVipSession,
	vip,
} from '../support/topologies.ts';
import {addressesFact} from '../support/vip.ts';

const readers = '10.73.0.175';

const scenes: Record<string, readonly [() => Session, readonly RegExp[]]> = {
	balancers: [balancersSession, [/HEALTHY/, /lb1 .*holds/, /lb2 .*no/]],
	'a balancer without HAProxy': [
		() =>
			balancersSession().at(1, unitsFact('lb1', ['haproxy'], {active: 'failed', sub: 'failed'}), {
				type: 'source.lost',
				source: 'haproxy:lb1',
				reason: 'connection refused',
				code: 'refused',
			}),
		[/CRITICAL.*lb1 holds the VIP, but its HAProxy is down/],
	],
	'a VIP that is not on the leader': [
		() => leaderVipSession('pgdb2'),
		[/CRITICAL.*pgdb2 holds the VIP 10\.73\.0\.172, but the leader is pgdb1/s, /pgdb2 ≠ leader pgdb1/],
	],
	'two VIPs, one of them lost': [
		() =>
			new Session({
				...balancersTarget,
				vips: [
					{address: vip, manager: 'keepalived', follows: 'none'},
					{address: readers, manager: 'keepalived', follows: 'none'},
				],
			}).at(0, ...balancersFacts(), addressesFact('lb2', '10.73.0.174')),
		[/CRITICAL.*no node holds the VIP 10\.73\.0\.175/, /VIP \.172 +lb1/, /VIP \.175 +NONE/],
	],
	'HAProxy without a VIP': [
		() => new Session({...balancersTarget, vip: undefined, vips: []}).at(0, ...balancersFacts('none')),
		[/HEALTHY/, /lb1 .*pgdb1/],
	],
	'PgBouncer that failed': [
		() =>
			new Session(target).at(
				0,
				...balancersFacts('none'),
				addressesFact('pgdb1', '10.73.0.160', vip),
				unitsFact('pgdb1', ['patroni', 'etcd', 'haproxy', 'keepalived']),
				unitsFact('pgdb2', ['pgbouncer'], {active: 'failed', sub: 'failed'}),
			),
		[/pgdb2: pgbouncer is failed/],
	],
};

describe.each(sizes)('at $width×$height', size => {
	it.each(Object.entries(scenes))('%s', (_, [make, readable]) => {
		const frame = frameOf(make().state, size);
		expect(frame).toMatchSnapshot();
		for (const pattern of readable) {
			expect(frame.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(pattern.source.replaceAll(' +', ' '), 's'));
		}

		for (const line of frame.split('\n')) {
			expect(stringWidth(line)).toBeLessThanOrEqual(size.width);
		}
	});
});
