/** Applies one event to the cluster. */
import {withEntry, withoutEntry} from '../../lib/json.ts';
import type {ClusterEvent, Event} from '../events.ts';
import type {SourceId} from '../facts.ts';
import {foldWords, type Word, wordsOf} from '../history/words.ts';
import {foldAddresses} from './address-reducer.ts';
import {foldClients} from './clients.ts';
import {afterJump, answerMaxMs, measureClock} from './clocks.ts';
import {type Cluster, clockTime, type KnownStatus} from './cluster.ts';
import {deleteKey, foldSnapshot, isForgotten, putKey, reachRevision} from './dcs-reducer.ts';
import {foldSourceStatuses, latenessOf} from './freshness.ts';
import {foldProbes} from './probe.ts';
import {kindOf, objectOf} from './source-kinds.ts';
import {isFromStore} from './store.ts';
import {foldView, withKeysOfViews} from './view-reducer.ts';

/** The cluster after one event. Facts older than what is known only refresh their source. */
export function foldCluster(before: Cluster, event: ClusterEvent, at: number): Cluster {
	return foldClients(before, foldFact(before, event, at), at);
}

function foldFact(before: Cluster, event: ClusterEvent, at: number): Cluster {
	if (event.type === 'probe.answered' || event.type === 'probe.failed') {
		// Probes report many times a second and touch nothing else; all other parts stay identical, so nothing is
		// judged or drawn again. An answer also ends a loss that was caused by this program.
		const {sourceStatuses} = before.sourceStatuses.has(event.source)
			? {sourceStatuses: withoutEntry(before.sourceStatuses, event.source)}
			: before;
		return {...before, sourceStatuses, probes: foldProbes(before.probes, event, at)};
	}

	const cluster = {
		...before,
		sourceStatuses: foldSourceStatuses(before.sourceStatuses, event, at, before.clockSet?.aheadMs),
	};
	/** When it was true: the answer may have waited in this program's queue. */
	const seenAt = at - latenessOf(event);
	switch (event.type) {
		case 'dcs.snapshot': {
			return foldSnapshot(cluster, event, at);
		}

		case 'dcs.put': {
			const {entry} = event;
			// A read of all keys at or after this revision has shown the result; a slower watch must not restore a
			// deleted key.
			const isOvertaken = cluster.read !== undefined && entry.modRevision <= cluster.read.value;
			return !isOvertaken &&
				isFromStore(cluster.store, event.source, event.began) &&
				!isForgotten(cluster, entry, 0)
				? putKey(reachRevision(cluster, entry.modRevision, event), entry, at, true)
				: cluster;
		}

		case 'dcs.deleted': {
			const {path, revision} = event;
			return isFromStore(cluster.store, event.source, event.began)
				? deleteKey(reachRevision(cluster, revision, event), path, revision, at, true)
				: cluster;
		}

		case 'lease.read': {
			const {lease, ttl, grantedTtl, source} = event;
			return isFromStore(cluster.store, source, event.began)
				? {...cluster, lease: {value: {lease, ttl, grantedTtl}, at, source}}
				: cluster;
		}

		case 'etcd.status': {
			const known = {value: event.status, at: seenAt, source: event.source, began: event.began};
			const status = withEntry(cluster.etcd.status, event.endpoint, known);
			return {...cluster, etcd: {...cluster.etcd, status}};
		}

		case 'etcd.members': {
			const {members: value, alarms, source, began} = event;
			return isFromStore(cluster.store, source, began)
				? {...cluster, etcd: {...cluster.etcd, members: {value, at, source, began}, alarms}}
				: cluster;
		}

		case 'patroni.status': {
			const status = foldStatus(before.patroni.get(event.member), event, at, clockTime(before, at));
			return withKeysOfViews({...cluster, patroni: withEntry(cluster.patroni, event.member, status)}, at);
		}

		case 'cluster.seen': {
			return foldView(cluster, event, at);
		}

		case 'addresses.snapshot':
		case 'addresses.added':
		case 'addresses.removed': {
			const addresses = foldAddresses(before, event, at);
			return {...cluster, addresses: withEntry(cluster.addresses, event.node, addresses)};
		}

		case 'haproxy.stats': {
			const {node, source, by, servers, frontends} = event;
			const askedAt = at - (event.tookMs ?? answerMaxMs);
			const stats = {
				value: {servers, frontends},
				at: seenAt,
				source,
				askedAt,
				...(by === undefined ? {} : {by}),
			};
			return {...cluster, haproxy: withEntry(cluster.haproxy, node, stats)};
		}

		case 'units.snapshot': {
			const stops = event.units.some(
				({service, active}) => service === 'patroni' && active === 'deactivating',
			);
			const stopsSince = stops ? (before.units.get(event.node)?.stopsSince ?? at) : undefined;
			const units = {value: event.units, at: seenAt, source: event.source, stopsSince};
			return {...cluster, units: withEntry(cluster.units, event.node, units)};
		}

		case 'disk.snapshot': {
			const {filesystems: value, glibc, source} = event;
			const disk = {value, at: seenAt, source, glibc};
			return {...cluster, disks: withEntry(cluster.disks, event.node, disk)};
		}

		case 'processes.snapshot': {
			const {node, servers: value, source, tookMs} = event;
			const known = {value, at: seenAt, source, askedAt: at - tookMs};
			return {...cluster, processes: withEntry(cluster.processes, node, known)};
		}

		case 'sql.status': {
			const {member, status: value, source, tookMs} = event;
			const known = {value, at: seenAt, source, askedAt: at - tookMs};
			return {...cluster, sql: withEntry(cluster.sql, member, known)};
		}

		case 'sql.details': {
			const {member, details: value, source} = event;
			return {...cluster, sqlDetails: withEntry(cluster.sqlDetails, member, {value, at: seenAt, source})};
		}

		case 'sql.sessions': {
			const {member, sessions: value, source, tookMs} = event;
			const known = {value, at: seenAt, source, askedAt: at - tookMs};
			return {...cluster, sessions: withEntry(cluster.sessions, member, known)};
		}

		case 'log.said': {
			const {node, source, words} = event;
			return withWords(cluster, node, source, words);
		}

		// The last words are among all lines of a node, which are read while they are shown.
		case 'logs.lines': {
			const words = wordsOf(event.lines, wordUncertainMs);
			return words.length === 0 ? cluster : withWords(cluster, event.node, event.source, words);
		}

		case 'console.stalled': {
			return event.brief
				? event.port === undefined
					? cluster
					: {...cluster, probes: foldProbes(cluster.probes, event, at)}
				: foldStall(cluster, event, at);
		}

		case 'clock.set': {
			const {milliseconds, aheadMs} = event;
			const jumpMs = milliseconds + aheadMs - (before.clockSet?.aheadMs ?? 0);
			return {...afterJump(cluster, Math.max(0, jumpMs)), clockSet: {at, milliseconds, aheadMs}};
		}

		case 'source.closed': {
			// The member is no longer watched, e.g. after a rename; its data ends with the source.
			const object = objectOf(event.source);
			switch (kindOf(event.source)) {
				case 'patroni': {
					return {...cluster, patroni: withoutEntry(cluster.patroni, object)};
				}

				case 'view': {
					return {...cluster, views: withoutEntry(cluster.views, object)};
				}

				case 'processes': {
					return {...cluster, processes: withoutEntry(cluster.processes, object)};
				}

				case 'sql': {
					return {
						...cluster,
						sql: withoutEntry(cluster.sql, object),
						sqlDetails: withoutEntry(cluster.sqlDetails, object),
					};
				}

				// What is shown again later is asked again first.
				case 'sessions': {
					return {...cluster, sessions: withoutEntry(cluster.sessions, object)};
				}

				default: {
					return cluster;
				}
			}
		}

		case 'source.connecting':
		case 'source.lost':
		case 'source.alive':
		case 'logs.clock':
		case 'logs.settings':
		case 'logs.problems': {
			return cluster;
		}

		default: {
			event satisfies never;
			return cluster;
		}
	}
}

/** How exact the times of log lines are, by a node's clock that was corrected, ms. */
const wordUncertainMs = 500;

function withWords(before: Cluster, node: string, source: SourceId, words: readonly Word[]): Cluster {
	const known = foldWords(before.lastWords.get(node), source, words);
	return {...before, lastWords: withEntry(before.lastWords, node, known)};
}

/** Threads of a stopped process report the same stall within this time, ms; it counts once. */
const together = 2000;

function foldStall(before: Cluster, event: Event & {type: 'console.stalled'}, at: number): Cluster {
	const {milliseconds} = event;
	const probes = foldProbes(before.probes, event, at);
	const {stall} = before;
	const isKnown =
		stall !== undefined && at - stall.at <= together && milliseconds <= stall.milliseconds + together;
	return {...before, probes, stall: isKnown ? stall : {at, milliseconds}};
}

function foldStatus(
	before: KnownStatus | undefined,
	event: Event & {type: 'patroni.status'},
	at: number,
	clockAt: number,
): KnownStatus {
	const {status, source} = event;
	const last = before && {list: before.value.replication, at: before.at};
	const clock = measureClock(before, event, at);
	return {
		value: status,
		at: at - latenessOf(event),
		source,
		...(clock === undefined ? {} : {clock}),
		stateSince: before?.value.state === status.state ? (before.stateSince ?? before.at) : at,
		askedAt: at - (event.tookMs ?? answerMaxMs),
		receivedEarlier:
			before?.value.received === undefined || before.value.timeline !== status.timeline
				? undefined
				: [{location: before.value.received, at: before.at}, ...(before.receivedEarlier ?? []).slice(0, 1)],
		lastReplication:
			status.state === 'running'
				? undefined
				: before?.value.state === 'running'
					? last
					: before?.lastReplication,
		...(clockAt === at ? {} : {clockAt: clockAt - latenessOf(event)}),
	};
}
