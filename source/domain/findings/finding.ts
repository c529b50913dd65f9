/** The types of findings and their evidence, where a finding is, and since when each holds. */
import type {SourceId} from '../facts.ts';
import type {FindingId} from './advice.ts';
import type {RunningOperation} from './running.ts';

type Remembered = {
	/** The finding when it last held. */
	finding: Finding;
	/** Since when it holds or flaps, Unix ms. */
	since: number;
	/** When it last held, Unix ms. */
	at: number;
	/** When it appeared within the last minute, Unix ms. */
	onsets: readonly number[];
};

export type FindingHistory = {
	/** Time of the last update, Unix ms. */
	at: number;
	known: ReadonlyMap<string, Remembered>;
	/** Machines that this console stopped, at the last update; undefined in recordings of older programs. */
	stops?: readonly MachineStop[];
	/** Operations in progress at the last update; undefined in recordings of older programs. */
	running?: readonly RunningOperation[];
};

/** A machine that an operation of this console powers off or reboots; missing parts of it follow from that. */
export type MachineStop = {
	kind: 'poweroff' | 'reboot';
	node: string;
	/** The operator; undefined if a recording does not have one. */
	by: string | undefined;
	/** When it was confirmed, Unix ms. */
	at: number;
	/** When the operation saw the machine go down, Unix ms. */
	downAt: number | undefined;
	/** When the operation saw all of the machine answer again, Unix ms. */
	backAt: number | undefined;
};

export const noStops: readonly MachineStop[] = [];
export const noFindings: FindingHistory = {at: 0, known: new Map()};

export type ShownFinding = Finding & {
	since: number;
	/** How often a flapping finding appeared within the last minute; undefined if it does not flap. */
	flaps: number | undefined;
	/** When a flapping finding that does not hold now last held, Unix ms; undefined for one that holds. */
	until: number | undefined;
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
	{stops = noStops, running = []}: Pick<FindingHistory, 'stops' | 'running'> = {},
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
	return {
		at: now,
		known: new Map([...kept, ...holding]),
		...(stops.length === 0 ? {} : {stops}),
		...(running.length === 0 ? {} : {running}),
	};
}

/** Findings that hold, and flapping ones that held recently, with the time until which they did. */
export function shownFindings(
	history: FindingHistory,
	found: readonly Finding[],
	now: number,
): ShownFinding[] {
	const present = found.map(finding => {
		const known = rememberedAs(history, finding);
		const counts = known === undefined ? [] : recent(known, now);
		return {
			...finding,
			since: finding.since ?? known?.since ?? now,
			flaps: isFlapping(counts) ? counts.length : undefined,
			until: undefined,
		};
	});
	const keys = new Set(found.map(keyOfFinding));
	const lingering = [...history.known].flatMap(([key, known]): ShownFinding[] => {
		const counts = recent(known, now);
		return keys.has(key) || !isFlapping(counts) || now - known.at > lingerMs
			? []
			: [pastFinding(known, counts.length)];
	});
	return [...present, ...lingering];
}

/** Nothing of it is seen now, and it is not critical now. */
function pastFinding({finding, since, at}: Remembered, flaps: number): ShownFinding {
	return {
		...finding,
		severity: finding.severity === 'critical' ? 'degraded' : finding.severity,
		evidence: finding.evidence.map(one => ({...one, fresh: false})),
		since: finding.since ?? since,
		flaps,
		until: at,
	};
}

function recent({onsets}: Remembered, now: number): readonly number[] {
	return onsets.filter(onset => now - onset <= flapWithinMs);
}

function isFlapping(onsets: readonly number[]): boolean {
	return onsets.length >= flapsMin;
}

/**
 * `unknown`: data is missing that is needed to call the cluster healthy. `notice`: worth knowing; the cluster is still
 * healthy.
 */
export type Severity = 'critical' | 'degraded' | 'unknown' | 'notice';

/** A report of a source that supports a finding. */
export type Evidence = {
	text: string;
	/** Undefined if no source reported it. */
	source: SourceId | undefined;
	/** When the source last reported it, Unix ms; undefined if it never did. */
	at: number | undefined;
	/** Whether the source is fresh; if not, this is its last known report. */
	fresh: boolean;
};

export type Finding = {
	/** The kind of finding; the same in all versions. */
	id: FindingId;
	severity: Severity;
	/** The finding in one sentence. */
	text: string;
	/** The member or node. */
	about?: string;
	/** The affected part: a service of the node, a kind of address. */
	part?: string;
	evidence: readonly Evidence[];
	/** When it began, Unix ms, if that is known better than from when it was found. */
	since?: number | undefined;
	/** The root's key; undefined for a root. A root takes the worst severity of its consequences. */
	cause?: string;
};

/** The worst severity, or healthy. */
export type Verdict = 'healthy' | Exclude<Severity, 'notice'>;

type FindingName = {id: FindingId; about?: string | undefined; part?: string | undefined};

/** The key of a finding; the same at any moment. */
export function keyOfFinding({id, about, part}: FindingName): string {
	return [id, about, part].filter(word => word !== undefined).join(' ');
}

/** Older programs stored findings without `part`. */
function rememberedAs({known}: FindingHistory, finding: Finding): Remembered | undefined {
	return known.get(keyOfFinding(finding)) ?? known.get(keyOfFinding({...finding, part: undefined}));
}

/** What the `about` of a finding names. */
export type Subject = 'node' | 'member' | 'etcd' | 'other';

/** On one of these machines, or about one of these members; undefined means anywhere. */
export type Where = {machines?: readonly string[]; members?: readonly string[]} | undefined;

export const anywhere: Where = undefined;

export const nowhere: Where = {};
