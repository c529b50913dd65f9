/** What an operator must be able to read in the scenes that matter: at three sizes, no title cut, each row whole. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {endpoints, etcdFacts, healthyFacts} from '../support/captures.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {confirmed, Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const lost = (source: string): Event => ({
	type: 'source.lost',
	source: source as never,
	reason: 'no answer in time',
	code: 'timeout',
});
const all = (node: 'pgdb1' | 'pgdb2') =>
	[
		...['vip', 'units', 'disk', 'haproxy', 'patroni'].map(kind => `${kind}:${node}`),
		...['etcd', 'dcs'].map(kind => `${kind}:${endpoints[node === 'pgdb1' ? 0 : 1]}`),
	].map(lost);
const withoutRaftLeader = etcdFacts('trixie').flatMap(fact =>
	fact.type === 'etcd.status' && fact.endpoint === endpoints[0]
		? [{...fact, status: {...fact.status, raftLeader: undefined}}]
		: [],
);
const healthy = () => new Session({...target, operator: 'root'}).at(0, ...healthyFacts('trixie'));
const long = (letter: string, number: number) => {
	const name = `postgresql-production-eu-central-1${letter}-node-000${number}`;
	return {name, key: {host: `${name}.databases.example.com`}};
};

/** Each scene, and what must be readable in it at every size. */
const scenes: Record<string, readonly [() => Session, readonly RegExp[]]> = {
	healthy: [healthy, [/HEALTHY {2}pgdb1 leads, pgdb2 could take over without loss/, /pgdb2 +.*streaming/]],
	'a switchover that runs': [
		() => {
			const operator = new Operator('trixie', {...target, operator: 'root'}).after(10).select('pgdb2');
			operator.press('operation.switchover', 'dialog.yes');
			return operator.after(12, operator.gone('leader'), operator.says('pgdb1', {state: 'stopped'}));
		},
		[/CRITICAL {2}switchover pgdb1 → pgdb2, running for 2 s; no client can write/, /leader key released/],
	],
	'a machine that this console powered off': [
		() =>
			confirmed(healthy(), {kind: 'poweroff', node: 'pgdb2'}, 1)
				.at(3, ...all('pgdb2'))
				.at(4),
		[
			/DEGRADED {2}pgdb2 is off \(power off by root, \d\d:\d\d:01\)/,
			/│ pgdb2 +.*\boff\b/,
			/Quorum +2\/3, 1 off, none may fail/,
		],
	],
	'etcd without a quorum': [
		() =>
			healthy().at(
				3,
				...[endpoints[1], endpoints[2]].flatMap(url => [lost(`etcd:${url}`), lost(`dcs:${url}`)]),
				lost(`dcs:${endpoints[0]}`),
				...withoutRaftLeader,
			),
		[/CRITICAL {2}no etcd quorum seen: no raft leader on pgdb1; no answer: etcd1, pgdb2/, /LOST/],
	],
	'two holders of the VIP': [
		() =>
			healthy().at(2, {
				type: 'addresses.added',
				source: 'vip:pgdb2',
				node: 'pgdb2',
				address: {ip: '10.73.0.172', interface: 'host0'},
			}),
		[/CRITICAL {2}two nodes hold the VIP 10\.73\.0\.172: pgdb1 and pgdb2/],
	],
	'twelve members': [
		() =>
			new Session({...target, vip: undefined, nodes: []}).at(
				0,
				...madeFacts({
					members: Array.from({length: 12}, (_, index) => ({
						name: `node${String(index + 1).padStart(2, '0')}`,
					})),
				}),
			),
		[/node01 +.*Leader/],
	],
	'long names of scope, members and hosts': [
		() =>
			new Session({
				...target,
				scope: 'postgresql-production-eu-central-1-billing-and-accounts-main',
				nodes: [],
			}).at(0, ...madeFacts({members: [long('a', 1), long('b', 2), long('c', 3)]})),
		[/postgresql-production-eu-central-1-billing-and-accounts-ma/, /node-0001/, /node-0002/, /node-0003/],
	],
};

/** The titles of columns in each pane. */
const titles = (frame: string) =>
	frame
		.split('\n')
		.flatMap(line => line.split(/[│┃]/))
		.filter(part => /^ (?:Member|Node|etcd|Field) {2,}[A-Z]/.test(part));

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.entries(scenes))('%s', (_, [scene, readable]) => {
		const frame = frameOf(scene().state, size);
		const lines = frame.split('\n');
		expect(lines.length).toBeLessThanOrEqual(size.height);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(size.width);
		expect(titles(frame).filter(part => part.includes('…'))).toEqual([]);
		expect(titles(frame)).not.toEqual([]);
		// A wrapped verdict is one sentence.
		const text = `${lines
			.slice(1, 3)
			.map(line => line.trim())
			.join(' ')}\n${frame}`;
		for (const words of readable) {
			expect(text).toMatch(words);
		}

		expect(frame).toMatchSnapshot();
	});
});
