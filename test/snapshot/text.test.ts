import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import {scopeProblem} from '../../source/domain/findings/rules/cluster.ts';
import {snapshotText} from '../../source/snapshot/text.ts';
import {etcdPane} from '../../source/state/view/etcd.ts';
import {membersPane} from '../../source/state/view/members.ts';
import {judgeCluster} from '../../source/state/view/verdict.ts';
import {vipPane} from '../../source/state/view/vip.ts';
import {haproxyFact, healthyFacts, patroniFact, unitsFact} from '../support/captures.ts';
import {Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const healthy = () => new Session(target).at(0, ...healthyFacts('trixie'));
const lost = (source: SourceId): Event => ({
	type: 'source.lost',
	source,
	reason: 'permission denied: check that the account is in the group 数据库-администраторы',
});
const long = Array.from({length: 12}, (_, index) => {
	const name = `postgresql-production-eu-central-1a-node-${String(index + 1).padStart(4, '0')}`;
	return {name, key: {host: `${name}.databases.example.com`}};
});
const scenes: Record<string, Session> = {
	healthy: healthy(),
	'services that are down': healthy().at(
		1,
		unitsFact('pgdb1', ['haproxy', 'keepalived', 'patroni', 'etcd'], {active: 'inactive', sub: 'dead'}),
		haproxyFact('trixie', 'pgdb2', 'nobody'),
		lost('vip:pgdb2'),
		lost('patroni:pgdb2'),
	),
	'twelve members with long names': new Session({...target, nodes: []}).at(0, ...madeFacts({members: long})),
};

describe.each(Object.entries(scenes))('the text of --once: %s', (_, {state}) => {
	it.each([40, 60, 80, 120])('fits a terminal of %i columns, and nothing is cut', async columns => {
		const text = await snapshotText(state, columns);
		expect(text.split('\n').filter(line => stringWidth(line) > columns)).toEqual([]);
		const bare = (words: string) => words.replaceAll(/\s+/g, '');
		const shown = bare(text);
		const panes = [membersPane(state), etcdPane(state), vipPane(state)];
		for (const words of [
			...judgeCluster(state).findings.map(finding => finding.text),
			...panes.flatMap(({lines}) => lines.map(line => line.map(one => one.text).join(''))),
			...panes.flatMap(({table}) => table?.rows.flatMap(({cells}) => cells.map(one => one.text)) ?? []),
		]) {
			expect(shown).toContain(bare(words));
		}
	});

	it('is one line for each row elsewhere', async () => {
		const rows = vipPane(state).table?.rows.length ?? 0;
		const lines = (await snapshotText(state)).trimEnd().split('\n');
		expect(lines.slice(-rows - 1)[0]).toMatch(/^ {2}Node /);
	});
});

describe('a scope that etcd does not have', () => {
	const without = (scopes: readonly string[], ...more: readonly Event[]) =>
		new Session().at(
			0,
			...healthyFacts('trixie').flatMap((fact): Event[] =>
				fact.type === 'dcs.snapshot'
					? [{...fact, entries: [], scopes}]
					: fact.type === 'patroni.status'
						? []
						: [fact],
			),
			...more,
		).state;
	const problem = ({cluster, target: of, now}: Session['state']) => scopeProblem(cluster, of, now);
	const says = (scope: string): Event => {
		const fact = patroniFact('trixie', 'pgdb1', 'pgdb1-patroni');
		return {...fact, status: {...fact.status, scope}};
	};

	it('is an error of the configuration, with the scopes that it has', () => {
		const words =
			'the scope postgres-cluster does not exist; existing scopes: main, orders; set scope or pass --scope';
		expect(problem(without(['orders', 'main']))).toBe(words);
		expect(problem(without(['orders'], says('main')))).toBe(words);
	});

	it('is a lost cluster where a member reports it', () => {
		expect(problem(without(['main'], says('postgres-cluster')))).toBeUndefined();
	});

	it('is none where etcd has no other scope, has this one, or is not read', () => {
		expect(problem(healthy().state)).toBeUndefined();
		expect(problem(without([]))).toBeUndefined();
		expect(problem(new Session().state)).toBeUndefined();
	});
});
