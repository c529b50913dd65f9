/** What counts as healthy, and how HAProxy's statistics are read. */
import {expect, test} from 'vitest';
import {judge} from '../../lab/health.ts';
import {readInventory} from '../../lab/inventory.ts';
import {type Observation, primariesIn} from '../../lab/probe.ts';

const inventory = readInventory();
const healthy: Observation = {
	etcd: {pgdb1: true, pgdb2: true, etcd1: true},
	members: [
		{name: 'pgdb1', role: 'leader', state: 'running'},
		{name: 'pgdb2', role: 'sync_standby', state: 'streaming'},
	],
	primaries: {pgdb1: ['pgdb1'], pgdb2: ['pgdb1']},
};
const missing = (change: Partial<Observation>, holders = ['pgdb2']) =>
	judge(inventory, {...healthy, ...change}, holders)
		.conditions.filter(condition => !condition.met)
		.map(condition => condition.name);

test('is healthy with leader and VIP on different nodes', () => {
	expect(missing({})).toEqual([]);
	expect(judge(inventory, healthy, ['pgdb2'])).toMatchObject({leader: 'pgdb1', syncStandbys: ['pgdb2']});
});

test('requires the VIP on the leader where it follows it, and no HAProxy there', () => {
	const followed = (holder: string) =>
		judge(readInventory('leader-vip'), {...healthy, primaries: {}}, [holder])
			.conditions.filter(condition => !condition.met)
			.map(condition => condition.name);
	expect(followed('pgdb1')).toEqual([]);
	expect(followed('pgdb2')).toEqual(['VIP holder']);
});

test('accepts that an older Patroni calls a streaming standby running', () => {
	const members = healthy.members.map(member => ({...member, state: 'running'}));
	expect(missing({members})).toEqual([]);
});

test('names each thing that can be missing', () => {
	expect(missing({etcd: {...healthy.etcd, etcd1: false}})).toEqual(['etcd']);
	expect(missing({}, [])).toEqual(['VIP holder']);
	expect(missing({}, ['pgdb1', 'pgdb2'])).toEqual(['VIP holder']);
	expect(missing({primaries: {pgdb1: ['pgdb1'], pgdb2: ['pgdb2']}})).toEqual(['HAProxy']);
	expect(missing({primaries: {pgdb1: ['pgdb1'], pgdb2: ['pgdb1', 'pgdb2']}})).toEqual(['HAProxy']);
	expect(missing({members: healthy.members.slice(0, 1)})).toEqual(['synchronous standby']);
	expect(missing({members: []})).toEqual(['leader', 'synchronous standby', 'HAProxy']);
});

test('does not accept an asynchronous replica as the synchronous standby, and names what is there', () => {
	const members = [...healthy.members.slice(0, 1), {name: 'pgdb2', role: 'replica', state: 'streaming'}];
	const {conditions} = judge(inventory, {...healthy, members}, ['pgdb1']);
	expect(conditions.find(condition => condition.name === 'synchronous standby')).toMatchObject({
		met: false,
		text: 'none (pgdb1: leader, running; pgdb2: replica, streaming)',
	});
});

test.each([
	['running', 2, 'stuck'],
	['streaming', 2, 'stuck'],
	['running', 4, 'stuck'],
	['start failed', undefined, 'stuck'],
	['streaming', 3, 'follows'],
	['running', 3, 'stuck'],
	['running', 3, 'follows', 'sync_standby'],
	['creating replica', undefined, 'follows'],
	['starting', undefined, 'undecided'],
	['running', 'unknown', 'undecided'],
])('a replica that is %s on timeline %s of 3: %s', (state, timeline, verdict, role = 'replica') => {
	const standby = {name: 'pgdb2', role, state, ...(timeline === undefined ? {} : {timeline})};
	const members = [{name: 'pgdb1', role: 'leader', state: 'running', timeline: 3}, standby];
	expect(judge(inventory, {...healthy, members}, ['pgdb1']).followers).toMatchObject([
		{name: 'pgdb2', verdict},
	]);
});

test('reads the servers that are up in the primary section only', () => {
	const csv = [
		'# pxname,svname,qcur,status,weight',
		'primary,FRONTEND,,OPEN,',
		'primary,pgdb1,0,UP,1',
		'primary,pgdb2,0,DOWN,1',
		'primary,BACKEND,0,UP,1',
		'replicas,pgdb2,0,UP,1',
		'',
	].join('\n');
	expect(primariesIn(csv)).toEqual(['pgdb1']);
	expect(primariesIn(csv.replace('DOWN', 'UP 1/2'))).toEqual(['pgdb1', 'pgdb2']);
	expect(primariesIn('<html>')).toEqual([]);
});
