/** Folds the timeline into incidents: entries of one trouble, from its first sign to the last thing that is back. Pure. */
import {objectOf} from '../cluster/source-kinds.ts';
import type {Entry, EntryAbout} from '../facts.ts';

/** What an entry says to be missing, and not to be back. */
export type Condition = {key: string; about: EntryAbout; at: number};

/** Consecutive entries of the timeline; a single one is no incident, and is shown as it is. */
export type Incident = {
	/** Index of its first entry in the timeline. */
	first: number;
	/** At least one. */
	entries: readonly Entry[];
	/** What no entry says to be back, the oldest first. */
	open: readonly Condition[];
	/** What its changes of leader have cost, as the latest entries say; undefined as long as none does. */
	losses: ReadonlyMap<number, LossAbout>;
};

export type LossAbout = EntryAbout & {of: 'loss'};

/** Entries closer to each other than this belong together, ms. */
export const nearMs = 10_000;

const known = new WeakMap<readonly Entry[], readonly Incident[]>();

/** All entries, each once and in their order; computed once for each timeline, since ticks do not change it. */
export function foldIncidents(timeline: readonly Entry[]): readonly Incident[] {
	const before = known.get(timeline);
	if (before !== undefined) {
		return before;
	}

	const folding = new Folding();
	for (const [index, entry] of timeline.entries()) {
		folding.take(entry, index);
	}

	known.set(timeline, folding.incidents);
	return folding.incidents;
}

/** The incident is worth a line of its own: its entries are more than one. */
export function isFolded({entries}: Incident): boolean {
	return entries.length > 1;
}

/** While clients cannot write, or no member leads, or etcd cannot be read, all that follows belongs to it. */
export function isGrave({about}: Condition): boolean {
	return about.of === 'leader' || about.of === 'reads' || (about.of === 'outage' && about.write);
}

/** The leaders that followed another one. */
export function changesOfLeader({entries}: Incident): {from: string; to: string}[] {
	let leader: string | undefined;
	return entries.flatMap(({about}) => {
		if (about?.of !== 'leader') {
			return [];
		}

		const {from = leader, to} = about;
		leader = to ?? from;
		return from === undefined || to === undefined || from === to ? [] : [{from, to}];
	});
}

type Growing = Incident & {
	entries: Entry[];
	open: Condition[];
	losses: Map<number, LossAbout>;
};

class Folding {
	readonly incidents: Growing[] = [];

	take(entry: Entry, index: number): void {
		const last = this.incidents.at(-1);
		if (last === undefined || !belongsTo(last, entry)) {
			this.incidents.push({first: index, entries: [entry], open: [], losses: new Map()});
		} else {
			last.entries.push(entry);
		}

		this.#note(entry);
	}

	/** What is back is so for each incident that misses it; and what was lost may be known only after another incident. */
	#note({about, at, operation}: Entry): void {
		const last = this.incidents.at(-1);
		if (about?.of === 'loss') {
			const own = this.incidents.findLast(({entries}) => entries.some(one => isChangeTo(one, about.to)));
			(own ?? last)?.losses.set(about.change, about);
		}

		if (about?.of === 'leader' && about.to !== undefined) {
			this.#close(one => isPromoted(one, about.to));
		}

		const changes = [
			...(about === undefined ? [] : changesOf(about)),
			...(operation === undefined ? [] : [{key: operation.name, isOpen: isUndecided(operation)}]),
		];
		for (const {key, isOpen} of changes) {
			const isFirst = last?.open.every(one => one.key !== key) ?? true;
			if (isOpen && isFirst) {
				last?.open.push({key, about: about ?? {of: 'note'}, at});
			} else if (!isOpen) {
				this.#close(one => one.key === key);
			}
		}
	}

	#close(isBack: (condition: Condition) => boolean): void {
		for (const one of this.incidents) {
			if (one.open.some(isBack)) {
				one.open = one.open.filter(condition => !isBack(condition));
			}
		}
	}
}

/** Of an unknown outcome the sources may still show what became of it. */
function isUndecided({phase, outcome}: NonNullable<Entry['operation']>): boolean {
	return phase === 'begun' || outcome === 'unknown';
}

/** A standby that runs and does not stream is in trouble, until it leads. */
function isPromoted({about}: Condition, leader: string | undefined): boolean {
	return about.of === 'member' && about.member === leader && about.is === 'running';
}

function isChangeTo({about}: Entry, leader: string): boolean {
	return about?.of === 'leader' && about.to === leader;
}

function belongsTo(incident: Incident, entry: Entry): boolean {
	const {entries, open} = incident;
	const last = entries.at(-1);
	const [first] = entries;
	if (last === undefined || (first !== undefined && isNote(first)) || isApart(last, entry)) {
		return false;
	}

	const isNear = Math.abs(entry.at - last.at) <= nearMs;
	if (isNote(entry)) {
		return isNear && open.length > 0;
	}

	if (open.some(isGrave)) {
		return true;
	}

	// What the operator begins is the cause of what follows it, not a consequence.
	const {operation, about} = entry;
	if (operation?.phase === 'begun' || about?.of === 'request') {
		return about?.of === 'request' && isNear && entries.some(one => one.operation?.phase === 'begun');
	}

	const keys = new Set(open.map(({key}) => key));
	const names = new Set(open.flatMap(one => namesOf(one.about)));
	return (
		isNear ||
		(operation !== undefined && keys.has(operation.name)) ||
		(about !== undefined &&
			(changesOf(about).some(({key}) => keys.has(key)) ||
				namesOf(about).some(name => names.has(name)) ||
				(about.of === 'loss' && entries.some(one => isChangeTo(one, about.to)))))
	);
}

/** What was read of the time before this console started is no part of what it saw. */
function isApart(before: Entry, after: Entry): boolean {
	return before.isEarlier !== after.isEarlier || before.about?.of === 'begin' || after.about?.of === 'begin';
}

/** Settings, schedules and the like; of older consoles, what was neither said nor done by an operation of the console. */
function isNote({about, kind, operation}: Entry): boolean {
	return about === undefined
		? operation?.isBeside === true || (kind === 'operation' && operation === undefined)
		: about.of === 'note';
}

/** What it says to be missing, or to be back. */
function changesOf(about: EntryAbout): {key: string; isOpen: boolean}[] {
	switch (about.of) {
		case 'leader': {
			return [{key: 'leader', isOpen: about.to === undefined}];
		}

		case 'vip': {
			return [{key: `vip ${about.name}`, isOpen: about.holders.length !== 1}];
		}

		case 'outage': {
			return [{key: `outage ${about.port}`, isOpen: about.to === undefined && !about.isEndUnseen}];
		}

		case 'source': {
			return [{key: `source ${about.source}`, isOpen: about.isLost}];
		}

		case 'reads': {
			return [{key: 'reads', isOpen: !about.isRead}];
		}

		case 'member': {
			return [{key: `member ${about.member}`, isOpen: about.isWorse}];
		}

		case 'service': {
			const {node, services, isWorse} = about;
			return services.map(service => ({key: `service ${node} ${service}`, isOpen: isWorse}));
		}

		case 'route': {
			return [{key: `route ${about.node}`, isOpen: about.is === ''}];
		}

		case 'sync': {
			return [{key: 'sync', isOpen: about.is === ''}];
		}

		case 'request':
		case 'loss':
		case 'begin':
		case 'note': {
			return [];
		}

		default: {
			about satisfies never;
			return [];
		}
	}
}

/** The members and nodes that it is about: what is seen of one that is missing belongs to that. */
function namesOf(about: EntryAbout): string[] {
	switch (about.of) {
		case 'leader': {
			return about.from === undefined ? [] : [about.from];
		}

		case 'source': {
			return [objectOf(about.source)];
		}

		case 'member': {
			return [about.member];
		}

		case 'service':
		case 'route':
		case 'vip': {
			return [about.node];
		}

		case 'request':
		case 'loss':
		case 'outage':
		case 'reads':
		case 'sync':
		case 'begin':
		case 'note': {
			return [];
		}

		default: {
			about satisfies never;
			return [];
		}
	}
}
