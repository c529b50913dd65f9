/** Since when the VIP and the leader key are held: by the logs, where the console did not see it, and never against what it saw. */
import {describe, expect, it} from 'vitest';
import {leaderKey} from '../../../source/domain/cluster/keys.ts';
import type {EarlierRead, Fact} from '../../../source/domain/events.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {holderLine} from '../../../source/state/view/leader-key.ts';
import {holderLines} from '../../../source/state/view/vip-holder.ts';
import {healthyFacts} from '../../support/captures.ts';
import {Session, start, target} from '../../support/session.ts';

const vip = {ip: '10.73.0.172', interface: 'eth0'};
const own = {ip: '10.73.0.160', interface: 'eth0'};
const holder = 'pgdb1';

function addresses(...present: readonly (typeof vip)[]): Fact {
	return {type: 'addresses.snapshot', source: `vip:${holder}`, node: holder, addresses: present};
}

/** @param seconds after the start of the console */
function read(seconds: number, more: Partial<EarlierRead> = {}): EarlierRead {
	return {
		type: 'history.read',
		by: ['logs'],
		since: start - 3_600_000,
		until: start + seconds * 1000,
		entries: [],
		holds: {
			vips: [{node: holder, ip: vip.ip, at: start - 720_000, uncertainMs: 7}],
			leader: {node: 'pgdb1', at: start - 300_000, uncertainMs: 7},
		},
		missing: [],
		...more,
	};
}

function shown(session: Session): {vip: string; leader: string} {
	const snapshot = shownSnapshot(session.state);
	const textOf = (lines: readonly (readonly {text: string}[])[]) =>
		lines
			.flat()
			.map(({text}) => text)
			.join('');
	return {
		vip: textOf(holderLines(snapshot, {short: true, brief: true})),
		leader: textOf(holderLine(snapshot.cluster, snapshot.now, {short: true})),
	};
}

const others = healthyFacts('trixie').filter(fact => !('source' in fact) || fact.source !== `vip:${holder}`);
const begun = () => new Session().at(0, ...others, addresses(own, vip));

describe('since when', () => {
	it('is known by the logs', () => {
		expect(shown(begun().at(4)).vip).toMatch(/pgdb1, start not seen$/);
		const session = begun().at(4, read(3));
		expect(shown(session)).toEqual({
			vip: expect.stringMatching(/pgdb1, for 12m$/),
			leader: expect.stringMatching(/pgdb1, for 5m 4s$|pgdb1, for 5m$/),
		});
		// A renewed snapshot of the node, and of the keys, changes nothing.
		session.at(5, addresses(own, vip), ...others);
		expect(shown(session).vip).toMatch(/for 12m/);
		expect(leaderKey(session.state.cluster)?.heldFrom).toEqual({at: start - 300_000, uncertainMs: 7});
	});

	it('is about that time where the clock of the node is not known well', () => {
		const vips = [{node: holder, ip: vip.ip, at: start - 720_000, uncertainMs: 4000}];
		expect(shown(begun().at(4, read(3, {holds: {vips}}))).vip).toMatch(/pgdb1, for about 12m/);
	});

	it('is what the console saw, if it saw it', () => {
		const session = new Session()
			.at(0, ...others, addresses(own))
			.at(1, {type: 'addresses.added', source: `vip:${holder}`, node: holder, address: vip})
			.at(4, read(3));
		expect(shown(session).vip).toMatch(/pgdb1, for 3s$/);
	});

	it.each<[string, (session: Session) => Session]>([
		[
			'the node was lost after the logs were read',
			session =>
				session
					.at(1, {type: 'source.lost', source: `vip:${holder}`, reason: 'no route', code: 'silent'})
					.at(2, addresses(own, vip))
					.at(3, read(1)),
		],
		[
			'the node is lost when they arrive',
			session =>
				session
					.at(1, {type: 'source.lost', source: `vip:${holder}`, reason: 'no route', code: 'silent'})
					.at(2, read(3))
					.at(3, addresses(own, vip)),
		],
		[
			'another node has it',
			session =>
				session.at(
					4,
					read(3, {holds: {vips: [{node: 'pgdb2', ip: vip.ip, at: start - 9000, uncertainMs: 1}]}}),
				),
		],
		['the console looked first after the logs were read', session => session.at(4, read(-1))],
	])('stays unknown where %s', (_, then) => {
		expect(shown(then(begun())).vip).toMatch(/pgdb1, start not seen$/);
	});

	it('of the leader is not that of the one before', () => {
		const holds = {vips: [], leader: {node: 'pgdb2', at: start - 300_000, uncertainMs: 7}};
		const session = begun().at(4, read(3, {holds}));
		expect(leaderKey(session.state.cluster)?.member).toBe('pgdb1');
		expect(leaderKey(session.state.cluster)?.heldFrom).toBeUndefined();
		expect(target.nodes.map(({name}) => name)).toContain('pgdb2');
	});
});
