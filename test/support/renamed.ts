/** Facts and a target of the captured cluster, with other names of members, nodes and everything named after them. */
import type {Event} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {healthyFacts, type Suite, snapshotFact, unitsFact} from './captures.ts';
import {logLines} from './report-session.ts';
import {target} from './session.ts';

export type Names = {pgdb1: string; pgdb2: string; etcd1: string};

/** Replaces every name in a value, keys included. */
export function renamed<T>(value: T, names: Names): T {
	const text = Object.entries(names).reduce(
		(sum, [was, is]) => sum.replaceAll(was, JSON.stringify(is).slice(1, -1)),
		JSON.stringify(value),
	);
	return JSON.parse(text) as T;
}

export function renamedTarget(names: Names): Target {
	return renamed(
		{...target, logs: {pgdb1: [{name: 'pgdb1', unit: 'pgdb1.service'}]}, operations: 'enabled' as const},
		names,
	);
}

/**
 * A healthy cluster, then all facts that contain names: logs and their problems, losses, added and deleted keys, slots
 * and tags.
 */
export function renamedFacts(suite: Suite, names: Names): Event[][] {
	const {entries, revision} = snapshotFact(suite);
	const [member] = entries.flatMap(({path, value}) =>
		path === 'members/pgdb2' && value.kind === 'member' ? [value] : [],
	);
	const put = (path: string, value: (typeof entries)[number]['value'], at: number): Event => ({
		type: 'dcs.put',
		source: 'watch:http://pgdb1:2379',
		entry: {path, value, createRevision: at, modRevision: at, lease: undefined},
	});
	const events: Event[][] = [
		[...healthyFacts(suite)],
		[
			logLines('pgdb1', 1, 'one', 'two'),
			{type: 'logs.clock', source: 'logs:pgdb1', node: 'pgdb1', offset: 2000},
			{
				type: 'logs.problems',
				source: 'logs:pgdb1',
				problems: [{node: 'pgdb1', text: 'no such unit', remedy: undefined}],
			},
			{type: 'logs.lines', source: 'logs:pgdb1', node: 'pgdb1', lines: [], skipped: 7},
			put('pgdb1', {kind: 'other', problem: undefined}, revision + 1),
			put('status', {kind: 'status', optime: 5_000_000_000, slots: {pgdb2: 1, pgdb1: 2}}, revision + 2),
			...(member === undefined
				? []
				: [
						put(
							'members/pgdb2',
							{
								...member,
								data: {
									...member.data,
									tags: {pgdb1: 'pgdb2'},
									pendingRestart: true,
									pendingRestartReason: {pgdb1: ['1', '2']},
									scheduledRestart: '2026-11-23T00:00:02+00:00',
								},
							},
							revision + 3,
						),
					]),
		],
		[
			{type: 'source.lost', source: 'patroni:pgdb1', reason: 'no answer in time'},
			{type: 'source.lost', source: 'haproxy:pgdb2', reason: 'no answer in time'},
			{type: 'dcs.deleted', source: 'watch:http://pgdb1:2379', path: 'pgdb1', revision: revision + 4},
			...(member === undefined ? [] : [put('members/pgdb2', member, revision + 5)]),
			put(
				'failover',
				{kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: undefined},
				revision + 6,
			),
			unitsFact('pgdb2', ['patroni'], {unit: 'pgdb1.service', active: 'failed'}),
			{
				type: 'addresses.added',
				source: 'vip:pgdb2',
				node: 'pgdb2',
				address: {ip: '10.73.0.172', interface: 'pgdb1'},
			},
		],
		[
			{type: 'source.closed', source: 'patroni:pgdb1'},
			{type: 'source.closed', source: 'vip:pgdb2'},
			put('leader', {kind: 'leader', member: 'pgdb2'}, revision + 7),
		],
	];
	return events.map(events => renamed(events, names));
}
