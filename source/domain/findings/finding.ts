/** What a finding is, and since when each one holds. */
import type {SourceId} from '../facts.ts';
import type {FindingId} from './advice.ts';

type Remembered = {
	/** As it was when it last held. */
	finding: Finding;
	/** Since when it holds, or comes and goes, Unix ms. */
	since: number;
	/** When it last held. */
	at: number;
	/** When it appeared, each time within the last minute. */
	onsets: readonly number[];
};

export type FindingHistory = {
	/** Of the last update. */
	at: number;
	known: ReadonlyMap<string, Remembered>;
	/** Machines that this console stopped, as of the last update; recordings of older programs do not have it. */
	stops?: readonly MachineStop[];
};

/** A machine that an operation of this console powers off or reboots: what is missing of it follows from that. */
export type MachineStop = {
	kind: 'poweroff' | 'reboot';
	node: string;
	/** The operator; undefined where a recording does not name one. */
	by: string | undefined;
	/** When it was confirmed, Unix ms. */
	at: number;
	/** When the operation saw it go down, Unix ms. */
	downAt: number | undefined;
	/** When the operation saw all of it answer again, Unix ms. */
	backAt: number | undefined;
};

export const noStops: readonly MachineStop[] = [];
export const noFindings: FindingHistory = {at: 0, known: new Map()};

export type ShownFinding = Finding & {
	since: number;
	/** How often it appeared within the last minute, if it comes and goes; undefined for one that simply holds. */
	flaps: number | undefined;
};

/** A finding that appeared this often within a minute flaps. */
const flapsMin = 3;
const flapWithinMs = 60_000;
/** A flapping finding stays on the screen this long after it last held. */
const lingerMs = 15_000;

export function foldFindings(
	history: FindingHistory,
	found: readonly Finding[],
	now: number,
	stops: readonly MachineStop[] = noStops,
): FindingHistory {
	const present = new Map(found.map(finding => [keyOfFinding(finding), finding]));
	const kept = [...history.known].flatMap(([key, known]): [string, Remembered][] =>
		!present.has(key) && now - known.at <= flapWithinMs
			? [[key, {...known, onsets: recent(known, now)}]]
			: [],
	);
	const holding = [...present].map(([key, finding]): [string, Remembered] => {
		const known = rememberedAs(history, finding);
		const held = known !== undefined && known.at === history.at;
		const onsets = held ? recent(known, now) : [...(known ? recent(known, now) : []), now];
		const since = known !== undefined && (held || isFlapping(onsets)) ? known.since : now;
		return [key, {finding, since, at: now, onsets}];
	});
	return {at: now, known: new Map([...kept, ...holding]), ...(stops.length === 0 ? {} : {stops})};
}

/** Findings that hold, and flapping ones that have just held. */
export function shownFindings(
	history: FindingHistory,
	found: readonly Finding[],
	now: number,
): ShownFinding[] {
	const present = found.map(finding => {
		const known = rememberedAs(history, finding);
		const counts = known === undefined ? [] : recent(known, now);
		return {...finding, since: known?.since ?? now, flaps: isFlapping(counts) ? counts.length : undefined};
	});
	const keys = new Set(found.map(keyOfFinding));
	const lingering = [...history.known].flatMap(([key, known]): ShownFinding[] => {
		const counts = recent(known, now);
		return keys.has(key) || !isFlapping(counts) || now - known.at > lingerMs
			? []
			: [{...known.finding, since: known.since, flaps: counts.length}];
	});
	return [...present, ...lingering];
}

function recent({onsets}: Remembered, now: number): readonly number[] {
	return onsets.filter(onset => now - onset <= flapWithinMs);
}

function isFlapping(onsets: readonly number[]): boolean {
	return onsets.length >= flapsMin;
}

/**
 * `unknown`: the console cannot see something that it needs to call the cluster healthy. `notice`: worth knowing; the cluster
 * is still healthy.
 */
export type Severity = 'critical' | 'degraded' | 'unknown' | 'notice';

/** What a source reported. */
export type Evidence = {
	text: string;
	/** Undefined where no source has reported yet. */
	source: SourceId | undefined;
	/** When the source last reported it, Unix ms; undefined when it never did. */
	at: number | undefined;
	/** The source sees now; else this is how it was. */
	fresh: boolean;
};

export type Finding = {
	/** Of the kind; the same in all versions. */
	id: FindingId;
	severity: Severity;
	/** One sentence. */
	text: string;
	/** The member or node it concerns. */
	about?: string;
	/** What of it: a service of the node, a kind of address. */
	part?: string;
	evidence: readonly Evidence[];
	/** The key of the root that it follows from; a root has none, and has the worst severity of what follows from it. */
	cause?: string;
};

/** The worst finding, or that there is none. */
export type Verdict = 'healthy' | Exclude<Severity, 'notice'>;

type FindingName = {id: FindingId; about?: string | undefined; part?: string | undefined};

/** The same finding at another moment has the same key. */
export function keyOfFinding({id, about, part}: FindingName): string {
	return [id, about, part].filter(word => word !== undefined).join(' ');
}

/** Older programs wrote findings without their part. */
function rememberedAs({known}: FindingHistory, finding: Finding): Remembered | undefined {
	return known.get(keyOfFinding(finding)) ?? known.get(keyOfFinding({...finding, part: undefined}));
}
