/** What every check looks at, made once for all of them; and how they quote their witnesses. */
import type {Cluster} from '../cluster/cluster.ts';
import type {DynamicConfig} from '../cluster/dcs.ts';
import {isFresh, unavailableReason} from '../cluster/freshness.ts';
import {dcsIsRead, dcsReader, dynamicConfig, leaderKey} from '../cluster/keys.ts';
import type {Member} from '../cluster/member.ts';
import {members} from '../cluster/members.ts';
import {isProbeFresh} from '../cluster/probe.ts';
import {kindOf, objectOf, traitsOf} from '../cluster/source-kinds.ts';
import type {SourceId} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Evidence} from './finding.ts';

export type FindingContext = {
	cluster: Cluster;
	target: Target;
	now: number;
	members: readonly Member[];
	config: DynamicConfig | undefined;
	/** The leader by the key, as last read. */
	leader: string | undefined;
	/** The member of that name. */
	leading: Member | undefined;
	/** The DCS is being read. */
	dcs: boolean;
	/** It is, and holds nothing of this scope: what members say is about another one. */
	absent: boolean;
};

export function makeContext(cluster: Cluster, target: Target, now: number): FindingContext {
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
	};
}

export function isInSight({cluster, now}: FindingContext, source: SourceId): boolean {
	return isFresh(cluster.sourceStatuses.get(source), source, now);
}

/** What a source said; `at` where the value is older than the source's last word. */
export function quote(look: FindingContext, source: SourceId, text: string, at?: number): Evidence {
	const {cluster, now} = look;
	if (kindOf(source) === 'probe') {
		const probe = cluster.probes.get(Number(objectOf(source)));
		return {text, source, at: probe?.at, fresh: isProbeFresh(probe, now)};
	}

	const sight = cluster.sourceStatuses.get(source);
	const seenAt = sight?.state === 'seen' ? sight.at : sight?.state === 'lost' ? sight.seenAt : undefined;
	// A source that sees may ask for this more seldom than for the rest.
	const isRecent = at === undefined || now - at <= traitsOf(source).freshForMs;
	return {text, source, at: at ?? seenAt, fresh: isInSight(look, source) && isRecent};
}

/** What the keys say, by whichever endpoint was read last. */
export function quoteDcs({cluster, now}: FindingContext, text: string): Evidence {
	const {read} = cluster;
	const reader = dcsReader(cluster, now);
	if (reader === undefined || read === undefined) {
		return {text, source: read?.source, at: read?.at, fresh: false};
	}

	// The endpoint of the last read may have been lost since: then another one vouches, by its own last read.
	const sight = cluster.sourceStatuses.get(reader);
	return {text, source: reader, at: sight?.state === 'seen' ? sight.at : read.at, fresh: true};
}

/** That a source does not see, and why. */
export function quoteBlind(look: FindingContext, source: SourceId): Evidence {
	return {
		...quote(
			look,
			source,
			unavailableReason(look.cluster.sourceStatuses.get(source), source, look.now) ?? 'it answers',
		),
		fresh: true,
	};
}

export function seconds(milliseconds: number): string {
	return `${Math.max(0, Math.floor(milliseconds / 1000))} s`;
}
