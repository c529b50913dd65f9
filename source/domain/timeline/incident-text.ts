/** What an incident was, how long clients felt it, what was lost, and whether it is over: in words, from its entries alone. */
import {bytes, clockMs, duration} from '../../lib/format.ts';
import {ongoingOutage, type Probes} from '../cluster/probe.ts';
import {objectOf} from '../cluster/source-kinds.ts';
import type {Entry, EntryAbout} from '../facts.ts';
import {headlineOf} from './incident-headline.ts';
import {type Condition, changesOfLeader, type Incident} from './incidents.ts';

export type IncidentText = {
	/** `Failover pgdb1 → pgdb2`. */
	what: string;
	/** `no writes for 2.16 s`; undefined where the entries do not say whether a probe wrote. */
	writes: string | undefined;
	/** Undefined without a change of leader. */
	lost: string | undefined;
	/** Undefined without a read outage. */
	reads: string | undefined;
	/** `over after 12.3 s`, or what no entry says to be back; undefined while only an operation runs. */
	end: string | undefined;
	turn: Entry['turn'];
};

/** @param now Unix ms; `probes`: of the same moment, which show whether an outage is over */
export function describeIncident(incident: Incident, probes: Probes, now: number): IncidentText {
	const {losses} = incident;
	const isLost = [...losses.values()].some(({loss}) => loss === 'lost');
	return {
		what: headlineOf(incident),
		writes: writesText(incident, probes, now),
		lost: lostText(incident),
		reads: outagesText(incident, 'reads', probes, now),
		end: endText(incident),
		turn: missingOf(incident).length > 0 || isLost ? 'worse' : 'news',
	};
}

/** In the order of their weight: the end of a long line is cut. */
export function incidentLine({what, writes, lost, reads, end}: IncidentText): string {
	return [what, writes, lost, end, reads].filter(Boolean).join('; ');
}

type OutageAbout = EntryAbout & {of: 'outage'};

/** Each outage once, as the latest entry has it. */
export function outagesOf({entries}: Incident, write: boolean): OutageAbout[] {
	const found: OutageAbout[] = [];
	for (const {about} of entries) {
		if (about?.of === 'outage' && about.write === write) {
			// Of a port there is one at a time: its end follows its begin.
			const open = found.findLastIndex(({port, to}) => port === about.port && to === undefined);
			found.splice(open === -1 ? found.length : open, open === -1 ? 0 : 1, about);
		}
	}

	return found;
}

function writesText(incident: Incident, probes: Probes, now: number): string | undefined {
	const {entries} = incident;
	const outages = outagesText(incident, 'writes', probes, now);
	const isUnprobed = entries.some(({isProbed}) => isProbed === false);
	if (outages !== undefined) {
		return isUnprobed ? `${outages}, measured in part` : outages;
	}

	// Of older consoles it is not known; operations and drills say nothing of it.
	const facts = entries.filter(({kind}) => kind !== 'operation' && kind !== 'drill');
	return isUnprobed
		? 'writes not measured'
		: facts.length > 0 && facts.every(({isProbed}) => isProbed)
			? 'no write outage'
			: undefined;
}

function outagesText(
	incident: Incident,
	what: 'writes' | 'reads',
	probes: Probes,
	now: number,
): string | undefined {
	const outages = outagesOf(incident, what === 'writes');
	const open = outages.find(({to}) => to === undefined);
	if (open !== undefined) {
		const probe = probes.get(open.port);
		const isOpen = incident.open.some(({about}) => about.of === 'outage' && about.port === open.port);
		const ongoing = isOpen && probe !== undefined ? ongoingOutage(probe) : undefined;
		return ongoing !== undefined
			? `no ${what} for ${duration(Math.max(0, now - ongoing.from))}, still`
			: `no ${what} from ${clockMs(open.from, now)} on, end not seen`;
	}

	if (outages.length === 0) {
		return undefined;
	}

	const isStalled = outages.some(({stalled}) => stalled !== undefined);
	const times = outages.length === 1 ? '' : ` in ${outages.length} outages`;
	return `no ${what} for ${isStalled ? '≤ ' : ''}${duration(lengthOf(outages))}${times}`;
}

/** Of all ended outages together, where they overlap once, ms. */
export function lengthOf(outages: readonly OutageAbout[]): number {
	let [length, end] = [0, Number.NEGATIVE_INFINITY];
	for (const {from, to = from} of outages.toSorted((a, b) => a.from - b.from)) {
		length += Math.max(0, to - Math.max(from, end));
		end = Math.max(end, to);
	}

	return length;
}

function lostText(incident: Incident): string | undefined {
	const changes = changesOfLeader(incident).length;
	const losses = [...incident.losses.values()];
	if (changes === 0 && losses.length === 0) {
		return undefined;
	}

	if (losses.some(({loss}) => loss === 'lost')) {
		return 'acknowledged writes LOST';
	}

	if (losses.length < changes || losses.some(({loss}) => loss === 'unknown')) {
		return 'loss not known';
	}

	const most = losses.flatMap(({loss, bytes: count}) => (loss === 'at-most' ? (count ?? []) : []));
	return most.length === 0
		? 'nothing lost'
		: `at most ${bytes(most.reduce((sum, count) => sum + count, 0))} of WAL lost`;
}

/** Names of what is not back, in the line. */
const namesMax = 3;

/** Not an operation that runs, which the name says. */
function missingOf({open}: Incident): readonly Condition[] {
	return open.filter(({about}) => about.of !== 'note');
}

function endText(incident: Incident): string | undefined {
	const {entries, open} = incident;
	const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
	if (open.length === 0) {
		return last > first ? `over after ${duration(last - first)}` : 'over';
	}

	// Of outages the line says so where it has their length.
	const missing = missingOf(incident).filter(({about}) => about.of !== 'outage');
	const names = [...new Set(missing.map(one => nameOfMachine(one, missing) ?? nameOf(one)))];
	const [only] = names;
	if (only === undefined) {
		return undefined;
	}

	if (names.length === 1 && only === headlineOf(incident)) {
		return 'no end seen';
	}

	const more = names.length > namesMax ? `, ${names.length - namesMax} more` : '';
	return `no end seen: ${names.slice(0, namesMax).join(', ')}${more}`;
}

/** Of a node or a member that several sources miss: `pgdb1 lost`. */
function nameOfMachine({about}: Condition, all: readonly Condition[]): string | undefined {
	const object = about.of === 'source' ? objectOf(about.source) : undefined;
	const isOther = all.some(
		one =>
			one.about.of === 'source' &&
			about.of === 'source' &&
			one.about.source !== about.source &&
			objectOf(one.about.source) === object,
	);
	return object !== undefined && isOther ? `${object} lost` : undefined;
}

function nameOf({key, about}: Condition): string {
	switch (about.of) {
		case 'leader': {
			return 'no leader';
		}

		case 'vip': {
			return about.holders.length === 0
				? `${about.name} on no node`
				: `${about.name} on ${about.holders.join(', ')}`;
		}

		case 'outage': {
			return `${about.write ? 'write' : 'read'} outage`;
		}

		case 'source': {
			return `${about.name} lost`;
		}

		case 'reads': {
			return 'etcd not read';
		}

		case 'member': {
			return `${about.member} ${about.is ?? 'gone'}`;
		}

		case 'service': {
			return `${about.node}: ${about.services.join(', ')} ${about.is}`;
		}

		case 'route': {
			return `HAProxy on ${about.node} has no server`;
		}

		case 'sync': {
			return 'no sync standby';
		}

		case 'request':
		case 'loss':
		case 'begin':
		case 'note': {
			return key;
		}

		default: {
			about satisfies never;
			return key;
		}
	}
}
