/** Incidents: what belongs together, its name, what clients felt, what was lost, and what is still missing. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {tour} from '../../../source/cli/commands/replay.ts';
import type {Probes} from '../../../source/domain/cluster/probe.ts';
import type {Entry, EntryAbout} from '../../../source/domain/facts.ts';
import {describeIncident, incidentLine} from '../../../source/domain/timeline/incident-text.ts';
import {foldIncidents, type Incident, nearMs} from '../../../source/domain/timeline/incidents.ts';
import {openRecording} from '../../../source/recording/read/open.ts';
import {tourFile} from '../../../source/replay/command.ts';
import {storms} from '../../support/random-events.ts';
import {live} from '../../support/recorded.ts';
import {powerCut, switchoverDrill} from '../../support/report-session.ts';
import {healthySession} from '../../support/session.ts';

const seconds = 1000;
const noProbes: Probes = new Map();

/** An entry at this second. */
function entry(at: number, about?: EntryAbout, more: Partial<Entry> = {}): Entry {
	return {
		at: at * seconds,
		kind: 'service',
		turn: 'news',
		text: `${about?.of ?? 'something'} at ${at}`,
		...(about && {about}),
		...more,
	};
}

const note: EntryAbout = {of: 'note'};
const gone: EntryAbout = {of: 'leader', from: 'pgdb1', to: undefined, isWatched: true};
const led = (from: string | undefined, to: string, isWatched = true): EntryAbout => ({
	of: 'leader',
	from,
	to,
	isWatched,
});
const outage = (from: number, to?: number, more: object = {}): EntryAbout => ({
	of: 'outage',
	port: 5000,
	write: true,
	from: from * seconds,
	to: to === undefined ? undefined : to * seconds,
	stalled: undefined,
	...more,
});
const source = (id: 'vip:pgdb1' | 'patroni:pgdb1' | 'haproxy:pgdb1', isLost: boolean): EntryAbout => ({
	of: 'source',
	source: id,
	name: `pgdb1: ${id}`,
	isLost,
	isSilent: isLost,
});
const member = (name: string, was: string, is: string, isWorse: boolean): EntryAbout => ({
	of: 'member',
	member: name,
	was,
	is,
	isWorse,
});
const loss = (kind: (EntryAbout & {of: 'loss'})['loss'], bytes?: number): EntryAbout => ({
	of: 'loss',
	change: 1,
	to: 'pgdb2',
	loss: kind,
	bytes,
});

const sizes = (timeline: readonly Entry[]) => foldIncidents(timeline).map(({entries}) => entries.length);
const lines = (timeline: readonly Entry[], probes = noProbes, now = 100) =>
	foldIncidents(timeline).map(one => incidentLine(describeIncident(one, probes, now * seconds)));

/** Any timeline, in which much is lost, comes back, and happens far apart. */
const timelines: fc.Arbitrary<Entry[]> = fc
	.array(
		fc.record({
			gap: fc.constantFrom(0, 0.03, 2, 9, 11, 60, 3600),
			about: fc.constantFrom<(EntryAbout | undefined)[]>(
				undefined,
				note,
				gone,
				led('pgdb1', 'pgdb2'),
				led('pgdb2', 'pgdb1'),
				outage(1),
				outage(1, 3),
				outage(4, 5),
				source('vip:pgdb1', true),
				source('vip:pgdb1', false),
				source('patroni:pgdb1', true),
				source('patroni:pgdb1', false),
				member('pgdb1', 'running', 'stopped', true),
				member('pgdb1', 'stopped', 'streaming', false),
				loss('unknown'),
				loss('nothing'),
				{of: 'sync', was: 'pgdb2', is: ''},
				{of: 'sync', was: '', is: 'pgdb1'},
				{of: 'reads', isRead: false},
				{of: 'reads', isRead: true},
				{of: 'vip', name: 'VIP', node: 'pgdb1', has: false, holders: []},
				{of: 'vip', name: 'VIP', node: 'pgdb2', has: true, holders: ['pgdb2']},
			),
			phase: fc.constantFrom(undefined, undefined, undefined, 'begun' as const, 'ended' as const),
		}),
		{maxLength: 60},
	)
	.map(all => {
		let at = 0;
		return all.map(({gap, about, phase}, index) => {
			at += gap;
			return phase === undefined
				? entry(at, about, {text: `${index}`})
				: entry(at, undefined, {text: `${index}`, operation: {name: 'restart pgdb1', phase}});
		});
	});

/** Nothing that it misses, nor of what it has cost, may change. */
function isClosed({open, losses}: Incident): boolean {
	return open.length === 0 && [...losses.values()].every(one => one.loss !== 'unknown');
}

describe('the law of incidents', () => {
	it('keeps each entry once and in its place', () => {
		fc.assert(
			fc.property(timelines, timeline => {
				const incidents = foldIncidents(timeline);
				expect(incidents.flatMap(({entries}) => entries)).toEqual(timeline);
				for (const {first, entries} of incidents) {
					expect(entries.length).toBeGreaterThan(0);
					expect(timeline[first]).toBe(entries[0]);
				}
			}),
		);
	});

	it('a later entry changes no incident that is over, but the last; and moves no entry to another', () => {
		fc.assert(
			fc.property(timelines, timeline => {
				for (let length = 1; length < timeline.length; length++) {
					const before = foldIncidents(timeline.slice(0, length));
					const after = foldIncidents(timeline.slice(0, length + 1));
					for (const [index, was] of before.slice(0, -1).entries()) {
						expect(after[index]?.entries).toEqual(was.entries);
						if (isClosed(was) && was.entries.every(({about}) => about?.of !== 'leader')) {
							expect(after[index]).toEqual(was);
						}
					}

					expect(after[before.length - 1]?.entries.slice(0, before.at(-1)?.entries.length)).toEqual(
						before.at(-1)?.entries,
					);
				}
			}),
			{numRuns: 60},
		);
	});

	it('what is missing is what some entry says to be missing, and no later one to be back', () => {
		fc.assert(
			fc.property(timelines, timeline => {
				const all = foldIncidents(timeline).flatMap(({open}) => open);
				const lastOf = (of: EntryAbout['of']) => timeline.findLast(({about}) => about?.of === of)?.about;
				const sync = lastOf('sync');
				const reads = lastOf('reads');
				const leader = lastOf('leader');
				expect(all.some(({key}) => key === 'sync')).toBe(sync?.of === 'sync' && sync.is === '');
				expect(all.some(({key}) => key === 'reads')).toBe(reads?.of === 'reads' && !reads.isRead);
				expect(all.some(({key}) => key === 'leader')).toBe(
					leader?.of === 'leader' && leader.to === undefined,
				);
			}),
		);
	});

	it('is computed once for a timeline, however often a tick asks', () => {
		const timeline = [entry(1), entry(2)];
		expect(foldIncidents(timeline)).toBe(foldIncidents(timeline));
	});

	it('holds for what a session makes of any events', () => {
		fc.assert(
			fc.property(storms, storm => {
				const last = [...live(healthySession('trixie').state, storm)].at(-1)?.after;
				const timeline = last?.timeline ?? [];
				const incidents = foldIncidents(timeline);
				expect(incidents.flatMap(({entries}) => entries)).toEqual(timeline);
				for (const one of incidents) {
					expect(
						incidentLine(describeIncident(one, last?.cluster.probes ?? noProbes, last?.now ?? 0)),
					).toMatch(/^\S/);
				}
			}),
			{numRuns: 60},
		);
	});
});

describe('what belongs together', () => {
	it('is near in time', () => {
		const near = nearMs / seconds;
		expect(sizes([entry(1), entry(1 + near), entry(1.1 + 2 * near)])).toEqual([2, 1]);
	});

	it('is all that happens while there is no leader, clients cannot write, or etcd cannot be read', () => {
		expect(sizes([entry(1, gone), entry(100), entry(200, led('pgdb1', 'pgdb2')), entry(300)])).toEqual([
			3, 1,
		]);
		expect(sizes([entry(1, outage(1)), entry(100), entry(200, outage(1, 200)), entry(300)])).toEqual([3, 1]);
		expect(
			sizes([
				entry(1, {of: 'reads', isRead: false}),
				entry(100),
				entry(200, {of: 'reads', isRead: true}),
				entry(300),
			]),
		).toEqual([3, 1]);
	});

	it('is not held together by an outage whose end was not seen', () => {
		expect(
			sizes([entry(1, outage(1)), entry(100, outage(1, undefined, {isEndUnseen: true})), entry(300)]),
		).toEqual([2, 1]);
	});

	it('is what is back, however late, and what is seen of a machine that is missing', () => {
		const lost = [entry(1, source('vip:pgdb1', true)), entry(2, source('patroni:pgdb1', true))];
		expect(sizes([...lost, entry(60, {...gone}), entry(62, led('pgdb1', 'pgdb2'))])).toEqual([4]);
		expect(
			sizes([...lost, entry(7000, source('vip:pgdb1', false)), entry(7001, source('patroni:pgdb1', false))]),
		).toEqual([4]);
		// Something else an hour later is another incident, and so is then what is back.
		expect(
			sizes([
				...lost,
				entry(3600, member('pgdb3', 'streaming', 'running', true)),
				entry(3700, source('vip:pgdb1', false)),
			]),
		).toEqual([2, 1, 1]);
	});

	it('does not include what causes no trouble, unless it happens in the middle', () => {
		expect(sizes([entry(1, note), entry(2, gone), entry(3, note), entry(4, led('pgdb1', 'pgdb2'))])).toEqual([
			1, 3,
		]);
		expect(sizes([entry(1, gone), entry(2, led('pgdb1', 'pgdb2')), entry(3, note), entry(4, note)])).toEqual([
			2, 1, 1,
		]);
		expect(sizes([entry(1, source('vip:pgdb1', true)), entry(3600, note)])).toEqual([1, 1]);
	});

	it('begins anew with an operation of this console, but not while something grave goes on', () => {
		const begun = (at: number) =>
			entry(at, undefined, {kind: 'operation', operation: {name: 'restart pgdb1', phase: 'begun'}});
		expect(sizes([entry(1), begun(2), entry(3)])).toEqual([1, 2]);
		expect(sizes([entry(1, gone), begun(60), entry(61, led('pgdb1', 'pgdb2'))])).toEqual([3]);
	});
});

describe('the name of an incident', () => {
	const name = (...timeline: Entry[]) => lines(timeline)[0]?.split('; ')[0];
	const begun: Entry = entry(0, undefined, {
		operation: {name: 'switchover pgdb1 → pgdb2', phase: 'begun', newLeader: 'pgdb2'},
	});
	const ended = (outcome: 'done' | 'refused' | 'failed' | 'unknown' | 'elsewhere') =>
		entry(3, undefined, {
			operation: {
				name: 'switchover pgdb1 → pgdb2',
				phase: outcome === 'refused' ? outcome : 'ended',
				outcome,
				newLeader: 'pgdb2',
			},
		});

	it.each<[string, Entry[]]>([
		['Switchover pgdb1 → pgdb2: no outcome yet', [begun, entry(1, gone)]],
		['Switchover pgdb1 → pgdb2', [begun, entry(1, gone), entry(2, led('pgdb1', 'pgdb2')), ended('done')]],
		['Switchover pgdb1 → pgdb2: refused', [begun, ended('refused')]],
		['Switchover pgdb1 → pgdb2: failed', [begun, ended('failed')]],
		['Switchover pgdb1 → pgdb2: outcome not known', [begun, ended('unknown')]],
		['Failover pgdb1 → pgdb2', [entry(1, gone), entry(2, led('pgdb1', 'pgdb2'))]],
		['Failover pgdb1 → pgdb2', [entry(1, gone), entry(2, led(undefined, 'pgdb2'))]],
		[
			'Switchover pgdb1 → pgdb2',
			[
				entry(0, {of: 'request', leader: 'pgdb1', candidate: 'pgdb2'}),
				entry(1, gone),
				entry(2, led('pgdb1', 'pgdb2')),
			],
		],
		[
			'Failover on request pgdb1 → pgdb2',
			[
				entry(0, {of: 'request', leader: undefined, candidate: 'pgdb2'}),
				entry(1, gone),
				entry(2, led('pgdb1', 'pgdb2')),
			],
		],
		// A request may have been missed.
		['Leader pgdb1 → pgdb2', [entry(1), entry(2, led('pgdb1', 'pgdb2', false))]],
		['No leader, pgdb1 led before', [entry(1, gone), entry(2)]],
		['pgdb1 leads again', [entry(1, gone), entry(2, led('pgdb1', 'pgdb1'))]],
		['pgdb1 lost', [entry(1, source('vip:pgdb1', true)), entry(2, source('patroni:pgdb1', true))]],
		[
			'pgdb1 lost, and back',
			[
				entry(1, source('vip:pgdb1', true)),
				entry(2, source('patroni:pgdb1', true)),
				entry(3, source('vip:pgdb1', false)),
				entry(4, source('patroni:pgdb1', false)),
			],
		],
		[
			'VIP moved pgdb1 → pgdb2',
			[
				entry(1, {of: 'vip', name: 'VIP', node: 'pgdb1', has: false, holders: []}),
				entry(2, {of: 'vip', name: 'VIP', node: 'pgdb2', has: true, holders: ['pgdb2']}),
			],
		],
		[
			'VIP on pgdb1 and pgdb2',
			[
				entry(1, {
					of: 'vip',

					name: 'VIP',
					node: 'pgdb2',
					has: true,
					holders: ['pgdb2', 'pgdb1'],
				}),
				entry(2, {of: 'vip', name: 'VIP', node: 'pgdb2', has: false, holders: ['pgdb1']}),
			],
		],
		[
			'pgdb1 restarted',
			[
				entry(1, member('pgdb1', 'running', 'stopped', true)),
				entry(2, member('pgdb1', 'stopped', 'running', false)),
			],
		],
		[
			'pgdb2: streaming → running → streaming',
			[
				entry(1, member('pgdb2', 'streaming', 'running', true)),
				entry(2, member('pgdb2', 'running', 'streaming', false)),
			],
		],
		['etcd could not be read', [entry(1, {of: 'reads', isRead: false}), entry(2)]],
		[
			'etcd could not be read',
			[
				entry(1, source('vip:pgdb1', true)),
				entry(1, source('patroni:pgdb1', true)),
				entry(2, {of: 'reads', isRead: false}),
			],
		],
		[
			'pgdb1 lost',
			[
				entry(1, source('vip:pgdb1', true)),
				entry(1, source('patroni:pgdb1', true)),
				entry(2, {of: 'reads', isRead: false}),
				entry(3, {of: 'reads', isRead: true}),
			],
		],
		// Of an older recording, which has texts alone.
		['leader key gone', [entry(1, undefined, {turn: 'worse', text: 'leader key gone'}), entry(2)]],
	])('%s', (wanted, timeline) => {
		expect(name(...timeline)).toBe(wanted);
	});
});

describe('what clients felt', () => {
	const failover = [entry(2, gone), entry(3, led('pgdb1', 'pgdb2'))];
	const felt = (timeline: Entry[], probes = noProbes, now = 100) =>
		foldIncidents(timeline).map(one => describeIncident(one, probes, now * seconds).writes);

	it('is not measured without a probe, and nothing only with one', () => {
		expect(felt(failover)).toEqual([undefined]);
		expect(felt(failover.map(one => ({...one, isProbed: false})))).toEqual(['writes not measured']);
		expect(felt(failover.map((one, index) => ({...one, isProbed: index === 0})))).toEqual([
			'writes not measured',
		]);
		expect(felt(failover.map(one => ({...one, isProbed: true})))).toEqual(['no write outage']);
	});

	it('is the time of all write outages, where they overlap once', () => {
		const probed = (...all: Entry[]) => all.map(one => ({...one, isProbed: true}));
		expect(felt(probed(entry(1, outage(1)), entry(4, outage(1, 3.16))))).toEqual(['no writes for 2.16 s']);
		expect(
			felt(probed(entry(4, outage(1, 3)), entry(5, outage(2, 4, {port: 6000})), entry(6, outage(5, 6)))),
		).toEqual(['no writes for 4.00 s in 3 outages']);
		expect(felt(probed(entry(1, outage(1)), entry(4, outage(1, 3, {stalled: 500}))))).toEqual([
			'no writes for ≤ 2.00 s',
		]);
		expect(felt([entry(1, outage(1)), entry(4, outage(1, 3), {isProbed: false})])).toEqual([
			'no writes for 2.00 s, measured in part',
		]);
	});

	it('goes on only while the probe says so', () => {
		const open = [entry(1, outage(1)), ...failover];
		const session = healthySession('trixie');
		expect(felt(open)).toEqual(['no writes from 00:00:01.000 on, end not seen']);
		expect(session.state.cluster.probes.size).toBe(0);
		const probes = new Map([
			[
				5000,
				{
					port: 5000,
					purpose: 'write' as const,
					answer: undefined,
					since: undefined,
					failing: {since: 1000, reason: 'refused'},
					at: 9000,
					outages: [{port: 5000, write: true, from: 1000, to: undefined, reason: 'refused'}],
					longest: undefined,
					seconds: [],
				},
			],
		]);
		expect(felt(open, probes, 9)).toEqual(['no writes for 8.00 s, still']);
		expect(lines(open, probes, 9)).toEqual([
			'Failover pgdb1 → pgdb2; no writes for 8.00 s, still; loss not known',
		]);
	});
});

describe('what was lost', () => {
	const failover = (...more: Entry[]) => [entry(1, gone), entry(2, led('pgdb1', 'pgdb2')), ...more];
	const lost = (timeline: Entry[]) =>
		foldIncidents(timeline).map(one => describeIncident(one, noProbes, 0).lost);

	it('is said only as an entry says it', () => {
		expect(lost([entry(1), entry(2)])).toEqual([undefined]);
		expect(lost(failover())).toEqual(['loss not known']);
		expect(lost(failover(entry(3, loss('unknown'))))).toEqual(['loss not known']);
		expect(lost(failover(entry(3, loss('nothing'))))).toEqual(['nothing lost']);
		expect(lost(failover(entry(3, loss('at-most', 2048))))).toEqual(['at most 2 KiB of WAL lost']);
		expect(lost(failover(entry(3, loss('lost'))))).toEqual(['acknowledged writes LOST']);
	});

	it('of several changes of leader is not known until it is known of each', () => {
		const twice = failover(entry(3, loss('nothing')), entry(4, led('pgdb2', 'pgdb1')));
		expect(lost(twice)).toEqual(['loss not known']);
	});

	it('is known of its change, even if another incident was between', () => {
		const later = entry(8000, loss('at-most', 10));
		const other = [entry(4000, source('vip:pgdb1', true)), entry(4001, source('vip:pgdb1', false))];
		expect(lost(failover(...other, later))).toEqual(['at most 10 B of WAL lost', undefined, undefined]);
		expect(lost(failover(entry(500, loss('nothing'))))).toEqual(['nothing lost']);
	});
});

describe('whether it is over', () => {
	it('is said by what no entry says to be back', () => {
		const sync = (is: string): EntryAbout => ({of: 'sync', was: '', is});
		expect(lines([entry(1, sync('')), entry(2)])).toEqual([
			'Sync standby: none → none; no end seen: no sync standby',
		]);
		expect(lines([entry(1, sync('')), entry(9, sync('pgdb2'))])[0]).toMatch(/; over after 8\.00 s$/);
		// The standby that becomes the leader streams no more.
		expect(
			lines([
				entry(1, gone),
				entry(2, member('pgdb2', 'streaming', 'running', true)),
				entry(3, led('pgdb1', 'pgdb2')),
			])[0],
		).toContain('over after');
	});

	it('is not said of an operation whose outcome is not known', () => {
		const of = (phase: 'begun' | 'ended', outcome?: 'unknown' | 'done') =>
			entry(phase === 'begun' ? 1 : 9, undefined, {
				kind: 'operation',
				operation: {name: 'restart pgdb1', phase, ...(outcome && {outcome})},
			});
		expect(lines([of('begun'), of('ended', 'unknown')])).toEqual(['Restart pgdb1: outcome not known']);
		expect(lines([of('begun'), of('ended', 'done')])).toEqual(['Restart pgdb1; over after 8.00 s']);
	});

	it('is known later, too, if something else happened meanwhile', () => {
		const timeline = [
			entry(1, source('vip:pgdb1', true)),
			entry(2, source('patroni:pgdb1', true)),
			entry(3600, member('pgdb3', 'streaming', 'running', true)),
			entry(3601, member('pgdb3', 'running', 'streaming', false)),
		];
		expect(lines(timeline)[0]).toMatch(/^pgdb1 lost; no end seen$/);
		const back = [entry(9000, source('vip:pgdb1', false)), entry(9001, source('patroni:pgdb1', false))];
		expect(lines([...timeline, ...back])[0]).not.toContain('no end seen');
	});
});

describe('a recorded session', () => {
	it.each([
		['a drill', switchoverDrill, 'Switchover pgdb1 → pgdb2; no writes for 2.20 s; '],
		['a power cut', powerCut, 'Failover pgdb1 → pgdb2; no writes for '],
	])('%s', (_, session, wanted) => {
		const {state} = session();
		const found = foldIncidents(state.timeline).map(one =>
			incidentLine(describeIncident(one, state.cluster.probes, state.now)),
		);
		expect(found.filter(line => line.startsWith(wanted))).toHaveLength(1);
	});

	it.each(tour.map(({name}) => name))('of the tour: %s is one line', async name => {
		const recording = await openRecording(tourFile(name));
		const last = [...recording.replay()].at(-1)?.after;
		recording.close();
		const found = foldIncidents(last?.timeline ?? []).map(one =>
			incidentLine(describeIncident(one, last?.cluster.probes ?? noProbes, last?.now ?? 0)),
		);
		expect(found).toMatchSnapshot();
		expect(found.length).toBeLessThanOrEqual(1);
	});
});
