import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type EtcdNode, etcdEndpoints, etcdWithheld, quorum} from '../../../source/domain/cluster/etcd.ts';
import {haproxyTrusts} from '../../../source/domain/cluster/trust.ts';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {requestsOf} from '../../../source/domain/operations/operation.ts';
import {keepsQuorum} from '../../../source/domain/operations/preconditions/machine-stops.ts';
import type {Target} from '../../../source/domain/target.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {etcdPane} from '../../../source/state/view/etcd.ts';
import {Session, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

const base: Target = {...target, vip: undefined, nodes: []};
const made = (changed: Partial<Target> = {}) =>
	new Session({...base, ...changed}).at(0, ...madeFacts({members: [{name: 'pgdb1'}, {name: 'pgdb2'}]}));

function withApi(session: Session, urls: Readonly<Record<string, string>>): Session {
	return session.at(
		1,
		...Object.entries(urls).map(([member, apiUrl]): Event => {
			const key = session.state.cluster.keys.get(`members/${member}`);
			const data = key?.value.kind === 'member' ? key.value.data : undefined;
			if (data === undefined) {
				throw new Error(`no member ${member}`);
			}

			return {
				type: 'dcs.put',
				source: 'watch:a',
				entry: {
					path: `members/${member}`,
					value: {kind: 'member', name: member, data: {...data, apiUrl}},
					createRevision: 900,
					modRevision: 900,
					lease: undefined,
				},
			};
		}),
	);
}

function withEtcd(session: Session, urls: readonly (readonly string[])[]): Session {
	const [endpoint = ''] = session.state.target.endpoints;
	return session.at(1, {
		type: 'etcd.members',
		source: `etcd:${endpoint}`,
		members: urls.map((clientUrls, index) => ({
			id: String(900 + index),
			name: `e${index}`,
			clientUrls: [...clientUrls],
			learner: false,
		})),
		alarms: [],
	});
}

/** `fc.webUrl()` takes more than a second of CPU before its first value. */
const webUrl = fc
	.tuple(
		fc.constantFrom('http', 'https'),
		fc.domain(),
		fc.constantFrom('', ':2379', ':0', ':65536'),
		fc.constantFrom('', '/', '/a%20b', '/?x=1#y', '//'),
	)
	.map(([scheme, host, port, path]) => `${scheme}://${host}${port}${path}`);

const asked = ({state}: Session) =>
	subscriptions(state)
		.map(one => JSON.stringify(one))
		.join('\n');
const texts = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now).map(({text}) => text);

describe("Patroni's REST API", () => {
	const https = 'https://10.0.0.1:8008/patroni';
	const http = 'http://10.0.0.66:8008/patroni';

	it.each([
		['TLS is configured', {trust: {restTls: 'ctl.cacert', etcdUser: false, haproxyUser: false}}, http],
		['another member is on https', {}, https],
	] as const)('is not asked over http where %s', (_, changed, other) => {
		const session = withApi(made(changed), {pgdb1: other, pgdb2: http});
		expect(asked(session)).not.toContain('10.0.0.66');
		expect(texts(session)).toContainEqual(
			expect.stringContaining(`pgdb2: nothing is sent to its REST API ${http}`),
		);
		const {cluster, target, now} = session.state;
		expect(requestsOf({kind: 'reload', member: 'pgdb2'}, {cluster, target, now})).toEqual({
			problem: expect.stringContaining(`nothing is sent to pgdb2's REST API ${http}`),
		});
	});

	it('is asked over http if all members use http', () => {
		const session = withApi(made(), {pgdb1: http, pgdb2: http});
		expect(asked(session)).toContain('10.0.0.66');
		expect(texts(session).join()).not.toContain('nothing is sent');
	});

	it('of a silent node is asked by the scheme of the others', () => {
		const nodes = [{name: 'pgdb9', host: '10.0.0.9', roles: ['database' as const]}];
		const secure = withApi(made({nodes}), {pgdb1: https});
		expect(asked(secure)).toContain('https://10.0.0.9:8008/patroni');
		expect(asked(made({nodes}))).toContain('http://10.0.0.9:8008/patroni');
	});

	it('is asked for a bounded number of members', () => {
		const names = Array.from({length: 100}, (_, index) => ({name: `m${index}`}));
		const session = new Session(base).at(0, ...madeFacts({members: names}));
		expect(subscriptions(session.state).filter(({kind}) => kind === 'patroni').length).toBeLessThanOrEqual(
			64,
		);
		expect(texts(session).join()).toContain('names more than 64 members');
	});

	it('is asked for configured members first, within the bound, where the DCS names a thousand', () => {
		const names = Array.from({length: 1000}, (_, index) => ({name: `m${String(index).padStart(4, '0')}`}));
		const nodes = [{name: 'm0999', host: 'm0999', roles: ['database' as const]}];
		const session = new Session({...target, nodes}).at(0, ...madeFacts({members: names}));
		const wanted = subscriptions(session.state);
		expect(wanted.filter(({kind}) => kind === 'patroni').map(one => 'member' in one && one.member)).toContain(
			'm0999',
		);
		for (const kind of ['patroni', 'addresses', 'haproxy', 'units', 'disk']) {
			expect(wanted.filter(one => one.kind === kind).length).toBeLessThanOrEqual(64);
		}
	});
});

describe('etcd', () => {
	const secure = {endpoints: ['https://10.0.0.1:2379']};

	it('over http is never used where https is configured', () => {
		const session = withEtcd(made(secure), [['http://10.0.0.66:2379'], ['https://10.0.0.2:2379']]);
		expect(etcdEndpoints(session.state.cluster, session.state.target)).toEqual([
			'https://10.0.0.1:2379',
			'https://10.0.0.2:2379',
		]);
		expect(texts(session)).toContain(
			'etcd e0: nothing is sent to http://10.0.0.66:2379: it is http, while etcd is configured with https',
		);
		// A member that is not asked is not reported down.
		expect(texts(session).join()).not.toContain('etcd e0 does not answer');
	});

	it('over https is not used for a user that was configured for http', () => {
		const trust = {etcdUser: true, haproxyUser: false};
		const session = withEtcd(made({endpoints: ['http://10.0.0.1:2379'], trust}), [['https://10.0.0.2:2379']]);
		expect(asked(session)).not.toContain('10.0.0.2');
	});

	it('uses the URL of the configured scheme, and no malformed one', () => {
		const session = withEtcd(made(secure), [
			['http://10.0.0.2:2379', 'https://10.0.0.2:2379'],
			['https://user:x@10.0.0.3:2379'],
			['https://10.0.0.4:2379/path?x'],
			['unix://x'],
			['mailto:x'],
			['https://127.0.0.1:2379'],
		]);
		expect(etcdEndpoints(session.state.cluster, session.state.target)).toEqual([
			'https://10.0.0.1:2379',
			'https://10.0.0.2:2379',
		]);
	});

	it('has a bounded number of discovered endpoints, whatever its member list names', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.array(
						fc.oneof(
							webUrl,
							fc.string(),
							fc.ipV4().map(ip => `https://${ip}:2379`),
						),
					),
				),
				urls => {
					const {state} = withEtcd(made(secure), urls);
					const endpoints = etcdEndpoints(state.cluster, state.target);
					expect(endpoints.length).toBeLessThanOrEqual(17);
					expect(endpoints.every(url => url.startsWith('https://'))).toBe(true);
				},
			),
			{numRuns: 50},
		);
		const many = Array.from({length: 200}, (_, index) => [`https://10.1.0.${index}:2379`]);
		const session = withEtcd(made(secure), many);
		expect(etcdEndpoints(session.state.cluster, session.state.target)).toHaveLength(17);
		expect(etcdWithheld(session.state.cluster, session.state.target)).toHaveLength(187);
		expect(texts(session).join()).toContain('(and 179 more addresses)');
	});
});

describe("HAProxy's user", () => {
	it('is sent to the configured nodes and their members only', () => {
		const nodes = [{name: 'pgdb1', host: 'db1', roles: ['database' as const]}];
		expect(haproxyTrusts({...base, nodes}, {name: 'pgdb1', host: '10.0.0.1'})).toBe(true);
		expect(haproxyTrusts({...base, nodes}, {name: 'other', host: 'db1'})).toBe(true);
		expect(haproxyTrusts({...base, nodes}, {name: 'other', host: '10.0.0.66'})).toBe(false);
		expect(
			haproxyTrusts({...base, nodes: [{name: 'e', host: 'e', roles: ['etcd']}]}, {name: 'x', host: 'x'}),
		).toBe(true);
	});

	it('is withheld with a finding', () => {
		const session = made({
			vip: '10.0.0.100',
			nodes: [{name: 'pgdb1', host: '10.0.0.1', roles: ['database']}],
			trust: {etcdUser: false, haproxyUser: true},
		});
		const proxies = subscriptions(session.state).flatMap(one => (one.kind === 'haproxy' ? [one] : []));
		expect(proxies.map(({node, withUser}) => [node, withUser])).toEqual([
			['pgdb1', true],
			['pgdb2', false],
		]);
		expect(texts(session).join()).toMatch(
			/pgdb2: HAProxy's user is not sent to \S+: it is not one of the configured nodes/,
		);
	});
});

describe('the quorum of etcd', () => {
	const node = (
		name: string,
		how: 'reads' | 'alone' | 'silent' | 'refused' | 'away' | 'withheld',
	): EtcdNode => ({
		name,
		endpoint: how === 'withheld' ? undefined : `https://${name}:2379`,
		withheld: how === 'withheld' ? 'it is http, while etcd is configured with https' : undefined,
		member: {id: name, name, clientUrls: [], learner: false},
		status: undefined,
		answers: how === 'reads' || how === 'alone' || how === 'silent',
		refusal: undefined,
		contact: how === 'reads' ? 'yes' : how === 'alone' ? 'no' : 'unknown',
		unreadSince: how === 'silent' ? 0 : undefined,
		isRefused: how === 'refused',
		raftLeader: false,
		foreign: false,
	});

	it.each([
		[['reads', 'reads', 'reads'], 'held', true],
		[['reads', 'reads', 'refused'], 'held', false],
		[['reads', 'reads', 'alone'], 'held', false],
		[['reads', 'reads', 'away'], 'held', undefined],
		[['reads', 'reads', 'withheld'], 'held', undefined],
		[['reads', 'withheld', 'withheld'], 'held', undefined],
		// One linearizable read proves it, whatever is known of the others.
		[['reads', 'refused', 'refused'], 'held', false],
		[['reads', 'away', 'away'], 'held', undefined],
		[['refused', 'withheld', 'withheld'], 'unknown', undefined],
		[['silent', 'silent', 'silent'], 'unknown', undefined],
		// They may have opened no port to clients yet, or be on the other side of a broken network.
		[['silent', 'refused', 'refused'], 'unknown', false],
		[['alone', 'away', 'away'], 'unknown', undefined],
		[['alone', 'silent', 'silent'], 'unknown', undefined],
		[['alone', 'refused', 'refused'], 'lost', false],
		[['alone', 'alone', 'silent'], 'lost', false],
		[['alone', 'alone', 'withheld'], 'lost', false],
		[['alone', 'alone', 'alone'], 'lost', false],
	] as const)('of %s is %s, and without the first member: %s', (how, state, keeps) => {
		const nodes = how.map((one, index) => node(`e${index}`, one));
		expect(quorum(nodes).state).toBe(state);
		expect(keepsQuorum(nodes, 'e0')).toBe(keeps);
	});

	it('is not shown as lost while the other voters are not watched', () => {
		const session = withEtcd(
			new Session({...base, endpoints: ['https://a:2379']}).at(0, ...madeFacts({members: [{name: 'pgdb1'}]})),
			[['https://a:2379'], ['http://b:2379'], ['http://c:2379']],
		);
		const lines = etcdPane(session.state).lines.map(line => line.map(({text}) => text).join(''));
		expect(lines.join('\n')).not.toContain('LOST');
		expect(lines.join('\n')).toContain('unknown: 2 of 3 not watched');
	});
});
