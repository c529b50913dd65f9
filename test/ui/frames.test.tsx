import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {initialState} from '../../source/state/state.ts';
import {endpoints, patroniFact, suites} from '../support/captures.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {healthySession, Session, start, target} from '../support/session.ts';

const lost = (session: Session, seconds: number, reason = 'no answer in time') => {
	for (const endpoint of endpoints) {
		session.at(
			seconds,
			{type: 'source.lost', source: `etcd:${endpoint}`, reason},
			{type: 'source.lost', source: `dcs:${endpoint}`, reason},
		);
	}

	return session;
};

const vip = {ip: '10.73.0.172', interface: 'host0'};

const scenes: Record<string, () => Session> = {
	'before any connection': () => new Session(),
	'healthy, Patroni 3.0': () => healthySession('bookworm'),
	'healthy, Patroni 4.0': () => healthySession('trixie'),
	'healthy, Patroni 4.1': () => healthySession('forky'),
	'no leader': () =>
		healthySession('trixie')
			.at(3, {type: 'dcs.deleted', source: 'watch:a', path: 'leader', revision: 1000})
			.at(5, {type: 'tick'}),
	'etcd out of sight, the members still say who they are': () =>
		lost(healthySession('trixie'), 4, 'connection refused').at(
			12,
			patroniFact('trixie', 'pgdb1', 'pgdb1-patroni'),
			patroniFact('trixie', 'pgdb2', 'pgdb2-patroni'),
			{type: 'source.alive', source: 'vip:pgdb1'},
			{type: 'source.alive', source: 'vip:pgdb2'},
		),
	'everything silent for a minute': () => healthySession('trixie').at(60, {type: 'tick'}),
	'the VIP on the other node, and then on both': () =>
		healthySession('trixie').at(2, {
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: vip,
		}),
	'a node out of sight': () =>
		healthySession('trixie').at(
			2,
			{
				type: 'source.lost',
				source: 'vip:pgdb2',
				reason: 'the host key of 10.73.0.170 is not known (ssh-ed25519 SHA256:abc)',
				remedy: 'check it and connect once: ssh dba@10.73.0.170',
			},
			{type: 'source.lost', source: 'patroni:pgdb2', reason: 'no answer in time'},
			{type: 'source.lost', source: `etcd:${endpoints[1]}`, reason: 'no answer in time'},
			{type: 'source.lost', source: `dcs:${endpoints[1]}`, reason: 'no answer in time'},
		),
};

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.keys(scenes))('%s', name => {
		const frame = frameOf(scenes[name]?.().state ?? initialState(target, start), size);
		const lines = frame.split('\n');
		expect(lines.length).toBeLessThanOrEqual(size.height);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(size.width);
		expect(frame).toMatchSnapshot();
	});
});

describe('the shape of a frame', () => {
	it.each(suites)('has its verdict on the second line and its footer on the last one (%s)', suite => {
		const lines = frameOf(healthySession(suite).state, {width: 80, height: 24}).split('\n');
		expect(lines).toHaveLength(24);
		expect(lines[1]).toMatch(/^ HEALTHY {2}pgdb\d leads, pgdb\d could take over without loss$/);
		expect(lines.at(-1)).toMatch(/^ S switchover {2}.* {2}\? help {2}q quit$/);
	});

	it('has a message if the terminal is too small', () => {
		expect(frameOf(healthySession('trixie').state, {width: 50, height: 10}).trim()).toBe(
			'50x10 is too small: at least 60x16, or q to quit',
		);
	});
});
