/** What holds up a handover that takes longer than usual, by SQL, by processes, and by Patroni's last decisions. Pure. */
import {age, bytes} from '../../lib/format.ts';
import type {Known} from '../cluster/cluster.ts';
import {isFresh, unavailableReason} from '../cluster/freshness.ts';
import {members} from '../cluster/members.ts';
import type {SqlStatus} from '../cluster/postgres.ts';
import {waitedFor} from '../cluster/processes.ts';
import {nodeOfMember} from '../cluster/vip-leader.ts';
import {lastWords, notNow} from '../history/last-words.ts';
import {listed} from './preconditions/clients.ts';
import {isPreparing} from './preparation.ts';
import {type ClusterContext, isTicked, type Run} from './types.ts';

/** A handover that is not done by then takes longer than usual, ms. */
const usualMs = 10_000;
/** An answer that is this much older than the others has an age of its own, ms. */
const olderMs = 5000;
/** WAL since the last checkpoint that is worth a word, bytes: the stop writes what belongs to it. */
const muchWal = 64 * 2 ** 20;

/** A line for each member, with the age of what it says; empty while it takes no longer than usual, or nothing is known. */
export function holdUps(run: Run, context: ClusterContext): string[] {
	const {operation, guard, outcome} = run;
	const since = run.begunAt ?? run.confirmedAt;
	const isHandover = operation.kind === 'switchover' || operation.kind === 'failover';
	if (!isHandover || outcome !== undefined || isPreparing(run) || context.now - since < usualMs) {
		return [];
	}

	const {leader} = guard;
	return isTicked(run, 'taken')
		? [...ofPromotion(operation.candidate, context), ...ofDecision(operation.candidate, context)]
		: [
				...(leader === undefined || isTicked(run, 'released')
					? []
					: [...ofProcesses(leader, context), ...ofStop(leader, context)]),
				...ofPromotion(operation.candidate, context),
				...[leader ?? [], operation.candidate].flat().flatMap(member => ofDecision(member, context)),
			];
}

/** By Patroni's log. */
function ofDecision(member: string, context: ClusterContext): string[] {
	const words = lastWords(context.cluster, context.target, context.now, member);
	const decision = words?.decision;
	return words === undefined || decision === undefined
		? []
		: [`${member}: ${decision.why} (${notNow(context, words, decision) ?? 'Patroni now'})`];
}

/** By what the leader's processes call themselves now, over SSH: also while it refuses connections. */
function ofProcesses(leader: string, {cluster, target, now}: ClusterContext): string[] {
	const node = nodeOfMember(cluster, target, now, leader);
	const source = `processes:${node ?? ''}` as const;
	const known = node === undefined ? undefined : cluster.processes.get(node);
	if (known === undefined || !isFresh(cluster.sourceStatuses.get(source), source, now)) {
		return [];
	}

	const titles = known.value.filter(({isMembers}) => isMembers).flatMap(server => waitedFor(server));
	return titles.length === 0
		? []
		: [
				`${leader}: still there: ${listed(titles.map(({what, title}) => `${what} (${title})`))} (processes now)`,
			];
}

/** The last answer counts even if connections are refused now: its age stands with it. */
function ofStop(leader: string, context: ClusterContext): string[] {
	const known = context.cluster.sql.get(leader);
	if (known === undefined) {
		return [];
	}

	const found = [
		...ofSenders(known.value),
		...ofArchiver(leader, known, context),
		...ofCheckpoint(known.value),
	];
	return found.length === 0 ? [] : [`${leader}: ${found.join('; ')} (${whenOf(leader, known.at, context)})`];
}

function ofSenders({senders}: SqlStatus): string[] {
	const behind = (senders ?? [])
		.filter(({lag}) => lag !== undefined && lag > 0)
		.toSorted((a, b) => (b.lag ?? 0) - (a.lag ?? 0))
		.map(
			({application, address, lag}) =>
				`${application || 'a client without a name'}${address === undefined ? '' : ` at ${address}`} ${bytes(lag ?? 0)}`,
		);
	return behind.length === 0 ? [] : [`WAL receivers behind: ${listed(behind)}`];
}

function ofArchiver(
	leader: string,
	{value: {archiver, serverTime}, at}: Known<SqlStatus>,
	{cluster, now}: ClusterContext,
): string[] {
	if (archiver === undefined || archiver === 'off') {
		return [];
	}

	const details = cluster.sqlDetails.get(leader);
	const backlog = details?.value.archiveBacklog;
	// It is asked more rarely than the rest.
	const isOlder = details !== undefined && details.at < at - olderMs;
	const fails = archiver.failedAt !== undefined && archiver.failedAt > (archiver.lastAt ?? 0);
	return [
		...(backlog === undefined || backlog === 0
			? []
			: [
					`${backlog} WAL file${backlog === 1 ? '' : 's'} to archive${isOlder ? `, ${age(now - details.at)} ago` : ''}`,
				]),
		...(fails && archiver.failedAt !== undefined
			? [`archiving fails, last ${age(Math.max(0, serverTime - archiver.failedAt))} before`]
			: []),
	];
}

function ofCheckpoint({checkpoint, serverTime}: SqlStatus): string[] {
	return checkpoint?.since === undefined || checkpoint.since < muchWal
		? []
		: [
				`the checkpoint of its stop: ${bytes(checkpoint.since)} of WAL since the last one, ${age(Math.max(0, serverTime - checkpoint.at))} before`,
			];
}

/** Received WAL must be replayed before the candidate takes writes. */
function ofPromotion(candidate: string, context: ClusterContext): string[] {
	const known = context.cluster.sql.get(candidate);
	const {received, replayed, inRecovery} = known?.value ?? {};
	if (
		known === undefined ||
		!inRecovery ||
		received === undefined ||
		replayed === undefined ||
		received <= replayed
	) {
		return [];
	}

	const isMember = members(context.cluster, context.now).some(({name}) => name === candidate);
	return isMember
		? [
				`${candidate}: ${bytes(received - replayed)} of WAL to replay (${whenOf(candidate, known.at, context)})`,
			]
		: [];
}

function whenOf(member: string, at: number, {cluster, now}: ClusterContext): string {
	const source = `sql:${member}` as const;
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	return reason === undefined ? 'by SQL now' : `by SQL ${age(now - at)} ago; now: ${reason}`;
}
