/** Every field that Patroni 3.0 to 4.1 answers or keeps is read, or listed as not read; tags as Patroni reads them. */
import {readdirSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {failoverPriority, isNoFailover, isNoSync} from '../../source/domain/cluster/member.ts';
import {
	configFields,
	dcsValue,
	memberFields,
	statusKeyFields,
	syncFields,
} from '../../source/sources/dcs-values.ts';
import {
	tags,
	unreadConfig,
	unreadMember,
	unreadStatus,
	unreadStatusKey,
} from '../../source/sources/patroni-fields.ts';
import {statusFields} from '../../source/sources/patroni-status.ts';
import {capture, suites} from '../support/captures.ts';
import {memberKey} from '../support/synthetic-cluster.ts';

/** By its source: docs/dynamic_configuration.rst and global_config.py of 4.1. */
const documented = [
	...['loop_wait', 'ttl', 'retry_timeout', 'maximum_lag_on_failover', 'maximum_lag_on_syncnode', 'pause'],
	...['max_timelines_history', 'primary_start_timeout', 'master_start_timeout', 'primary_stop_timeout'],
	...['master_stop_timeout', 'synchronous_mode', 'synchronous_mode_strict', 'synchronous_node_count'],
	...['failsafe_mode', 'postgresql', 'standby_cluster', 'member_slots_ttl', 'slots', 'ignore_slots'],
	...['permanent_slots', 'permanent_replication_slots', 'check_timeline'],
];

/** Each field and nested field by its path; keys that operators choose are left out. */
function fieldsOf(content: unknown): string[] {
	const body = (content as {body?: unknown}).body ?? content;
	return pathsOf(body).filter(field => !/^(tags|slots|pending_restart_reason|postgresql)\./.test(field));
}

function pathsOf(value: unknown): string[] {
	if (Array.isArray(value)) {
		return value.flatMap(pathsOf);
	}

	return typeof value === 'object' && value !== null
		? Object.entries(value).flatMap(([name, inner]) => [
				name,
				...pathsOf(inner).map(field => `${name}.${field}`),
			])
		: [];
}

describe.each(suites)('Patroni of %s', suite => {
	const files = readdirSync(new URL(`../captures/${suite}/`, import.meta.url))
		.filter(name => /patroni\.json$|^patroni-/.test(name))
		.map(name => name.replace('.json', ''));

	it('has no field in its answers that is neither read nor listed as ignored', () => {
		const known = [...statusFields, ...Object.keys(unreadStatus)];
		expect(files.length).toBeGreaterThan(3);
		expect(new Set(files.flatMap(name => fieldsOf(capture(suite, name))))).toSatisfy((all: Set<string>) =>
			[...all].every(field => known.includes(field)),
		);
	});

	it('has no field in etcd that is neither read nor listed as ignored', () => {
		const {kvs} = capture(suite, 'etcd-range') as {kvs: {key: string; value: string}[]};
		const decoded = kvs.map(({key, value}) => ({
			key: Buffer.from(key, 'base64').toString(),
			text: Buffer.from(value, 'base64').toString(),
		}));
		const fields = (such: RegExp) =>
			decoded.filter(({key}) => such.test(key)).flatMap(({text}) => fieldsOf(JSON.parse(text)));
		expect([...memberFields, ...Object.keys(unreadMember)]).toEqual(
			expect.arrayContaining(fields(/members\//)),
		);
		expect([...configFields, ...Object.keys(unreadConfig)]).toEqual(
			expect.arrayContaining(fields(/config$/)),
		);
		expect([...statusKeyFields, ...Object.keys(unreadStatusKey)]).toEqual(
			expect.arrayContaining(fields(/\/status$/)),
		);
		expect(syncFields).toEqual(expect.arrayContaining(fields(/\/sync$/)));
	});
});

it('reads every documented setting, or lists it as ignored', () => {
	expect([...configFields, ...Object.keys(unreadConfig)].toSorted()).toEqual(documented.toSorted());
});

it('finds nested fields', () => {
	expect(statusFields).toEqual(
		expect.arrayContaining(['xlog.paused', 'replication.usename', 'patroni.scope']),
	);
	expect(fieldsOf({xlog: {brand_new: 1}})).toContain('xlog.brand_new');
});

describe('tags', () => {
	const tagged = (version: string, published: Record<string, unknown>) => ({
		key: {
			path: 'members/a',
			value: {kind: 'other', problem: undefined} as const,
			createRevision: 1,
			modRevision: 1,
			lease: undefined,
			since: 0,
			live: true,
			data: {...memberKey, version, tags: tags.parse(published)},
		},
		rest: undefined,
		restSees: false,
	});

	it.each<[string, Record<string, unknown>, boolean, number]>([
		['4.0.7', {}, false, 1],
		['4.0.7', {failover_priority: 0}, true, 0],
		['4.0.7', {failover_priority: '-1'}, true, 0],
		['4.0.7', {failover_priority: 5}, false, 5],
		['3.2.0', {failover_priority: 0}, true, 0],
		['3.0.2', {failover_priority: 0}, false, 1],
		['4.0.7', {nofailover: true, failover_priority: 5}, true, 0],
		['4.0.7', {nofailover: false, failover_priority: 0}, false, 0],
		// In Python any non-empty text is true.
		['4.0.7', {nofailover: 'false'}, true, 0],
		// One malformed tag does not affect the others.
		['4.0.7', {odd: null, list: [1], nofailover: true}, true, 0],
	])('%s %j', (version, published, never, priority) => {
		expect(isNoFailover(tagged(version, published))).toBe(never);
		expect(failoverPriority(tagged(version, published))).toBe(priority);
	});

	it('have sync_priority from Patroni 4.1', () => {
		expect(isNoSync(tagged('4.1.0', {sync_priority: 0}))).toBe(true);
		expect(isNoSync(tagged('4.0.7', {sync_priority: 0}))).toBe(false);
	});
});

describe('the dynamic configuration', () => {
	it('names the permanent slots, by their old names, too, and whether pg_rewind is used', () => {
		const text = JSON.stringify({
			slots: {reports: {type: 'logical', database: 'wiki', plugin: 'pgoutput'}, gone: null},
			permanent_slots: {archive: {type: 'physical'}},
			postgresql: {use_pg_rewind: 'yes'},
		});
		expect(dcsValue('config', text)).toMatchObject({
			config: {usePgRewind: true, permanentSlots: ['archive', 'reports']},
		});
	});

	it.each(['{}', '{"slots": 7, "postgresql": [1]}', '{"slots": null, "postgresql": {"use_pg_rewind": 7}}'])(
		'without them says so: %s',
		text => {
			expect(dcsValue('config', text)).toMatchObject({
				config: {usePgRewind: undefined, permanentSlots: []},
			});
		},
	);
});
