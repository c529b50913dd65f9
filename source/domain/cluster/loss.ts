/**
 * What a change of leader has cost: the last WAL positions that the old leader is known to have reached, against the place
 * where the new timeline begins.
 */

/** A WAL location that had been written and flushed; all that was acknowledged before `at` (Unix ms) is at or before it. */
export type Position = {location: number; at: number};

/** An acknowledged write of the probe. `location`: before its commit; `startedAt`, `at`: sent and acknowledged, Unix ms. */
export type Write = Position & {startedAt: number};

/** How the present timeline relates to the one that the old leader wrote. */
export type Fork =
	/** The present timeline descends from it, and leaves it at `location`. */
	| {kind: 'line'; location: number}
	/** The old leader itself began the next timeline, at `location`; or leads on the same one again, without one. */
	| {kind: 'own'; location: number | undefined}
	/** The present timeline does not descend from it. `location`: where it began; undefined if that is not known. */
	| {kind: 'left'; location: number | undefined};

/**
 * Why nothing that was acknowledged can be lost. `sync`: the new leader was a synchronous standby that confirmed each commit;
 * `stop`: the old leader was shut down, and the new timeline begins after its last record; `own`: its timeline continues.
 */
export type Proof = 'sync' | 'stop' | 'own';

export type Loss =
	| {kind: 'nothing'; proof: Proof}
	/** Bytes of WAL that the old leader has beyond the fork, as it says itself; none of its writes is known to be among them. */
	| {kind: 'at-most'; bytes: number}
	/**
	 * Acknowledged writes are gone. `from`, `to`: when the first and the last known one were acknowledged, Unix ms: others may
	 * have been before and after; `since`: all that was acknowledged before is there; `bytes`: of WAL that is known to be gone,
	 * with `isAll` not more.
	 */
	| {
			kind: 'lost';
			since: number | undefined;
			from: number;
			to: number;
			bytes: number | undefined;
			isAll: boolean;
	  }
	/**
	 * `beyond`: bytes of WAL that are known to be gone, whether or not a client was answered; `since`: all that was acknowledged
	 * before is there, Unix ms. `timeline`: it is not known on which timeline the old leader wrote.
	 */
	| {
			kind: 'unknown';
			why: 'end' | 'timeline';
			beyond: number | undefined;
			since: number | undefined;
	  };

/** The acknowledged writes of one start of a PostgreSQL. */
export type ServerWrites = {
	/** Its address and the time of its start: at a VIP all have the same address. */
	server: string;
	member: string | undefined;
	/** The older ones are thinned out. */
	writes: readonly Write[];
};

export type Leadership = {
	leader: string;
	/** Generation of the store, and the key's revision there when this console first saw it. */
	store: number;
	revision: number;
	/** The timeline that it writes, once it was seen as a primary. */
	timeline: number | undefined;
	/** Where that begins, bytes. */
	begin: number | undefined;
	/** By its own answers, the newest last. */
	positions: readonly Position[];
	/** As published in the key `status`, bytes. */
	published: number | undefined;
	/** What was published right before it gave the leader key away, bytes. */
	released: number | undefined;
	/** Its `synchronous_commit`, as it last answered by SQL; undefined where that is not known. */
	synchronousCommit?: string | undefined;
};

export type LeaderChange = {
	/** One higher for each change. */
	id: number;
	/** When this console saw it, Unix ms. */
	at: number;
	from: Leadership;
	to: string;
	/** Of the new leader's key: an older `history` is of the time before. */
	store: number;
	revision: number;
	/** The new leader was a synchronous standby, which confirms each commit of the old one that waits for it. */
	isSync: boolean;
	servers: readonly ServerWrites[];
	/** Where the old leader's WAL ends, by its last answer since, and whether an answer before said the same. */
	end: {location: number; isStable: boolean} | undefined;
	/** Undefined while `history` does not show it. */
	fork: Fork | undefined;
	loss: Loss | undefined;
	/** An operator has taken note of the loss. */
	acknowledged?: {at: number; reason: string} | undefined;
};

export type LeaderChanges = {
	current: Leadership | undefined;
	/** Of members that are not known to have been replaced. */
	servers: readonly ServerWrites[];
	/** The newest last. */
	changes: readonly LeaderChange[];
	/** Number of changes so far. */
	count: number;
};

export const noLeaderChanges: LeaderChanges = {current: undefined, servers: [], changes: [], count: 0};

/** The higher of two that may be unknown. */
export function highest(one: number | undefined, other: number | undefined): number | undefined {
	return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

export type LossFacts = {
	fork: Fork;
	/** Acknowledged writes of the old leader that are known, in the order of their acknowledgement. */
	writes: readonly Write[];
	/** Where the old leader had written to, as it answered while it led. */
	positions: readonly Position[];
	/** The same, as it published it. */
	published: number | undefined;
	/** Where its WAL ends, as it answers since it does not lead. */
	end: number | undefined;
	/** Undefined without a proof. It counts only where the present timeline descends from the old one. */
	proof: Proof | undefined;
	/** Commits were acknowledged before their WAL was flushed (`synchronous_commit` off): positions do not limit these. */
	isUnflushed: boolean;
};

/** An acknowledged write at or beyond the fork is lost, whatever else is known: its commit came after its location. */
export function judgeLoss(facts: LossFacts): Loss {
	const {fork, writes, positions, published, end, isUnflushed} = facts;
	const lost = writes.filter(write => isBeyond(write, fork));
	const known = [...lost, ...positions].map(({location}) => location);
	const highest = Math.max(...known, published ?? 0, end ?? 0);
	const gone = fork.location === undefined ? 0 : highest - fork.location;
	const beyond = gone > 0 ? gone : undefined;
	const [first] = lost;
	if (first !== undefined) {
		const from = Math.min(...lost.map(({at}) => at));
		const since = keptUntil(facts);
		return {
			kind: 'lost',
			since: since !== undefined && since <= from ? since : undefined,
			from,
			to: Math.max(...lost.map(({at}) => at)),
			bytes: beyond,
			isAll: fork.kind === 'line' && !isUnflushed && end !== undefined && highest === end,
		};
	}

	// Its own timeline, too, may begin before what it had written: its disk may have lost that.
	const own = beyond === undefined && !isUnflushed ? 'own' : undefined;
	const proof = fork.kind === 'own' ? own : fork.kind === 'line' ? facts.proof : undefined;
	if (proof !== undefined) {
		return {kind: 'nothing', proof};
	}

	return fork.kind === 'line' && !isUnflushed && end !== undefined && end > fork.location
		? {kind: 'at-most', bytes: highest - fork.location}
		: {kind: 'unknown', why: 'end', beyond, since: keptUntil(facts)};
}

function isBeyond({location}: Write, fork: Fork): boolean {
	switch (fork.kind) {
		case 'line': {
			return location >= fork.location;
		}

		case 'own': {
			return fork.location !== undefined && location >= fork.location;
		}

		case 'left': {
			return true;
		}
	}
}

/** All that was acknowledged before a write began, or a position was asked for, has a lower location than that. */
function keptUntil({fork, writes, positions, isUnflushed}: LossFacts): number | undefined {
	if (fork.kind !== 'line' || isUnflushed) {
		return undefined;
	}

	const moments = [
		...writes.filter(({location}) => location < fork.location).map(({startedAt}) => startedAt),
		...positions.filter(({location}) => location <= fork.location).map(({at}) => at),
	];
	return moments.length === 0 ? undefined : Math.max(...moments);
}

/** A timeline that ended, as `history` has it. */
type Line = {timeline: number; location: number; leader: string | undefined};

/**
 * The fork by the `history` of the time after the change.
 * @param from the old leader, the timeline that it wrote, and where that began
 * @returns undefined while `history` does not show it
 */
export function forkOf(
	lines: readonly Line[],
	from: {leader: string; timeline: number; begin: number | undefined},
): Fork | undefined {
	const line = lines.find(({timeline}) => timeline === from.timeline);
	if (line !== undefined) {
		return {kind: line.leader === from.leader ? 'own' : 'line', location: line.location};
	}

	const [first] = lines;
	// Patroni drops the oldest lines of a long history; and the old leader may have written its own one late.
	const isCut = first === undefined ? from.timeline === 1 : first.timeline >= from.timeline;
	return isCut || lines.at(-1)?.leader === from.leader ? undefined : {kind: 'left', location: from.begin};
}

/** Sizes of a shutdown checkpoint's record: alone, and with the header of a page within it. */
const checkpointBytes: readonly number[] = [120, 144, 160];
/** The header of a segment's first page. */
const segmentHeaderBytes = 40;
/** Segments are a multiple of this; the largest has 1 GiB. */
const segmentMinBytes = 2 ** 20;
const segmentMaxBytes = 2 ** 30;

/**
 * Whether a timeline that begins at `fork` begins right after the shutdown checkpoint. On a clean stop Patroni publishes
 * where the checkpoint is; with an archive the switch of the segment before it, since the checkpoint is then the first record of
 * the next segment.
 */
export function followsShutdown(fork: number, published: number): boolean {
	const size = fork - published;
	return (
		checkpointBytes.includes(size) ||
		(size > 0 &&
			size <= segmentMaxBytes + segmentMinBytes &&
			fork % segmentMinBytes === segmentHeaderBytes + (checkpointBytes[0] ?? 0))
	);
}
