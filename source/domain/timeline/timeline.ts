/** The timeline: entries from the difference of the cluster before and after an event; those on the client path. */

import {least} from 'd3-array';
import {clockMs, duration, tenths} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {machines} from '../cluster/members.ts';
import {isProbeFresh, type Outage, ongoingOutage, outageName, type Probe} from '../cluster/probe.ts';
import {failingReason} from '../cluster/probe-reason.ts';
import {freshForMs} from '../cluster/source-kinds.ts';
import type {Entry, EntryAbout, EntryKind, LogMark, SourceId} from '../facts.ts';
import {markedEntry} from '../history/entries.ts';
import type {Target} from '../target.ts';
import {etcdEntries, storeEntries} from './config.ts';
import {keyEntries} from './keys.ts';
import {lossEntries} from './losses.ts';
import {routeEntries, serviceEntries, sourceEntries} from './sources.ts';
import {vipEntries} from './vip.ts';

/** Limit of entries; older ones are dropped. */
export const entriesMax = 1000;

/** The timeline after an event. */
export function foldTimeline(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): readonly Entry[] {
	if (before === after) {
		return timeline;
	}

	const added = [
		...(before.store === after.store ? [] : storeEntries(before, after, target, at)),
		// The first read shows the present state, not a change.
		...(before.read === undefined ? [] : keyEntries(before, after, at)).filter(
			entry => !isOwnRequest(timeline, entry),
		),
		...vipEntries(before, after, target, at),
		...etcdEntries(before, after, target, at),
		...sourceEntries(before, after, target, at),
		...routeEntries(before, after, target, at),
		...serviceEntries(before, after, at),
		...lossEntries(before, after, at),
		...pathEntries(timeline, before, after, target, at),
	];
	if (added.length === 0) {
		return timeline;
	}

	const isProbed = isWriteProbed(after, at);
	return withEntries(
		timeline,
		added.map(entry => ({...entry, isProbed})),
	);
}

/** Whether a probe writes and reports: without one, no outage is no proof that clients could write. */
function isWriteProbed({probes}: Cluster, at: number): boolean {
	return [...probes.values()].some(
		probe =>
			isProbeFresh(probe, at) && (probe.answer?.write === true || ongoingOutage(probe)?.write === true),
	);
}

/** Adds entries within the limit; all entries pass through here. */
export function withEntries(timeline: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
	return added.length === 0 ? timeline : [...timeline, ...added].slice(-entriesMax);
}

/** What an event has added at the end; not what was read of the time before this console started. */
export function newEntries(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
	const known = before.at(-1);
	return before === after
		? []
		: after
				.slice(known === undefined ? 0 : after.lastIndexOf(known) + 1)
				.filter(({isEarlier, about}) => !isEarlier && about?.of !== 'begin');
}

/** The timeline, whose new entries were read from a log. */
export function withLogMark(
	before: readonly Entry[],
	after: readonly Entry[],
	log: LogMark | undefined,
): readonly Entry[] {
	return log === undefined || before === after
		? after
		: after.map(entry => (before.includes(entry) ? entry : markedEntry(entry, log)));
}

/** Possible causes of an outage, the likeliest first. */
const causes: readonly EntryKind[] = ['operation', 'leader', 'member', 'service', 'vip', 'etcd', 'sight'];

/** How long before the last acknowledgement a cause may be seen, ms. */
const causeBeforeMs = 2000;

/** What is seen within this time after the last acknowledgement was there when the outage began, ms. */
const causeAfterMs = 2500;

/** The time between two attempts of a probe, and a moment of the console's, ms. */
const attemptMs = 500;

/** An entry that is later than what it is of has the time of that, ms. */
const lateMs = 500;

function pathEntries(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): Entry[] {
	if (before.probes === after.probes) {
		return [];
	}

	return [...after.probes.values()].flatMap(probe =>
		probeChanges(timeline, before.probes.get(probe.port), probe, {after, target, at}),
	);
}

function probeChanges(
	timeline: readonly Entry[],
	was: Probe | undefined,
	is: Probe,
	{after, target, at}: {after: Cluster; target: Target; at: number},
): Entry[] {
	const began = ongoingOutage(is);
	if (began !== undefined && (was === undefined || ongoingOutage(was) === undefined)) {
		// Another cause may be seen only later: the entry of the end has it.
		const own = ownOperation(timeline, began.from);
		return [
			{
				at,
				kind: 'path',
				turn: 'worse',
				text: `${nameOf(began)} began${momentIfLate(began.from, at)}${own === undefined ? `: ${failingReason(after, target, is, at) ?? began.reason}` : `; cause: ${own} (${began.reason})`}`,
				about: aboutOutage(began),
			},
		];
	}

	const broken = was && ongoingOutage(was);
	const [latest] = is.outages;
	if (broken !== undefined && is.outages.every(({from}) => from !== broken.from)) {
		return [
			{
				at,
				kind: 'path',
				turn: 'news',
				text: `${nameOf(broken)}: its end was not seen, the probe did not report`,
				about: {...aboutOutage(broken), isEndUnseen: true},
			},
		];
	}

	if (latest?.to === undefined || latest === was?.outages[0]) {
		return [];
	}

	const cause =
		ownOperation(timeline, latest.from) ??
		silentMachine(after, target, latest, at) ??
		outageCause(timeline, latest);
	const milliseconds = latest.to - latest.from;
	const stalled =
		latest.stalled === undefined ? '' : `, of which this console was stalled for ${tenths(latest.stalled)}`;
	return [
		{
			at,
			kind: 'path',
			turn: 'better',
			text: `${nameOf(latest)} ended after ${duration(milliseconds)}${momentIfLate(latest.to, at)}${stalled}${cause === undefined ? '' : `; cause: ${cause}`}`,
			outage: milliseconds,
			about: aboutOutage(latest),
		},
	];
}

function aboutOutage({port, write, from, to, stalled}: Outage): EntryAbout & {of: 'outage'} {
	return {of: 'outage', port, write, from, to, stalled};
}

/** ` at 23:43:42.204`, so that an entry's time and the length of an outage agree. */
function momentIfLate(moment: number, at: number): string {
	return at - moment <= lateMs ? '' : ` at ${clockMs(moment, at)}`;
}

/** A request of this console is in etcd within this time, unless it waited for something, ms. */
const requestMs = 5000;

/** Each kind of access to a machine is lost within this time after the last acknowledgement, ms. */
const silenceAfterMs = freshForMs;

/** The machine that has not answered since the outage began: the loss of one of its sources is no cause of its own. */
function silentMachine(cluster: Cluster, target: Target, {from}: Outage, at: number): string | undefined {
	const isLost = (source: SourceId) => {
		const status = cluster.sourceStatuses.get(source);
		return (
			status?.state === 'lost' &&
			status.fault !== true &&
			status.code !== 'refused' &&
			status.since >= from - causeBeforeMs &&
			status.since <= from + silenceAfterMs
		);
	};
	const silent = machines(cluster, target, at).find(
		({name, member}) => member !== undefined && isLost(`vip:${name}`) && isLost(`patroni:${member}`),
	);
	return silent && `${silent.name} did not answer at all`;
}

/**
 * The likely cause of an outage by what was seen when it began, of the likeliest kind the entry closest to it; else the
 * first change for the worse in its first half.
 */
function outageCause(timeline: readonly Entry[], {from, to}: Outage): string | undefined {
	const others = timeline.filter(
		({at, kind, turn, operation}) =>
			kind !== 'path' &&
			operation === undefined &&
			(turn === 'worse' ||
				kind === 'operation' ||
				kind === 'leader' ||
				// It reached another node before the one that had it reported its loss.
				(kind === 'vip' && turn === 'news')) &&
			at >= from - causeBeforeMs &&
			at <= (to ?? Infinity),
	);
	for (const kind of causes) {
		const alike = others.filter(entry => entry.kind === kind && entry.at <= from + causeAfterMs);
		const found = least(alike, ({at}) => Math.abs(at - from));
		if (found) {
			return firstPart(found.text);
		}
	}

	// What is seen at the end, e.g. the VIP leaving for a node with a server, is rather its cure.
	const early = others.find(
		({at, kind, turn}) => turn === 'worse' && causes.includes(kind) && at - from <= ((to ?? at) - from) / 2,
	);
	return early && firstPart(early.text);
}

/** Without the details, which the entry itself has: the line must fit. */
function firstPart(text: string): string {
	return text.split(/[,;] /, 1)[0] ?? text;
}

function ownOperation(timeline: readonly Entry[], from: number): string | undefined {
	const began = timeline.findLast(
		({at, operation}) => operation?.phase === 'begun' && !operation.isBeside && at <= from + attemptMs,
	);
	const name = began?.operation?.name;
	const end = timeline.find(
		({at, operation}) =>
			operation?.name === name && operation?.phase !== 'begun' && at >= (began?.at ?? Infinity),
	);
	const isRunning =
		end === undefined || (end.operation?.phase !== 'refused' && end.at >= from - causeBeforeMs);
	return isRunning ? name : undefined;
}

/** The request of this console's own operation in etcd: the entry of its confirmation says the same. */
function isOwnRequest(timeline: readonly Entry[], {about, at}: Entry): boolean {
	if (about?.of !== 'request') {
		return false;
	}

	const last = timeline.findLast(({operation}) => operation?.newLeader !== undefined);
	return (
		last?.operation?.phase === 'begun' &&
		last.operation.newLeader === about.candidate &&
		at - last.at <= requestMs
	);
}

/** `write outage through :5000`. */
function nameOf(outage: Outage): string {
	return `${outageName(outage)} through :${outage.port}`;
}
