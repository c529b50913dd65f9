/** The context that all rules share, and functions that quote sources as evidence. */
import type {Cluster, KnownKey} from '../cluster/cluster.ts';
import type {DynamicConfig} from '../cluster/dcs.ts';
import {isFresh, unavailableReason} from '../cluster/freshness.ts';
import {dcsIsRead, dcsReader, dynamicConfig, leaderKey} from '../cluster/keys.ts';
import type {Member} from '../cluster/member.ts';
import {members} from '../cluster/members.ts';
import {isProbeFresh} from '../cluster/probe.ts';
import {isOfLastLoop} from '../cluster/published.ts';
import {kindOf, objectOf, traitsOf} from '../cluster/source-kinds.ts';
import type {SourceId} from '../facts.ts';
import {complaintNow, lastWords} from '../history/last-words.ts';
import type {SaidKind} from '../history/said.ts';
import type {Target} from '../target.ts';
import type {Evidence, MachineStop} from './finding.ts';
import type {RunningOperation} from './running.ts';

export type FindingContext = {
	cluster: Cluster;
	target: Target;
	now: number;
	members: readonly Member[];
	config: DynamicConfig | undefined;
	/** The holder of the leader key, as last read. */
	leader: string | undefined;
	/** The leader's member; undefined without one. */
	leading: Member | undefined;
	/** Whether the DCS is read now. */
	dcs: boolean;
	/** The DCS is read and has no keys of this scope, so what members report is about another cluster. */
	absent: boolean;
	/** Machines that this console stopped. */
	stops: readonly MachineStop[];
	/** Operations that were in progress at the last tick. */
	running: readonly RunningOperation[];
};

export function makeContext(
	cluster: Cluster,
	target: Target,
	now: number,
	stops: readonly MachineStop[],
	running: readonly RunningOperation[],
): FindingContext {
	const all = members(cluster, now);
	const leader = leaderKey(cluster)?.member;
	const dcs = dcsIsRead(cluster, now);
	return {
		cluster,
		target,
		now,
		members: all,
		config: dynamicConfig(cluster),
		leader,
		leading: all.find(({name}) => name === leader),
		dcs,
		absent: dcs && cluster.read !== undefined && cluster.keys.size === 0,
		stops,
		running,
	};
}

export function isSourceFresh({cluster, now}: FindingContext, source: SourceId): boolean {
	return isFresh(cluster.sourceStatuses.get(source), source, now);
}

/** Evidence from a source. `at`: when the value was read, if before the source's last report. */
export function quote(context: FindingContext, source: SourceId, text: string, at?: number): Evidence {
	const {cluster, now} = context;
	if (kindOf(source) === 'probe') {
		const probe = cluster.probes.get(Number(objectOf(source)));
		return {text, source, at: probe?.at, fresh: isProbeFresh(probe, now)};
	}

	const status = cluster.sourceStatuses.get(source);
	const seenAt = status?.state === 'seen' ? status.at : status?.state === 'lost' ? status.seenAt : undefined;
	// The source may read this value less often than others.
	const isRecent = at === undefined || now - at <= traitsOf(source).freshForMs;
	return {text, source, at: at ?? seenAt, fresh: isSourceFresh(context, source) && isRecent};
}

/** Evidence from the keys, quoting an endpoint that reads the DCS now. */
export function quoteDcs({cluster, now}: FindingContext, text: string): Evidence {
	const {read} = cluster;
	const reader = dcsReader(cluster, now);
	if (reader === undefined || read === undefined) {
		return {text, source: read?.source, at: read?.at, fresh: false};
	}

	// The endpoint of the last read may be lost; then another one is quoted, with its own last read.
	const status = cluster.sourceStatuses.get(reader);
	return {text, source: reader, at: status?.state === 'seen' ? status.at : read.at, fresh: true};
}

/** Evidence from a member's REST API. */
export function quoteRest(context: FindingContext, {name, rest}: Member, text: string): Evidence {
	return quote(context, `patroni:${name}`, text, rest?.at);
}

/** What it reports of itself: by its own answer where that is newer than its key. */
export function quoteMember(context: FindingContext, one: Member, text: string): Evidence {
	return one.restIsNewer
		? quoteRest(context, one, text)
		: quotePublished(context, one.key, `it publishes: ${text}`);
}

/** What a member's Patroni decided last, by its log; undefined: not heard. */
export function quoteDecision(context: FindingContext, member: string): Evidence | undefined {
	const words = lastWords(context.cluster, context.target, context.now, member);
	const decision = words?.decision;
	return words === undefined || decision === undefined
		? undefined
		: {text: `${member}: ${decision.why}`, source: words.source, at: decision.at, fresh: decision.isNow};
}

/** The last complaint in its PostgreSQL's log, if it is of now and of one of these kinds. */
export function quoteComplaint(
	{cluster, target, now}: FindingContext,
	member: string,
	...kinds: readonly SaidKind[]
): Evidence[] {
	const words = lastWords(cluster, target, now, member);
	const word = complaintNow(words, now, ...kinds);
	return words === undefined || word === undefined
		? []
		: [{text: `${member}: ${word.text}`, source: words.source, at: word.at, fresh: true}];
}

/** What a key says that is written once in each loop of a member: of now only if it is of the last loop. */
export function quotePublished(context: FindingContext, key: KnownKey | undefined, text: string): Evidence {
	const evidence = quoteDcs(context, text);
	return isOfLastLoop(key, context.config, context.now)
		? evidence
		: {...evidence, at: key?.changed?.at ?? key?.since ?? evidence.at, fresh: false};
}

/** Evidence that a source is not fresh, and why. */
export function quoteBlind(context: FindingContext, source: SourceId): Evidence {
	return {
		...quote(
			context,
			source,
			unavailableReason(context.cluster.sourceStatuses.get(source), source, context.now) ?? 'it answers',
		),
		fresh: true,
	};
}

export function seconds(milliseconds: number): string {
	return `${Math.max(0, Math.floor(milliseconds / 1000))} s`;
}
