import {clockBounds, clockOffset} from '../../cluster/clocks.ts';
import {type Cluster, keyOf} from '../../cluster/cluster.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {etcdNodes} from '../../cluster/etcd.ts';
import {isFresh, isOurs} from '../../cluster/freshness.ts';
import {isWell} from '../../cluster/health.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {type Machine, machines, members} from '../../cluster/members.ts';
import type {ServiceUnit} from '../../cluster/services.ts';
import {vipViews} from '../../cluster/vip.ts';
import type {SourceId} from '../../facts.ts';
import type {Target} from '../../target.ts';
import {vipName} from '../preconditions/common.ts';
import {type ClusterContext, isTicked, type Run, type StepDefinition} from '../types.ts';

/**
 * Whether systemd started the unit again. Each start has its own InvocationID; if the one before is unknown, the start
 * time decides, if the clock's offset is known.
 */
export function isRestartedSince(
	was: ServiceUnit | undefined,
	is: ServiceUnit,
	confirmedAt: number,
	aheadMs: number | undefined,
): boolean {
	return was === undefined
		? is.since !== undefined && aheadMs !== undefined && is.since - aheadMs + 1000 > confirmedAt
		: is.invocationId !== was.invocationId;
}

/** How far the machine's clock is ahead of the session's time by its member's answers, ms; undefined if unknown. */
export function aheadOf({cluster, target, now}: ClusterContext, node: string): number | undefined {
	const member = machines(cluster, target, now).find(({name}) => name === node)?.member;
	return member === undefined ? undefined : clockOffset(cluster.patroni.get(member));
}

/** @param all whether all sources must be lost; otherwise one suffices */
export function downStep(machine: Machine, {all}: {all: boolean}): StepDefinition {
	return {
		id: 'down',
		text: all ? `nothing on ${machine.name} answers any more` : `${machine.name} goes down`,
		essential: true,
		seen: (_, {cluster, target, now}) => {
			const sources = sourcesOf(machine, cluster, target, now);
			// A silence that is this console's own shows nothing of the machine.
			const unseen = sources.filter(source => {
				const status = cluster.sourceStatuses.get(source);
				return !isFresh(status, source, now) && !isOurs(status, source, now);
			});
			return sources.length > 0 && (all ? unseen.length === sources.length : unseen.length > 0);
		},
	};
}

/** Other members or nodes take over what the machine had. */
export function handedOverSteps(
	{name, member}: Machine,
	{cluster, target, now}: ClusterContext,
	{essential}: {essential: boolean},
): StepDefinition[] {
	const leads = member !== undefined && leaderKey(cluster)?.member === member;
	const held = vipViews(cluster, target, now).flatMap(({holders, vip}, index) =>
		vip !== undefined && holders.some(({node, sees}) => node === name && sees) ? [{vip, index}] : [],
	);
	return [
		...(leads
			? [
					{
						id: 'taken',
						text: 'another member holds the leader key',
						essential,
						seen: (_: unknown, {cluster: now_}: ClusterContext) => {
							const leader = leaderKey(now_)?.member;
							return leader !== undefined && leader !== member;
						},
					},
				]
			: []),
		...held.map(({vip, index}) => ({
			id: index === 0 ? 'vip' : `vip ${vip.address}`,
			text: `another node holds ${vipName(target, vip)}`,
			essential,
			seen: (_: unknown, context: ClusterContext) =>
				vipViews(context.cluster, context.target, context.now)[index]?.holders.some(
					({node, sees}) => node !== name && sees,
				) === true,
		})),
	];
}

export function backSteps(machine: Machine): StepDefinition[] {
	const {name, member} = machine;
	return [
		{
			id: 'back',
			text: `everything on ${name} answers again`,
			essential: true,
			seen: (run, {cluster, target, now}) =>
				isTicked(run, 'down') &&
				sourcesOf(machine, cluster, target, now).every(source =>
					isFresh(cluster.sourceStatuses.get(source), source, now),
				),
		},
		...(member === undefined
			? []
			: [
					{
						id: 'streams',
						text: `${member} is healthy`,
						essential: false,
						seen: (run: Parameters<typeof isTicked>[0], {cluster, now}: ClusterContext) => {
							const one = members(cluster, now).find(({name: found}) => found === member);
							return isTicked(run, 'back') && isWell(one);
						},
					},
				]),
	];
}

/** The known sources of the machine. */
export function sourcesOf(
	{name, member, etcd}: Machine,
	cluster: Cluster,
	target: Target,
	now: number,
): SourceId[] {
	const endpoint = etcdNodes(cluster, target, now).find(one => one.name === etcd)?.endpoint;
	const all: SourceId[] = [
		`vip:${name}`,
		`units:${name}`,
		...(member === undefined ? [] : [`patroni:${member}` as const]),
		...(endpoint === undefined ? [] : [`etcd:${endpoint}` as const]),
	];
	return all.filter(source => cluster.sourceStatuses.get(source) !== undefined);
}

/** The member's key shows whether it has applied the pause. */
/** `byRest`: what the member itself answers, which it may not have acted on yet. */
export function isConfigApplied(name: string, paused: boolean, byRest = false): StepDefinition {
	return {
		id: `applied ${name}`,
		text: byRest ? `${name} reports it` : `${name} has applied it`,
		essential: true,
		seen: (_, {cluster}) => keyOf(cluster, `members/${name}`, 'member')?.value.data.pause === paused,
	};
}

/** A member applies what it has read before it answers this long after; ms. */
const applyMs = 1000;

/**
 * Its loop has read etcd since the configuration was written (`dcs_last_seen` of GET /patroni, whole seconds of its own clock).
 * Only then it can report that a restart is pending.
 */
export function isConfigRead(name: string): StepDefinition {
	return {
		id: `read ${name}`,
		text: `${name} has read it`,
		essential: true,
		seen({steps}, {cluster}) {
			const writtenAt = steps.find(({id}) => id === 'written')?.at;
			const rest = cluster.patroni.get(name);
			const clock = clockBounds(rest);
			if (writtenAt === undefined || rest?.value.dcsLastSeen === undefined || clock === undefined) {
				return false;
			}

			const read = rest.value.dcsLastSeen * 1000;
			const [earliest, latest] = [read - clock.maxMs, read + 1000 - clock.minMs];
			const loopMs = (dynamicConfig(cluster)?.loopWait ?? patroniDefaults.loopWait) * 1000;
			return (
				earliest > writtenAt &&
				// With a short loop each answer is of a loop that has just begun; then the one before has applied it.
				(rest.at >= latest + applyMs || earliest > writtenAt + loopMs + applyMs)
			);
		},
	};
}

export function scheduledRestart(cluster: Cluster, member: string): string | undefined {
	return keyOf(cluster, `members/${member}`, 'member')?.value.data.scheduledRestart;
}

export function streams(member: string, after: string, essential: boolean): StepDefinition {
	return {
		id: 'streams',
		text: `${member} streams from the leader`,
		essential,
		seen: (run, {cluster, now}) => {
			const one = members(cluster, now).find(({name}) => name === member);
			return isTicked(run, after) && isWell(one);
		},
	};
}

/** Whether the member's REST API has reported such a state after the confirmation. */
export function isStateSince(
	{confirmedAt}: Run,
	cluster: Cluster,
	member: string,
	such: (state: string) => boolean,
): boolean {
	const rest = cluster.patroni.get(member);
	return rest !== undefined && rest.at > confirmedAt && such(rest.value.state);
}

/** Whether the postmaster is another one than before, or started after the confirmation. */
export function isStartedSince({before, confirmedAt}: Run, cluster: Cluster, member: string): boolean {
	const was = before.patroni.get(member)?.value.postmasterStartTime;
	const is = cluster.patroni.get(member);
	const started = is?.value.postmasterStartTime;
	if (is === undefined || started === undefined || is.at <= confirmedAt) {
		return false;
	}

	return was === undefined
		? Date.parse(started) - (clockBounds(is)?.maxMs ?? Number.POSITIVE_INFINITY) > confirmedAt
		: Date.parse(was) !== Date.parse(started);
}
