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
};

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
): FindingHistory {
	const present = new Map(found.map(finding => [keyOfFinding(finding), finding]));
	const kept = [...history.known].flatMap(([key, known]): [string, Remembered][] =>
		!present.has(key) && now - known.at <= flapWithinMs
			? [[key, {...known, onsets: recent(known, now)}]]
			: [],
	);
	const holding = [...present].map(([key, finding]): [string, Remembered] => {
		const known = history.known.get(key);
		const held = known !== undefined && known.at === history.at;
		const onsets = held ? recent(known, now) : [...(known ? recent(known, now) : []), now];
		const since = known !== undefined && (held || isFlapping(onsets)) ? known.since : now;
		return [key, {finding, since, at: now, onsets}];
	});
	return {at: now, known: new Map([...kept, ...holding])};
}

/** Findings that hold, and flapping ones that have just held. */
export function shownFindings(
	history: FindingHistory,
	found: readonly Finding[],
	now: number,
): ShownFinding[] {
	const present = found.map(finding => {
		const known = history.known.get(keyOfFinding(finding));
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
	evidence: readonly Evidence[];
};

/** The worst finding, or that there is none. */
export type Verdict = 'healthy' | Exclude<Severity, 'notice'>;

/** The same finding at another moment has the same key. */
export function keyOfFinding({id, about}: Finding): string {
	return about === undefined ? id : `${id} ${about}`;
}
