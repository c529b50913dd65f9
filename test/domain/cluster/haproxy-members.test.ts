import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {membersByServer} from '../../../source/domain/cluster/haproxy-members.ts';
import {nodeAt} from '../../../source/domain/cluster/vip.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import type {Target} from '../../../source/domain/target.ts';
import {statsFact, statsOf} from '../../support/haproxy.ts';
import {Session, start, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

type Member = Parameters<typeof madeFacts>[0]['members'][number];

const at = (name: string, host: string, port = 5432): Member => ({
	name,
	key: {host, port, apiUrl: `http://${host.includes(':') ? `[${host}]` : host}:8008/patroni`},
});
const two = [at('pgdb1', '10.73.0.160'), at('pgdb2', '10.73.0.170')];
const clusterOf = (members: readonly Member[], scene: Partial<Target> = {}) =>
	new Session({...target, nodes: [], ...scene}).at(0, ...madeFacts({members}));

/** The member of each server of one backend. */
function who(servers: readonly string[], session: Session): Record<string, string | undefined> {
	const {cluster, target: scene} = session.state;
	const stats = statsOf({primary: servers});
	const members = membersByServer(cluster, scene, stats);
	return Object.fromEntries(stats.servers.map(server => [server.server, members.get(server)]));
}

describe("HAProxy's servers", () => {
	it.each<[string, readonly Member[], readonly string[], readonly (string | undefined)[]]>([
		['by name', two, ['pgdb1', 'pgdb2'], ['pgdb1', 'pgdb2']],
		['by name, whatever its case', two, ['PGDB1', 'PgDb2'], ['pgdb1', 'pgdb2']],
		['not at all', two, ['node1', 'node2'], [undefined, undefined]],
		['by address', two, ['node1=10.73.0.160:5432', 'node2=10.73.0.170:6432'], ['pgdb1', 'pgdb2']],
		['by an address in the name', two, ['postgresql_10.73.0.160_5432', 'pg-10-73-0-170'], ['pgdb1', 'pgdb2']],
		['by an address that is the name', two, ['10.73.0.160', '10.73.0.170:5432'], ['pgdb1', 'pgdb2']],
		['by the first label', two, ['pgdb1.example.org', 'pgdb2.example.org'], ['pgdb1', 'pgdb2']],
		['by a word of the name', two, ['srv_pgdb1_5432', 'pgdb2-ro'], ['pgdb1', 'pgdb2']],
		[
			'by the first label of the member',
			[at('pg1.example.org', 'pg1.example.org'), at('pg2.example.org', 'pg2.example.org')],
			['pg1', 'pg2-ro'],
			['pg1.example.org', 'pg2.example.org'],
		],
		[
			'by the host of its key',
			[at('postgresql0', 'db-a.example.org'), at('postgresql1', 'db-b.example.org')],
			['db-a', 'db-b.example.org'],
			['postgresql0', 'postgresql1'],
		],
		[
			'by whole words alone',
			[at('pgdb1', '10.73.0.16'), at('pgdb10', '10.73.0.160')],
			['x-10.73.0.160-5432', 'x-pgdb1'],
			['pgdb10', 'pgdb1'],
		],
		[
			'and not by a part of a name or of an address',
			[at('pgdb1', '10.73.0.16')],
			['pgdb10', 'pgdb-1', 'pg-10.73.0.160', 'pg-110.73.0.16', 'mypgdb1'],
			[undefined, undefined, undefined, undefined, undefined],
		],
		['nor by a word that any could have', [at('postgres', '10.73.0.16')], ['postgres-ha'], [undefined]],
		['nor by the beginning of a number', [at('pg', '10.73.0.16')], ['pg-2'], [undefined]],
		['by the longest of several', [at('pg', '10.0.0.1'), at('pg-2', '10.0.0.2')], ['pg-2-direct'], ['pg-2']],
		['unless two are named', two, ['pgdb1-pgdb2'], [undefined]],
		['nor where name and address disagree', two, ['pgdb1=10.73.0.170:5432'], [undefined]],
		['nor two as one', two, ['pgdb1-a', 'pgdb1-b'], [undefined, undefined]],
		['but the surer of two', two, ['pgdb1', 'pgdb1-old'], ['pgdb1', undefined]],
		[
			'two at one member where their addresses say so',
			two,
			['a=10.73.0.160:5432', 'b=10.73.0.160:6432'],
			['pgdb1', 'pgdb1'],
		],
		[
			'by port on one machine',
			[at('postgresql0', '127.0.0.1', 5432), at('postgresql1', '127.0.0.1', 5433)],
			['postgresql_127.0.0.1_5432', 'x=127.0.0.1:5433'],
			['postgresql0', 'postgresql1'],
		],
		[
			'by port on one host of several',
			[at('a1', '10.0.0.1', 5432), at('a2', '10.0.0.1', 5433), at('b1', '10.0.0.2', 5432)],
			['x=10.0.0.1:5433', 'y=10.0.0.1:6432', 'z=10.0.0.2:6432'],
			['a2', undefined, 'b1'],
		],
		[
			'not by localhost, which all call themselves',
			[at('pgdb1', 'localhost'), at('pgdb2', '10.0.0.2')],
			['x=127.0.0.1:5432'],
			[undefined],
		],
		[
			'by IPv6 address',
			[at('pgdb1', 'fd00:0:0::1'), at('pgdb2', 'fd00::2')],
			['a=[fd00::1]:5432', 'b=[fd00::2]:5432'],
			['pgdb1', 'pgdb2'],
		],
	])('are known %s', (_, members, servers, expected) => {
		const names = servers.map(words => words.split('=')[0] ?? '');
		const wanted = Object.fromEntries(names.map((name, index) => [name, expected[index]]));
		expect(who(servers, clusterOf(members))).toEqual(wanted);
	});

	it('are matched by the configured nodes, where members have host names and HAProxy shows addresses', () => {
		const session = clusterOf([at('pgdb1', 'pgdb1.example.org'), at('pgdb2', 'pgdb2.example.org')], {
			nodes: [
				{name: 'pgdb1', host: '10.73.0.160', roles: ['database']},
				{name: 'left', host: 'pgdb2.example.org', roles: ['database']},
			],
		});
		expect(who(['x=10.73.0.160:5432', 'left'], session)).toEqual({x: 'pgdb1', left: 'pgdb2'});
	});

	it("are matched by the nodes' own addresses, but not by the VIP or by an address of several nodes", () => {
		const session = clusterOf([at('pgdb1', 'pgdb1.example.org'), at('pgdb2', 'pgdb2.example.org')]);
		for (const [node, own] of [
			['pgdb1', '10.73.0.160'],
			['pgdb2', '10.73.0.170'],
		] as const) {
			session.at(0, {
				type: 'addresses.snapshot',
				source: `vip:${node}`,
				node,
				addresses: ['127.0.0.1', own, '172.17.0.1', ...(node === 'pgdb1' ? ['10.73.0.172'] : [])].map(ip => ({
					ip,
					interface: 'eth0',
				})),
			});
		}

		expect(
			who(['a=10.73.0.160:5432', 'b=10.73.0.170:5432', 'c=172.17.0.1:5432', 'd=10.73.0.172:5432'], session),
		).toEqual({a: 'pgdb1', b: 'pgdb2', c: undefined, d: undefined});
		expect(nodeAt(session.state.cluster, session.state.target, '10.73.0.170:5432')).toBe('pgdb2');
	});

	it('follow the configuration first, unless it names no member, or one member twice', () => {
		const scene = (servers: Record<string, string>) => clusterOf(two, {haproxy: {backends: {}, servers}});
		expect(who(['pgdb1', 'node2'], scene({pgdb1: 'pgdb2', node2: 'PGDB1'}))).toEqual({
			pgdb1: 'pgdb2',
			node2: 'pgdb1',
		});
		expect(who(['pgdb1'], scene({pgdb1: 'pgdb2', 'primary/pgdb1': 'pgdb1'}))).toEqual({pgdb1: 'pgdb1'});
		expect(who(['node1'], scene({node1: 'pgdb9'}))).toEqual({node1: undefined});
		expect(who(['node1', 'node2'], scene({node1: 'pgdb1', node2: 'pgdb1'}))).toEqual({
			node1: undefined,
			node2: undefined,
		});
		expect(who(['constructor', '__proto__'], scene({}))).toEqual({
			constructor: undefined,
			['__proto__']: undefined,
		});
	});

	it('are matched by name when the member has lost its key', () => {
		const session = clusterOf(two).at(1, {
			type: 'dcs.deleted',
			source: 'watch:a',
			path: 'members/pgdb1',
			revision: 900,
		});
		expect(who(['pgdb1', 'pgdb2'], session)).toEqual({pgdb1: 'pgdb1', pgdb2: 'pgdb2'});
	});

	it('never match one member twice in a backend, nor a member that the name does not contain', () => {
		const part = fc.constantFrom(
			'pg',
			'db',
			'node',
			'1',
			'2',
			'10',
			'a',
			'ro',
			'10.0.0.1',
			'10.0.0.11',
			'5432',
		);
		const name = fc.array(part, {minLength: 1, maxLength: 4}).map(parts => parts.join('-'));
		fc.assert(
			fc.property(
				fc.uniqueArray(name, {minLength: 1, maxLength: 4}),
				fc.uniqueArray(name, {minLength: 1, maxLength: 5}),
				(members, servers) => {
					const found = who(
						servers,
						clusterOf(members.map((one, index) => at(one, `192.168.7.${index + 1}`))),
					);
					const taken = Object.entries(found).filter(([, member]) => member !== undefined);
					expect(new Set(taken.map(([, member]) => member)).size).toBe(taken.length);
					for (const [server, member = ''] of taken) {
						expect(`-${server.replaceAll('.', '-')}-`).toContain(`-${member.replaceAll('.', '-')}-`);
					}

					for (const server of servers.filter(one => members.includes(one))) {
						expect(found[server]).toBe(server);
					}
				},
			),
			{numRuns: 300},
		);
	});
});

describe('a HAProxy whose servers have names of their own', () => {
	const facts = (layout: Parameters<typeof statsFact>[1], scene: Partial<Target> = {}) => {
		// Asked for after the leader's key was seen.
		const session = clusterOf(two, {vip: '10.73.0.172', haproxy: {backends: {}}, ...scene}).at(
			4,
			statsFact('pgdb1', layout),
		);
		const {cluster, target: all, now} = session.state;
		return findFindings(cluster, all, now)
			.filter(({id}) => id.startsWith('haproxy.') && id !== 'haproxy.blind')
			.map(({severity, text}) => `${severity}: ${text}`);
	};

	it('gets no finding but the request to name its members', () => {
		expect(facts({primary: ['+node1', 'node2']})).toEqual([
			"unknown: pgdb1: it is not known which members HAProxy's servers node1, node2 are; set haproxy.servers: {node1: MEMBER, node2: MEMBER}",
		]);
		expect(facts({primary: ['+node1', 'pgdb2']})).toEqual([
			"unknown: pgdb1: it is not known which member HAProxy's server node1 is; set haproxy.servers: {node1: pgdb1}",
		]);
	});

	it('is judged once the configuration names the members', () => {
		const servers = {node1: 'pgdb1', node2: 'pgdb2'};
		expect(facts({primary: ['+node1', 'node2']}, {haproxy: {backends: {}, servers}})).toEqual([]);
		expect(facts({primary: ['node1', '+node2']}, {haproxy: {backends: {}, servers}})).toEqual([
			'degraded: pgdb1: HAProxy sends writers to pgdb2, but the leader is pgdb1',
		]);
		expect(
			facts({primary: ['+pgdb1', 'pgdb2']}, {haproxy: {backends: {}, servers: {pgdb2: 'pgdb9'}}}),
		).toEqual(['notice: haproxy.servers names members that do not exist: pgdb2: pgdb9']);
	});

	it("gets a finding that asks for the writers' backend if it cannot be determined", () => {
		expect(facts({one: ['+pgdb1', 'pgdb2'], two: ['pgdb1', '+pgdb2']})).toEqual([
			'unknown: pgdb1: it is not known which HAProxy backend serves writers; set haproxy.backends.primary',
		]);
		expect(facts({one: ['+pgdb1']}, {haproxy: {backends: {primary: 'three'}}})).toEqual([
			'unknown: pgdb1: HAProxy has no servers in backend "three" (haproxy.backends.primary)',
		]);
	});

	it('is not reported missing on a node without HAProxy', () => {
		const session = clusterOf(two, {vip: '10.73.0.172', haproxy: {backends: {}}}).at(
			0,
			{type: 'source.lost', source: 'haproxy:pgdb1', reason: 'connection refused', code: 'refused'},
			{
				type: 'units.snapshot',
				source: 'units:pgdb1',
				node: 'pgdb1',
				units: [
					{
						service: 'haproxy',
						unit: 'haproxy.service',
						load: 'not-found',
						active: 'inactive',
						sub: 'dead',
						invocationId: '',
						since: undefined,
						pid: 0,
						restarts: 0,
					},
				],
			},
		);
		const found = findFindings(session.state.cluster, session.state.target, start);
		expect(found.filter(({about, id}) => about === 'pgdb1' && id.startsWith('haproxy.'))).toEqual([]);
	});
});
