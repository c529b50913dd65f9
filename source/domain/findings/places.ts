/** Where the causes of a finding must be: used by the links of `causes.ts`. */
import {keyOf} from '../cluster/cluster.ts';
import {etcdNodes, votersWithoutQuorum} from '../cluster/etcd.ts';
import {routeTo} from '../cluster/haproxy.ts';
import {leaderKey} from '../cluster/keys.ts';
import type {Member} from '../cluster/member.ts';
import {replicatesFrom} from '../cluster/member.ts';
import {rolesOf} from '../cluster/roles.ts';
import {vipViews, watchedNodes} from '../cluster/vip.ts';
import {isPrimaryRole} from '../facts.ts';
import type {FindingId} from './advice.ts';
import type {FindingContext} from './context.ts';
import type {Finding} from './finding.ts';
import {anywhere, nowhere, type Where} from './finding.ts';
import type {FoundFindings} from './found-findings.ts';

/** How long a new leader may not accept writes yet, and HAProxy's checks may not have found it, ms. */
const takeoverMs = 60_000;

/** Findings with which a member does not count as a standby. */
const outOfService: readonly FindingId[] = [
	'node.off',
	'node.rebooting',
	'node.silent',
	'member.gone',
	'member.unregistered',
	'member.state',
	'member.stopping',
	'member.not-streaming',
	'member.diverged',
	'member.cannot-follow',
];

/** Operations of this console that stop a member with its machine or Patroni. */
const stoppedByOperation: readonly FindingId[] = ['node.off', 'node.rebooting', 'service.restarting'];

export class Places {
	readonly context: FindingContext;
	readonly found: FoundFindings;
	readonly #standbys = new Map<(member: Member) => boolean, Where>();

	constructor(context: FindingContext, found: FoundFindings) {
		this.context = context;
		this.found = found;
	}

	sameMachine(finding: Finding): Where {
		const machine = this.found.machineOf(finding);
		return machine === undefined ? nowhere : {machines: [machine]};
	}

	sameMember({about}: Finding): Where {
		return about === undefined ? nowhere : {members: [about]};
	}

	leader(): Where {
		return this.found.membersAt(this.context.leader === undefined ? [] : [this.context.leader]);
	}

	/** Members that led when last seen, and do not lead now. */
	formerLeaders(): Where {
		const {cluster, members, leader} = this.context;
		const named = keyOf(cluster, 'sync', 'sync')?.value.leader;
		return this.found.membersAt(
			members
				.filter(
					({name, rest}) =>
						name !== leader && (name === named || (rest !== undefined && isPrimaryRole(rest.value.role))),
				)
				.map(({name}) => name),
		);
	}

	/** The former leaders while the present leader's takeover may still be in progress. */
	replacedLeaders(): Where {
		const key = leaderKey(this.context.cluster);
		return key?.live && this.context.now - key.since <= takeoverMs ? this.formerLeaders() : nowhere;
	}

	/** The last known holders of the VIP, while no fresh node holds it. */
	lostHolders(): Where {
		const {cluster, target, now} = this.context;
		const lost = vipViews(cluster, target, now).filter(({holders}) => !holders.some(({sees}) => sees));
		return {machines: lost.flatMap(({holders}) => holders.map(({node}) => node))};
	}

	/** The node that holds the VIP, by fresh data. */
	holder(): Where {
		const {cluster, target, now} = this.context;
		const all = vipViews(cluster, target, now).flatMap(({holders}) => holders);
		return {machines: all.filter(({sees}) => sees).map(({node}) => node)};
	}

	/** The nodes without fresh data, which may hold the VIP. */
	blindNodes(): Where {
		const {cluster, target, now} = this.context;
		return {machines: vipViews(cluster, target, now).flatMap(({blind}) => blind)};
	}

	/**
	 * All members but the leader, if a finding puts each out of service; else nowhere.
	 * @param isExempt whether a member is configured not to serve
	 */
	lostStandbys(isExempt: (member: Member) => boolean): Where {
		const known = this.#standbys.get(isExempt) ?? this.#findLostStandbys(isExempt);
		this.#standbys.set(isExempt, known);
		return known;
	}

	#findLostStandbys(isExempt: (member: Member) => boolean): Where {
		const {cluster, target, members, leader} = this.context;
		const standbys = members.filter(one => one.name !== leader);
		const eligible = standbys.filter(one => !isExempt(one));
		// Patroni tags a sync standby nosync while it stops (ha.py, while_not_sync_standby, 2.0 on). Of an operation it is
		// known what held before, so a member with a tag of its own is not taken for one.
		const others =
			eligible.length > 0
				? eligible
				: standbys.filter(
						({name}) => this.found.at(stoppedByOperation, this.found.membersAt([name])).length > 0,
					);
		const inhabited = new Set(members.flatMap(({name}) => this.found.machineOfMember(name) ?? []));
		// Patroni's key and answers are gone for a machine that was down for long.
		const empty = watchedNodes(cluster, target)
			.map(({name}) => name)
			.filter(name => !inhabited.has(name) && rolesOf(target, name).includes('database'));
		const all = [
			...others.map(({name}) => this.found.membersAt([name])),
			...empty.map(name => ({machines: [name]})),
		];
		return all.every(one => this.#isOut(one))
			? {
					machines: all.flatMap(one => one?.machines ?? []),
					members: others.map(({name}) => name),
				}
			: nowhere;
	}

	#isOut(where: Where): boolean {
		return (
			this.found.at(outOfService, where).length > 0 ||
			this.found.at(['service.down', 'service.restarting'], where).some(({part}) => part === 'patroni')
		);
	}

	/** The members other than the leader that the node's HAProxy sends writers to. */
	destinations({about}: Finding): Where {
		const {cluster, target, leader} = this.context;
		const route = about === undefined ? undefined : routeTo(cluster, target, about, 'primary');
		return this.found.membersAt(
			(route?.to ?? []).flatMap(({member}) => (member === undefined || member === leader ? [] : [member])),
		);
	}

	/** The finding's member, while its state is one that an operation passes through. */
	onTheWay(finding: Finding): Where {
		return this.#isOnTheWay(finding) ? this.sameMember(finding) : nowhere;
	}

	/** Anywhere if the finding's member hands over or takes over, and its state is one on the way there. */
	handsOver(finding: Finding): Where {
		return this.#areHandingOver([finding.about]) && this.#isOnTheWay(finding) ? anywhere : nowhere;
	}

	/** Anywhere if the members that the node's HAProxy sends writers to hand over or take over. */
	destinationsHandOver(finding: Finding): Where {
		return this.#areHandingOver(this.destinations(finding)?.members ?? []) ? anywhere : nowhere;
	}

	/** Anywhere if the member follows the leader, or another member that hands over or takes over. */
	upstreamHandsOver(finding: Finding): Where {
		const upstream = this.configuredUpstream(finding);
		return upstream === undefined || this.#areHandingOver([upstream]) ? anywhere : nowhere;
	}

	#areHandingOver(names: readonly (string | undefined)[]): boolean {
		const handovers = this.context.running.filter(({kind}) => kind === 'handover');
		return (
			names.length > 0 &&
			names.every(name => name !== undefined && handovers.some(({members}) => members.includes(name)))
		);
	}

	/** A start that failed, or a crash, follows from no operation. */
	#isOnTheWay({about}: Finding): boolean {
		const one = this.context.members.find(({name}) => name === about);
		const state = one?.restSees ? (one.rest?.value.state ?? one.state) : one?.state;
		return state !== undefined && !/failed|crashed|unknown/.test(state);
	}

	/** Anywhere if the cluster has been paused since before this time; else nowhere. */
	pausedAt(scheduledAt: string | undefined): Where {
		const config = keyOf(this.context.cluster, 'config', 'config');
		const since = config?.changed?.at ?? config?.since;
		return scheduledAt !== undefined && since !== undefined && since <= Date.parse(scheduledAt)
			? anywhere
			: nowhere;
	}

	/** The member that the tag replicatefrom names. */
	configuredUpstream({about}: Finding): string | undefined {
		const member = this.context.members.find(({name}) => name === about);
		return member && replicatesFrom(member);
	}

	/** The member of a slot; Patroni derives slot names from member names. */
	slotMember({about}: Finding): Where {
		return this.found.membersAt(
			this.context.members.flatMap(({name}) =>
				name.toLowerCase().replaceAll(/[-.]/g, '_') === about ? [name] : [],
			),
		);
	}

	/** The member's upstream. */
	upstream(finding: Finding): Where {
		const upstream = this.configuredUpstream(finding) ?? this.context.leader;
		return this.found.membersAt(upstream === undefined || upstream === finding.about ? [] : [upstream]);
	}

	/**
	 * The machine whose loss costs etcd's quorum: all voters that do not answer are on it, and the others are too few.
	 */
	lostEtcd(): Where {
		const {cluster, target, now} = this.context;
		const lost = votersWithoutQuorum(etcdNodes(cluster, target, now));
		const on = new Set(lost.map(node => this.found.machines.find(({etcd}) => etcd === node.name)?.name));
		const [machine] = on;
		return on.size === 1 && machine !== undefined ? {machines: [machine]} : nowhere;
	}

	/** The machines that run etcd. */
	etcdMachines(): Where {
		return {machines: this.found.machines.filter(({etcd}) => etcd !== undefined).map(({name}) => name)};
	}

	/** Anywhere if the key was in the store before this one and never in this one; else nowhere. */
	leftBehind(path: string): Where {
		const {keys, gone, store} = this.context.cluster;
		return !keys.has(path) && !gone.has(path) && store.former?.keys.has(path) ? anywhere : nowhere;
	}
}
