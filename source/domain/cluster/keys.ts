/** Patroni's keys as last read: leader, sync, configuration. */
import {isAtLeast} from '../../lib/format.ts';
import type {SourceId} from '../facts.ts';
import {beliefs, isSeenByRest, restLeadership} from './beliefs.ts';
import {type Cluster, type KnownKey, keyOf} from './cluster.ts';
import {type DynamicConfig, patroniDefaults} from './dcs.ts';
import {isFresh} from './freshness.ts';
import {freshForMs} from './source-kinds.ts';
import {isFromStore} from './store.ts';

/**
 * Whether the keys are true now: an endpoint read the DCS by a linearizable read within the last seconds; or, where the
 * members are followed by REST alone, what they say is of their last loop and the leader confirms it.
 */
export function dcsIsRead(cluster: Cluster, now: number): boolean {
	if (isSeenByRest(cluster)) {
		const leadership = restLeadership(cluster, now);
		return leadership.state === 'known' && leadership.leader === leaderKey(cluster)?.member;
	}

	return dcsReader(cluster, now) !== undefined;
}

/** Whether the DCS was never read: nothing in it is known to be missing. */
export function isDcsUnread({read, keys}: Cluster): boolean {
	return read === undefined && keys.size === 0;
}

/** An endpoint that reads the DCS now; preferably the one of the last read. */
export function dcsReader(cluster: Cluster, now: number): SourceId | undefined {
	if (isSeenByRest(cluster)) {
		const counted = beliefs(cluster, now).filter(({counts}) => counts);
		const last = counted.find(({view}) => view.source === cluster.read?.source);
		return dcsIsRead(cluster, now) ? (last ?? counted[0])?.view.source : undefined;
	}

	const reads = (source: SourceId) =>
		source.startsWith('dcs:') &&
		isFresh(cluster.sourceStatuses.get(source), source, now) &&
		isFromStore(cluster.store, source, undefined);
	const last = cluster.read?.source;
	return last !== undefined && reads(last) ? last : [...cluster.sourceStatuses.keys()].find(reads);
}

export function leaderKey(cluster: Cluster): (KnownKey & {member: string}) | undefined {
	const key = keyOf(cluster, 'leader', 'leader');
	return key && {...key, member: key.value.member};
}

/**
 * The configuration as this cluster's Patroni reads it: before 4.0, `synchronous_mode: quorum` is invalid and means
 * off.
 */
export function dynamicConfig(cluster: Cluster): DynamicConfig | undefined {
	const config = keyOf(cluster, 'config', 'config')?.value.config;
	return config?.synchronousMode === 'quorum' && !isQuorumKnown(cluster)
		? {...config, synchronousMode: 'off'}
		: config;
}

/** The leader chooses sync standbys, so its version counts; without a leader, that of any member. */
function isQuorumKnown(cluster: Cluster): boolean {
	const leader = leaderKey(cluster)?.member;
	const all = [...cluster.keys.values()].flatMap(({value}) => (value.kind === 'member' ? [value] : []));
	const deciding = all.some(({name}) => name === leader) ? all.filter(({name}) => name === leader) : all;
	return deciding.length === 0 || deciding.some(({data}) => isAtLeast(data.version, '4.0.0') !== false);
}

export function syncStandbys(cluster: Cluster): readonly string[] {
	return keyOf(cluster, 'sync', 'sync')?.value.standbys ?? [];
}

/** Of a lease that was read, which is true for a few seconds only: its holder may have renewed it since. */
export type LeaseLeft = {
	/** Seconds left at `now`; below 0: it has run out. */
	ttl: number;
	grantedTtl: number;
};

/** Undefined where the lease is not read now. */
export function leaseLeft(cluster: Cluster, lease: string | undefined, now: number): LeaseLeft | undefined {
	const known = cluster.lease;
	// The read may be newer than the last tick.
	const ageMs = known === undefined ? 0 : Math.max(0, now - known.at);
	return lease === undefined || known?.value.lease !== lease || !dcsIsRead(cluster, now) || ageMs > freshForMs
		? undefined
		: {ttl: known.value.ttl - Math.floor(ageMs / 1000), grantedTtl: known.value.grantedTtl};
}

/** What the rule about Patroni's times reads; undefined means Patroni's default. */
export type Timing = Pick<DynamicConfig, 'ttl' | 'loopWait' | 'retryTimeout'>;

/**
 * `loop_wait + 2 * retry_timeout <= ttl`; otherwise a leader without etcd keeps leading after its lease expired. From
 * 3.2 Patroni adjusts the values (`_validate_and_adjust_timeouts`), but reports the configured ones.
 * @param versions Patroni's versions on all members
 * @returns undefined if the rule holds
 */
export function timingProblem(timing: Timing, versions: readonly (string | undefined)[]) {
	const ttl = timing.ttl ?? patroniDefaults.ttl;
	const loopWait = timing.loopWait ?? patroniDefaults.loopWait;
	const retryTimeout = timing.retryTimeout ?? patroniDefaults.retryTimeout;
	if (loopWait + 2 * retryTimeout <= ttl) {
		return undefined;
	}

	const adjusts = versions.every(version => isAtLeast(version, '3.2.0') === true);
	const used =
		1 + 2 * retryTimeout > ttl
			? `loop_wait 1 and retry_timeout ${Math.floor((ttl - 1) / 2)}`
			: `loop_wait ${ttl - 2 * retryTimeout}`;
	const text = `loop_wait ${loopWait} + 2 x retry_timeout ${retryTimeout} exceeds ttl ${ttl}${adjusts ? `: Patroni uses ${used} instead` : ''}`;
	return {ttl, loopWait, retryTimeout, adjusts, text};
}
