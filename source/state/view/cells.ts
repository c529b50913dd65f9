/** The result types of views: panes of lines and tables, with tones instead of colours. */
import type {Cluster, HeldFrom} from '../../domain/cluster/cluster.ts';
import {isFresh, unavailableReason} from '../../domain/cluster/freshness.ts';
import {machines} from '../../domain/cluster/members.ts';
import type {SourceId} from '../../domain/facts.ts';
import {noStops} from '../../domain/findings/finding.ts';
import {machinesOff} from '../../domain/findings/rules/machines.ts';
import type {Matcher} from '../../domain/logs/matcher.ts';
import {age, clock, forAge} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';

/**
 * `bad` and `warn` also have a word or sign in the text, because colour must not be the only sign. Tag tones
 * distinguish names; `match` marks search results.
 */
export type Tone = 'plain' | 'strong' | 'good' | 'warn' | 'bad' | 'dim' | 'match' | TagTone;

export type TagTone = (typeof tagTones)[number];

export const tagTones = ['tag0', 'tag1', 'tag2', 'tag3', 'tag4', 'tag5', 'tag6', 'tag7', 'tag8'] as const;

export type Cell = {
	text: string;
	tone: Tone;
	/**
	 * Where a long text is cut; at the end by default. `start` keeps the newest part, which is at the end; `middle` is for
	 * names, which differ at their end.
	 */
	cut?: 'start' | 'middle';
};

export type Line = readonly Cell[];

export type Column = {
	title: string;
	align: 'left' | 'right';
	/** With too many columns, those of the highest rank are dropped first; rank 0 always stays. */
	rank: number;
	/** Its cells are names, or end with one: however they are cut, different ones stay different. */
	names?: true;
	/** The column is shown whole or not at all. */
	whole?: true;
	/** Minimum width, if there is room, so that other columns do not move when values change. */
	minWidth?: number;
};

export type Row = {
	id: string;
	readonly cells: readonly Cell[];
	/** Marked where it stands in the cells. */
	match?: string;
};

export type Table = {
	columns: readonly Column[];
	rows: readonly Row[];
	/** Rules between cells, which are wrapped: for tables to read, without selection. */
	ruled?: true;
};

export type PaneRows = {
	title: string;
	/** At the right end of the title: the freshness of the source, or a key. */
	status: Cell;
	lines: readonly Line[];
	/** Long lines are wrapped instead of cut, for text that must be read completely. */
	wraps?: boolean;
	/** Index of a line that scrolling counts from, so that it stays in view; it has the mark of what the keys apply to. */
	anchor?: number;
	/** Indentation of a wrapped line's later rows. */
	indent?: number;
	table: Table | undefined;
	/** Sections, side by side if there is room. */
	sections?: readonly Section[];
	/** Sections below those, with a heading of their own. */
	further?: {title: string; sections: readonly Section[]};
};

/** A heading with names (keys, signs) and their meanings. */
export type Section = {title: string; entries: readonly {name: string; text: string}[]};

/** A row that makes its cells only when it is drawn; most rows of a long table are not. */
export function row(id: string, make: () => readonly Cell[]): Row {
	return new LazyRow(id, make);
}

class LazyRow implements Row {
	readonly id: string;
	readonly #make: () => readonly Cell[];
	#made: readonly Cell[] | undefined;

	constructor(id: string, make: () => readonly Cell[]) {
		this.id = id;
		this.#make = make;
	}

	get cells(): readonly Cell[] {
		this.#made ??= this.#make();
		return this.#made;
	}
}

/** A line with a name of fixed width before its value. */
export function field(name: string, ...value: readonly Cell[]): Line {
	return [cell(name.padEnd(10)), ...value];
}

/** A name: cut in its middle. */
export function nameCell(text: string, tone: Tone = 'strong'): Cell {
	return {text, tone, cut: 'middle'};
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
	return {text, tone};
}

/** The cell in parts, its matches marked; parts may be empty. */
export function markMatches({text, tone}: Cell, patterns: readonly Pick<Matcher, 'ranges'>[]): Cell[] {
	const ranges = patterns.flatMap(pattern => pattern.ranges(text)).toSorted(([a], [b]) => a - b);
	const cells: Cell[] = [];
	let done = 0;
	for (const [from, to] of ranges) {
		if (to > done) {
			cells.push(cell(text.slice(done, Math.max(done, from)), tone));
			cells.push(cell(text.slice(Math.max(done, from), to), 'match'));
			done = to;
		}
	}

	return [...cells, cell(text.slice(done), tone)];
}

/** What is not known to the second moves in steps of this. */
const atLeastStepMs = 10_000;

/** `heldFrom`: by the logs, where this console did not see the start. */
type Held = {since: number; live: boolean; heldFrom?: HeldFrom | undefined};

/** Below this a time by the logs is as good as one that was seen, ms: ages are in seconds. */
const exactMs = 1000;

/** For how long, in a few columns; at least how long, where the start was neither seen nor found in the logs. */
export function heldFor({since: at, live, heldFrom}: Held, now: number): Cell {
	if (!live && heldFrom !== undefined) {
		return cell(`for ${aboutOf(heldFrom)}${age(Math.max(0, now - heldFrom.at))}`);
	}

	const held = now - at;
	return live
		? cell(forAge(at, now))
		: held < atLeastStepMs
			? cell('start not seen', 'dim')
			: cell(`for ≥ ${age(Math.floor(held / atLeastStepMs) * atLeastStepMs)}`, 'dim');
}

/** Since when; before when, where the start was neither seen nor found in the logs. */
export function since({since: at, live, heldFrom}: Held, now: number): Cell {
	if (!live && heldFrom !== undefined) {
		return cell(
			`since ${aboutOf(heldFrom)}${clock(heldFrom.at, now)} (${age(Math.max(0, now - heldFrom.at))}), by its log`,
		);
	}

	return live
		? cell(`since ${clock(at, now)}${now - at < 1000 ? '' : ` (${age(now - at)})`}`)
		: cell(`since before ${clock(at, now)}`, 'dim');
}

function aboutOf({uncertainMs}: HeldFrom): string {
	return uncertainMs < exactMs ? '' : 'about ';
}

/**
 * The freshness of a pane's source; if it is lost, since when and why. If several sources serve one purpose, one fresh
 * source is enough.
 */
export function sourceCell(cluster: Cluster, sources: readonly SourceId[], name: string, now: number): Cell {
	const seeing = sources.filter(source => isFresh(cluster.sourceStatuses.get(source), source, now));
	if (seeing.length > 0) {
		return cell(`${name}, live`, 'dim');
	}

	const losses = sources.flatMap(source => {
		const sight = cluster.sourceStatuses.get(source);
		return sight?.state === 'lost'
			? [{since: sight.seenAt ?? sight.since, reason: sight.reason, never: sight.seenAt === undefined}]
			: [];
	});
	const [loss] = losses.sort((a, b) => b.since - a.since);
	if (loss && losses.length === sources.length) {
		return cell(`${name} LOST${loss.never ? '' : ` ${forAge(loss.since, now)}`}: ${loss.reason}`, 'bad');
	}

	const [source] = sources;
	const reason = source && unavailableReason(cluster.sourceStatuses.get(source), source, now);
	return cell(`${name}: ${reason ?? 'not polled'}`, 'warn');
}

/** Whether the machine of this name, or of this member of Patroni or etcd, is known to be off: then nothing there is unknown. */
export function isOff(
	{cluster, target, now, found}: ClusterSnapshot,
	name: string,
	by: 'name' | 'member' | 'etcd' = 'name',
): boolean {
	const off = machinesOff(cluster, target, now, found.stops ?? noStops);
	return (
		off.length > 0 && machines(cluster, target, now).some(one => one[by] === name && off.includes(one.name))
	);
}

export const offCell: Cell = cell('off', 'warn');
