/** Timeline entries on the dynamic configuration: paused, resumed, changed. */
import type {Cluster} from '../cluster/cluster.ts';
import type {DynamicConfig} from '../cluster/dcs.ts';
import {endpointName, raftLeader} from '../cluster/etcd.ts';
import {dynamicConfig} from '../cluster/keys.ts';
import {describeRebuilt, isForeign} from '../cluster/store.ts';
import type {Entry} from '../facts.ts';
import type {Target} from '../target.ts';

/** Settings that this console knows, by Patroni's names. */
const settings: readonly (readonly [string, keyof DynamicConfig])[] = [
	['ttl', 'ttl'],
	['loop_wait', 'loopWait'],
	['retry_timeout', 'retryTimeout'],
	['maximum_lag_on_failover', 'maximumLagOnFailover'],
	['maximum_lag_on_syncnode', 'maximumLagOnSyncnode'],
	['synchronous_mode', 'synchronousMode'],
	['synchronous_mode_strict', 'synchronousModeStrict'],
	['check_timeline', 'checkTimeline'],
	['failsafe_mode', 'failsafeMode'],
	['primary_start_timeout', 'primaryStartTimeout'],
	['primary_stop_timeout', 'primaryStopTimeout'],
	['standby_cluster', 'standbyCluster'],
];

export function configEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = dynamicConfig(before);
	const is = dynamicConfig(after);
	if (
		was === undefined ||
		is === undefined ||
		before.keys.get('config')?.modRevision === after.keys.get('config')?.modRevision
	) {
		return [];
	}

	const changes = settings.flatMap(([name, field]) =>
		was[field] === is[field] ? [] : [`${name} ${was[field] ?? 'unset'} → ${is[field] ?? 'unset'}`],
	);
	const pause: Entry[] =
		was.pause === is.pause
			? []
			: [
					{
						at,
						kind: 'operation',
						turn: is.pause ? 'worse' : 'better',
						text: is.pause ? 'paused' : 'resumed',
						about: {of: 'note'},
					},
				];
	// Patroni wrote the keys again to a new store; only differences are changes.
	if (changes.length === 0 && before.store.generation !== after.store.generation) {
		return pause;
	}

	// A setting unknown to this console may have changed, too; that is reported only if the pause did not change.
	return changes.length === 0 && pause.length > 0
		? pause
		: [
				...pause,
				{
					at,
					kind: 'operation',
					turn: 'news',
					text: `dynamic configuration changed${changes.length === 0 ? '' : `: ${changes.join(', ')}`}`,
					about: {of: 'note'},
				},
			];
}

export function etcdEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (before.etcd.status === after.etcd.status) {
		return [];
	}

	const was = raftLeader(before);
	const is = raftLeader(after);
	return was === undefined || is === undefined || was === is
		? []
		: [
				{
					at,
					kind: 'etcd',
					turn: 'news',
					text: `etcd raft leader: ${etcdMemberName(after, target, was)} → ${etcdMemberName(after, target, is)}`,
				},
			];
}

/** Entries after a change of the store: all keys, compared with those of the store before. */
export function storeEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	const {rebuilt, foreign} = after.store;
	const found = foreign.filter(({endpoint}) => !isForeign(before.store, endpoint));
	return [
		...(rebuilt === undefined || rebuilt === before.store.rebuilt
			? []
			: [{at, kind: 'etcd' as const, turn: 'worse' as const, text: describeRebuilt(rebuilt)}]),
		...found.map(({endpoint, revision}): Entry => {
			const text = `etcd ${endpointName(endpoint, target)} answers for another store, at revision ${revision}`;
			return {at, kind: 'etcd', turn: 'worse', text};
		}),
	];
}

/** etcd's name of a member; before it is known, the endpoint's name. */
export function etcdMemberName(cluster: Cluster, target: Target, id: string): string {
	const own = cluster.etcd.members?.value.find(member => member.id === id)?.name;
	const [endpoint] = [...cluster.etcd.status].find(([, {value}]) => value.memberId === id) ?? [];
	return own || (endpoint === undefined ? id : endpointName(endpoint, target));
}
