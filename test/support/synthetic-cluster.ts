/** Clusters without a capture: facts of any number of members, of a standby cluster, of one that initializes. */
import type {DcsEntry, DcsValue, DynamicConfig, MemberKey} from '../../source/domain/cluster/dcs.ts';
import type {Fact} from '../../source/domain/events.ts';
import type {PatroniStatus} from '../../source/domain/facts.ts';
import {etcdFacts} from './captures.ts';

const location = 50_331_784;

export const memberKey: MemberKey = {
	host: '10.73.0.160',
	port: 5432,
	apiUrl: 'http://10.73.0.160:8008/patroni',
	state: 'running',
	role: 'replica',
	version: '4.0.7',
	timeline: 3,
	location,
	replicationState: 'streaming',
	pendingRestart: false,
	pendingRestartReason: {},
	scheduledRestart: undefined,
	tags: {},
	pause: false,
};

export const patroniStatus: PatroniStatus = {
	state: 'running',
	role: 'replica',
	serverVersion: 170_005,
	timeline: 3,
	location: undefined,
	received: location,
	replayed: location,
	replicationState: 'streaming',
	replication: [],
	syncStandby: false,
	quorumStandby: false,
	pause: false,
	clusterUnlocked: false,
	failsafeModeIsActive: false,
	dcsLastSeen: undefined,
	pendingRestart: false,
	scheduledRestart: undefined,
	tags: {},
	version: '4.0.7',
	name: undefined,
	systemId: '7711145431619985524',
	postmasterStartTime: undefined,
	serverTime: undefined,
};

const dynamic: DynamicConfig = {
	ttl: 30,
	loopWait: 10,
	retryTimeout: 10,
	maximumLagOnFailover: 1_048_576,
	synchronousMode: 'off',
	pause: false,
	standbyCluster: false,
};

type Made = {
	/** The first member is the leader. */
	members: readonly {name: string; key?: Partial<MemberKey>; rest?: Partial<PatroniStatus> | undefined}[];
	config?: Partial<DynamicConfig>;
	sync?: readonly string[];
	/** Quorum in the sync key. */
	quorum?: number;
	leader?: boolean;
	initialized?: boolean;
	/** Prefix of each path: a Citus group. */
	below?: string;
};

export function madeSnapshot({
	members,
	config = {},
	sync,
	quorum = 0,
	leader = true,
	initialized = true,
	below = '',
}: Made): Fact {
	const entry = (path: string, value: DcsValue, index: number): DcsEntry => ({
		path: `${below}${path}`,
		value: below === '' ? value : {kind: 'other', problem: undefined},
		createRevision: 10 + index,
		modRevision: 100 + index,
		lease: path === 'leader' ? '1' : undefined,
	});
	const [first] = members;
	const entries = [
		...(initialized ? [entry('initialize', {kind: 'initialize', systemId: '7711145431619985524'}, 0)] : []),
		...(leader && first ? [entry('leader', {kind: 'leader', member: first.name}, 1)] : []),
		entry('config', {kind: 'config', config: {...dynamic, ...config}}, 2),
		entry('status', {kind: 'status', optime: location, slots: {}}, 3),
		...(sync === undefined
			? []
			: [entry('sync', {kind: 'sync', leader: first?.name, standbys: sync, quorum}, 4)]),
		...members.map(({name, key}, index) =>
			entry(
				`members/${name}`,
				{
					kind: 'member',
					name,
					data: {
						...memberKey,
						host: `10.73.1.${index + 1}`,
						apiUrl: `http://10.73.1.${index + 1}:8008/patroni`,
						...(index === 0 && leader ? {role: 'primary', replicationState: undefined} : {}),
						...key,
					},
				},
				5 + index,
			),
		),
	];
	return {
		type: 'dcs.snapshot',
		source: 'dcs:http://10.73.0.160:2379',
		clusterId: 'made',
		revision: 500,
		entries,
	};
}

/** The snapshot, etcd's three members, and each member's REST answer, unless `rest` is undefined. */
export function madeFacts(made: Made): Fact[] {
	return [
		madeSnapshot(made),
		...etcdFacts('trixie'),
		{type: 'lease.read', source: 'etcd:http://10.73.0.160:2379', lease: '1', ttl: 28, grantedTtl: 30},
		...made.members.flatMap((member, index): Fact[] => {
			const leads = index === 0 && (made.leader ?? true);
			return 'rest' in member && member.rest === undefined
				? []
				: [
						{
							type: 'patroni.status',
							source: `patroni:${member.name}`,
							member: member.name,
							status: {
								...patroniStatus,
								// Patroni publishes the same tags in both places.
								tags: member.key?.tags ?? {},
								version: member.key?.version ?? patroniStatus.version,
								...(leads
									? {
											role: 'primary',
											location,
											received: undefined,
											replicationState: undefined,
											replication: made.members.slice(1).map(({name}) => ({
												application: name,
												address: undefined,
												state: 'streaming',
												syncState: 'async',
											})),
										}
									: {}),
								...member.rest,
							},
						},
					];
		}),
	];
}
