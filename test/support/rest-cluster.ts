/** A cluster that is followed by Patroni's REST API alone: what its members say at chosen moments. */
import type {ClusterView, ViewedExtras} from '../../source/domain/cluster/cluster-view.ts';
import type {DynamicConfig, HistoryLine} from '../../source/domain/cluster/dcs.ts';
import type {Fact} from '../../source/domain/events.ts';
import type {PatroniStatus, SourceId} from '../../source/domain/facts.ts';
import type {Target} from '../../source/domain/target.ts';
import {healthyFacts, type Suite} from './captures.ts';
import {Operator} from './operator.ts';
import {start, target} from './session.ts';
import {memberKey, patroniStatus} from './synthetic-cluster.ts';

export const hosts: Readonly<Record<string, string>> = {
	pgdb1: '10.73.0.160',
	pgdb2: '10.73.0.170',
	pgdb3: '10.73.0.180',
};

export const originOf = (name: string) => `http://${hosts[name]}:8008`;

export const restTarget: Target = {
	...target,
	endpoints: [],
	rest: {store: 'consul', seeds: [originOf('pgdb1')]},
};

export const dynamic: DynamicConfig = {
	ttl: 30,
	loopWait: 10,
	retryTimeout: 10,
	maximumLagOnFailover: 1_048_576,
	synchronousMode: 'on',
	pause: false,
	standbyCluster: false,
};

const history: readonly HistoryLine[] = [
	{
		timeline: 2,
		location: 50_000_000,
		reason: 'no recovery target specified',
		at: new Date(start - 3_600_000).toISOString(),
		leader: 'pgdb1',
	},
];

type Viewed = {
	leader: string | undefined;
	names?: readonly string[];
	sync?: string | undefined;
	timeline?: number;
	extras?: ViewedExtras;
} & Partial<Pick<ClusterView, 'pause' | 'scheduled'>>;

/** What the member at this address says of the cluster. */
export function viewFact(
	by: string,
	{leader, names = ['pgdb1', 'pgdb2'], sync, timeline = 3, extras, pause = false, scheduled}: Viewed,
): Fact & {type: 'cluster.seen'} {
	return {
		type: 'cluster.seen',
		source: `view:${originOf(by)}`,
		view: {
			members: names.map(name => ({
				name,
				role: name === leader ? 'leader' : name === sync ? 'sync_standby' : 'replica',
				data: {
					...memberKey,
					host: hosts[name],
					apiUrl: `${originOf(name)}/patroni`,
					role: name === leader ? 'leader' : 'replica',
					version: undefined,
					location: undefined,
					timeline,
					replicationState: name === leader ? undefined : 'streaming',
				},
			})),
			pause,
			scheduled,
		},
		...(extras === undefined ? {} : {extras}),
	};
}

type Answered = Partial<PatroniStatus> & {
	/** Seconds since it last reached the DCS. */
	silent?: number;
};

/** A member's own answer, this many seconds after the session's start; its clock agrees. */
export function ownFact(
	name: string,
	seconds: number,
	{silent = 1, ...changed}: Answered = {},
): Fact & {type: 'patroni.status'} {
	const serverTime = start + seconds * 1000;
	return {
		type: 'patroni.status',
		source: `patroni:${name}`,
		member: name,
		status: {...patroniStatus, name, serverTime, dcsLastSeen: serverTime / 1000 - silent, ...changed},
		tookMs: 3,
	};
}

export const asPrimary = (...standbys: readonly string[]): Answered => ({
	role: 'primary',
	location: 50_331_784,
	received: undefined,
	replayed: undefined,
	replicationState: undefined,
	replication: standbys.map(application => ({
		application,
		address: hosts[application],
		state: 'streaming',
		syncState: 'sync',
	})),
});

export type Answers = Readonly<Record<string, Answered | undefined>>;

/** What the healthy members say: pgdb1 leads. */
export const wellAnswers: Answers = {pgdb1: asPrimary('pgdb2'), pgdb2: {syncStandby: true}};

const wellView: Viewed = {leader: 'pgdb1', sync: 'pgdb2', extras: {config: dynamic, history}};

/** An operator whose members answer again at each moment; the nodes answer over SSH as in the captures. */
export class RestOperator extends Operator {
	views: Readonly<Record<string, Viewed | undefined>> = {pgdb1: wellView, pgdb2: wellView};
	answers: Answers = wellAnswers;

	constructor(scene: Target = restTarget, suite: Suite = 'trixie') {
		super(suite, scene, otherFacts(suite));
		this.hear(0);
	}

	/** All views and answers once more; an undefined one is a member that does not answer. */
	hear(seconds: number): this {
		const own = Object.entries(this.answers).map(
			([name, changed]): Fact =>
				changed === undefined
					? {type: 'source.lost', source: `patroni:${name}`, reason: 'connection refused', code: 'refused'}
					: ownFact(name, seconds, changed),
		);
		const seen = Object.entries(this.views).map(
			([name, viewed]): Fact =>
				viewed === undefined
					? {
							type: 'source.lost',
							source: `view:${originOf(name)}`,
							reason: 'connection refused',
							code: 'refused',
						}
					: viewFact(name, viewed),
		);
		// The members are found by the views, and answer then.
		return this.after(seconds, ...seen, ...own, ...seen);
	}

	/** They report only what `views` and `answers` have. */
	protected override repeats(source: SourceId): boolean {
		return !/^(view|patroni):/.test(source);
	}

	/** From now on they say this; those that are not named stay as they are. */
	say(seconds: number, views: RestOperator['views'], answers: Answers = {}): this {
		this.views = {...this.views, ...views};
		this.answers = {...this.answers, ...answers};
		return this.hear(seconds);
	}
}

/** All but etcd and REST: addresses, HAProxy, services, disks. */
function otherFacts(suite: Suite): Fact[] {
	return healthyFacts(suite).filter(
		fact => 'source' in fact && !/^(dcs|etcd|watch|patroni):/.test(fact.source),
	);
}
