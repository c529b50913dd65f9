/** The second group of preconditions, "clients and PostgreSQL": what members say by SQL, and free disk, glibc and clocks. */
import {bytes} from '../../../lib/format.ts';
import {clockBounds} from '../../cluster/clocks.ts';
import type {ClockBounds} from '../../cluster/cluster.ts';
import {isFresh, unavailableReason} from '../../cluster/freshness.ts';
import {glibcOf, libcDatabases} from '../../cluster/glibc.ts';
import {dynamicConfig, leaderKey} from '../../cluster/keys.ts';
import {members} from '../../cluster/members.ts';
import {readsNodes} from '../../cluster/roles.ts';
import {machineOf, type OperationContext, type Precondition, unknown} from '../types.ts';
import {checkCandidatePostgres} from './candidate-postgres.ts';
import {checkClients, listed} from './clients.ts';
import {asPreconditions, type Check, fine, risk, type Side, sideOf, unknownByReason} from './sql-facts.ts';

/** Used space from which a disk is called nearly full, percent. */
const nearlyFullPercent = 85;
/** A larger difference of two clocks is a risk, ms. */
const clockToleranceMs = 4000;

/**
 * @param stops the member whose PostgreSQL stops; undefined where there is none
 * @param candidate the member that takes over; undefined where none does
 * @param isLater what is true of clients now says nothing of a later time
 */
export function checkPostgres(
	context: OperationContext,
	{
		stops,
		candidate,
		isLater = false,
	}: {stops: string | undefined; candidate?: string | undefined; isLater?: boolean},
): Precondition[] {
	const {cluster, target, now} = context;
	const others = [
		...(candidate === undefined ? [] : [checkDisk(context, candidate)]),
		...(candidate === undefined || stops === undefined
			? []
			: [checkGlibc(context, stops, candidate), checkClocks(context, stops, candidate)]),
	];
	if (target.monitor === undefined) {
		const known = asPreconditions(others.filter(one => !('why' in one)));
		return inGroup([notChecked(stops, candidate, others), ...known]);
	}

	const names = members(cluster, now).map(({name}) => name);
	const side = stops === undefined ? undefined : sideOf(context, stops);
	const next = candidate === undefined ? undefined : sideOf(context, candidate);
	return inGroup(
		asPreconditions([
			...(side === undefined || isLater
				? []
				: checkClients(side, next, names, {leads: leaderKey(cluster)?.member === side.name})),
			...(side === undefined || next === undefined ? [] : ofTakeover(side, next, context)),
			...others,
		]),
	);
}

function ofTakeover(leader: Side, candidate: Side, {cluster, target}: OperationContext): Check[] {
	const database = target.monitor?.database ?? '';
	return checkCandidatePostgres({leader, candidate, config: dynamicConfig(cluster), database});
}

function inGroup(checks: readonly Precondition[]): Precondition[] {
	return checks.map(one => ({...one, topic: one.topic ?? ''}));
}

/** One line, whatever else is not known. */
function notChecked(
	stops: string | undefined,
	candidate: string | undefined,
	others: readonly Check[],
): Precondition {
	const what = [
		...(stops === undefined ? [] : ['client sessions', 'transactions', 'WAL receivers', 'archiver']),
		...(candidate === undefined ? [] : ['slots and settings of the candidate']),
	];
	const rest = unknownByReason(others).map(({text}) => `; ${text}`);
	return unknown(
		`not checked by SQL: ${what.join(', ')} (set monitor.user to a role with pg_monitor)${rest.join('')}`,
	);
}

function checkDisk(context: OperationContext, candidate: string): Check {
	const {cluster, target, now} = context;
	const topic = `free disk on ${candidate}`;
	const node = machineOf(context, candidate);
	if (!readsNodes(target) || node === undefined) {
		return {
			topic,
			why: node === undefined ? `the node of ${candidate} is not known` : 'the nodes are not read over SSH',
		};
	}

	const source = `disk:${node}` as const;
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	const found = cluster.disks.get(node)?.value.find(({holds}) => holds.includes('postgresql'));
	if (reason !== undefined || found === undefined) {
		return {topic, why: `df on ${node}: ${reason ?? "PostgreSQL's file system is not among those read"}`};
	}

	const {mount, size, used, usedPercent, readOnly} = found;
	const free = `${bytes(Math.max(0, size - used))} free on ${candidate} (${mount}, ${usedPercent} % used)`;
	return readOnly
		? {topic, ...risk(`${mount} on ${candidate} is mounted read-only`)}
		: {topic, ...(usedPercent > nearlyFullPercent ? risk(`only ${free}`) : fine(free))};
}

function checkGlibc(context: OperationContext, leader: string, candidate: string): Check {
	const topic = 'glibc';
	const [there, here] = [glibcOf(context, leader), glibcOf(context, candidate)];
	if ('why' in there || 'why' in here) {
		return {topic, why: 'why' in here ? here.why : 'why' in there ? there.why : ''};
	}

	const differ = `${candidate} has glibc ${here.version}, ${leader} has ${there.version}`;
	const databases = libcDatabases(context, [leader, candidate]);
	return here.version === there.version
		? {topic, ...fine(`${leader} and ${candidate} have the same glibc (${here.version})`)}
		: databases?.length === 0
			? {topic, ...fine(`${differ}; no database sorts text by it, by its default collation`)}
			: {
					topic,
					...risk(
						databases === undefined
							? `${differ}; whether a database sorts text by it is not known: indexes on text may not find their rows`
							: `${differ}: indexes on text may not find their rows (${listed(databases)})`,
					),
				};
}

function checkClocks(context: OperationContext, one: string, other: string): Check {
	const topic = 'clocks';
	const [a, b] = [clockOf(context, one), clockOf(context, other)];
	if ('why' in a || 'why' in b) {
		return {topic, why: 'why' in a ? a.why : 'why' in b ? b.why : ''};
	}

	const [minMs, maxMs] = [b.minMs - a.maxMs, b.maxMs - a.minMs];
	const apartMs = minMs > 0 ? minMs : maxMs < 0 ? -maxMs : 0;
	return apartMs > clockToleranceMs
		? {
				topic,
				...risk(
					`the clock of ${other} is ${Math.round(apartMs / 1000)} s ${minMs > 0 ? 'ahead of' : 'behind'} that of ${one}`,
				),
			}
		: Math.max(Math.abs(minMs), Math.abs(maxMs)) > 2 * clockToleranceMs
			? {topic, why: 'the answers took too long to compare the clocks'}
			: {topic, ...fine(`the clocks of ${one} and ${other} show the same time`)};
}

/** By SQL, which shows fractions of a second; else by REST. */
function clockOf({cluster, now}: OperationContext, name: string): ClockBounds | {why: string} {
	const sql = cluster.sql.get(name);
	if (sql !== undefined && isFresh(cluster.sourceStatuses.get(`sql:${name}`), `sql:${name}`, now)) {
		return {minMs: sql.value.serverTime - sql.at, maxMs: sql.value.serverTime - sql.askedAt};
	}

	const source = `patroni:${name}` as const;
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	const bounds = reason === undefined ? clockBounds(cluster.patroni.get(name)) : undefined;
	return bounds ?? {why: `REST of ${name}: ${reason ?? 'its answer has no time'}`};
}
