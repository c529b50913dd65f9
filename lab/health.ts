/** The conditions of a healthy cluster, how they are observed, and the wait for all of them. */

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {LabError, messageOf} from './failure.ts';
import {
	balancersOf,
	type Inventory,
	nodesOf,
	vipFollowsLeader,
	vipNodesOf,
	writePortOf,
} from './inventory.ts';
import {addressesIn} from './network.ts';
import {execCommand} from './operator.ts';
import {netnsOf} from './paths.ts';
import type {Observation, Target} from './probe.ts';
import {sqlThroughVip} from './psql.ts';

export type Condition = {name: string; met: boolean; text: string};

/** Whether a replica follows the leader; undecided shortly after a failover and during its start. */
export type Follower = {name: string; verdict: 'follows' | 'stuck' | 'undecided'; why: string};

export type Sight = {
	leader: string | undefined;
	syncStandbys: string[];
	vipHolders: string[];
	followers: Follower[];
	conditions: Condition[];
};

/** Observes until every condition holds or time is out. @returns the last observation */
export async function watchUntilHealthy(
	inventory: Inventory,
	milliseconds: number,
	onSight: (sight: Sight) => void | Promise<void>,
): Promise<Sight> {
	const targets: Target[] = nodesOf(inventory).map(({name, address, roles}) => ({name, address, roles}));
	const {file, args} = execCommand([
		process.execPath,
		join(import.meta.dirname, 'probe.ts'),
		JSON.stringify(targets),
	]);
	const probe = spawn(file, args, {stdio: ['pipe', 'pipe', 'inherit']});
	const ended = once(probe, 'exit');
	const deadline = Date.now() + milliseconds;
	let sight: Sight | undefined;
	try {
		for await (const line of createInterface({input: probe.stdout})) {
			const observation: Observation = JSON.parse(line);
			sight = judge(inventory, observation, await vipHolders(inventory));
			await onSight(sight);
			if (sight.conditions.every(condition => condition.met) || Date.now() > deadline) break;
		}
	} finally {
		probe.stdin.destroy();
	}

	const [code] = await ended;
	if (!sight) throw new LabError(`lab/probe.ts exited with ${code} and reported nothing about the cluster`);
	return sight;
}

export function judge(inventory: Inventory, observation: Observation, holders: readonly string[]): Sight {
	const balancers = balancersOf(inventory).map(node => node.name);
	const followsLeader = vipFollowsLeader(inventory);
	const leader = observation.members.find(
		member => member.role === 'leader' && member.state === 'running',
	)?.name;
	const syncStandbys = observation.members
		.filter(
			member => /^(sync|quorum)_standby$/.test(member.role) && /^(running|streaming)$/.test(member.state),
		)
		.map(member => member.name);
	const etcdMissing = Object.entries(observation.etcd).flatMap(([name, healthy]) => (healthy ? [] : [name]));
	const haproxyWrong = balancers.filter(name => observation.primaries[name]?.join() !== leader);
	const conditions: Condition[] = [
		{
			name: 'etcd',
			met: etcdMissing.length === 0,
			text: etcdMissing.length === 0 ? 'all members healthy' : `not healthy: ${etcdMissing.join(', ')}`,
		},
		{name: 'leader', met: leader !== undefined, text: leader ?? 'none'},
		{
			name: 'synchronous standby',
			met: syncStandbys.length > 0,
			text: syncStandbys.join(', ') || `none (${memberList(observation)})`,
		},
		{
			name: 'VIP holder',
			met: holders.length === 1 && (!followsLeader || holders[0] === leader),
			text: holders.join(' and ') || 'none',
		},
		...(balancers.length === 0
			? []
			: [
					{
						name: 'HAProxy',
						met: leader !== undefined && haproxyWrong.length === 0,
						text: balancers
							.map(
								name =>
									`${name} sends writers to ${observation.primaries[name]?.join(' and ') || 'no server'}`,
							)
							.join(', '),
					},
				]),
	];
	return {
		leader,
		syncStandbys,
		vipHolders: [...holders],
		followers: followersOf(observation, leader, syncStandbys.length > 0),
		conditions,
	};
}

export async function vipHolders(inventory: Inventory): Promise<string[]> {
	const holders: string[] = [];
	for (const {name} of vipNodesOf(inventory)) {
		if ((await addressesIn(netnsOf(name))).includes(inventory.vip)) holders.push(name);
	}

	return holders;
}

/** One write through the VIP from the operator's network. */
export async function writeThroughVip(inventory: Inventory): Promise<Condition> {
	const name = `write through ${inventory.vip}:${writePortOf(inventory)}`;
	// It writes WAL and waits for the standby like any client's write, and needs no table.
	try {
		await sqlThroughVip(inventory, "SELECT pg_logical_emit_message(true, 'pgha-lab', '')");
		return {name, met: true, text: 'accepted'};
	} catch (error) {
		return {name, met: false, text: messageOf(error)};
	}
}

function followersOf(observation: Observation, leader: string | undefined, hasStandby: boolean): Follower[] {
	const leaders = Number(observation.members.find(member => member.name === leader)?.timeline);
	return observation.members
		.filter(member => leader !== undefined && member.name !== leader)
		.map(({name, state, timeline}): Follower => {
			// An older one it cannot follow; a newer one is its own, of a promotion that did not last.
			if (Number(timeline) < leaders || Number(timeline) > leaders) {
				return {name, verdict: 'stuck', why: `is on timeline ${timeline}, the leader on ${leaders}`};
			}

			if (/^(start failed|crashed)$/.test(state))
				return {name, verdict: 'stuck', why: `is in state ${state}`};
			const follows = /^(streaming|in archive recovery|creating replica)$/.test(state);
			const runs = state === 'running' && Number(timeline) === leaders;
			// Patroni of bookworm says of one that streams only that it runs; one of several may be the standby.
			if (runs && !hasStandby) return {name, verdict: 'stuck', why: 'runs, and is not a synchronous standby'};
			return {name, verdict: follows || runs ? 'follows' : 'undecided', why: state};
		});
}

function memberList(observation: Observation): string {
	return (
		observation.members.map(({name, role, state}) => `${name}: ${role}, ${state}`).join('; ') ||
		'no members seen'
	);
}
