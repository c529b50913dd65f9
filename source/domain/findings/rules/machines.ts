/** Findings on machines: stopped by this console, or without an answer to any source. */
import {clock} from '../../../lib/format.ts';
import type {Cluster} from '../../cluster/cluster.ts';
import {etcdNodes} from '../../cluster/etcd.ts';
import {isFresh, isOurs} from '../../cluster/freshness.ts';
import {machines} from '../../cluster/members.ts';
import {memoByCluster} from '../../cluster/memo.ts';
import {isProbeFresh} from '../../cluster/probe.ts';
import {kindOf} from '../../cluster/source-kinds.ts';
import {nodeOfAnswer} from '../../cluster/vip.ts';
import type {SourceId} from '../../facts.ts';
import type {Target} from '../../target.ts';
import {type FindingContext, makeContext, quoteBlind} from '../context.ts';
import {type Finding, type MachineStop, noStops} from '../finding.ts';

/** systemd kills units that do not stop within 90 s. */
const shutdownMaxMs = 120_000;
const rebootMaxMs = 300_000;
/** The last services may still answer this long after the operation saw the machine go down, ms. */
const lastWordsMs = 30_000;

type Watched = {
	name: string;
	/** The machine's sources, except those that are still connecting. */
	sources: readonly SourceId[];
	/** No source gets an answer from the machine. */
	isSilent: boolean;
	/** Time of the last answer, Unix ms; undefined if there was none. */
	heardAt: number | undefined;
};

export function machineFindings(context: FindingContext): Finding[] {
	const {cluster, now, stops} = context;
	const isAllHeard = [...cluster.sourceStatuses].every(([source, status]) => isFresh(status, source, now));
	return isAllHeard
		? []
		: watchedMachines(context).flatMap(machine => {
				const stop = stops.findLast(({node}) => node === machine.name);
				return [stoppedFinding(context, machine, stop) ?? silentFinding(context, machine, stop)].filter(
					finding => finding !== undefined,
				);
			});
}

function stoppedFinding(
	context: FindingContext,
	machine: Watched,
	stop: MachineStop | undefined,
): Finding | undefined {
	const {cluster, now} = context;
	const unheard = machine.sources.filter(source => !isFresh(cluster.sourceStatuses.get(source), source, now));
	if (stop === undefined || unheard.length === 0) {
		return undefined;
	}

	const {kind, node, at, downAt, backAt} = stop;
	const evidence = [
		{text: describeStop(stop, now), source: undefined, at, fresh: true},
		...unheard.map(source => quoteBlind(context, source)),
	];
	if (kind === 'reboot') {
		return backAt !== undefined || now - at > rebootMaxMs
			? undefined
			: {
					id: 'node.rebooting',
					severity: 'degraded',
					text: `${node} is rebooting (${describeStop(stop, now)})`,
					about: node,
					evidence,
				};
	}

	const isBack = downAt !== undefined && wasHeardSince(context, machine, downAt);
	if (isBack || (downAt === undefined && now - at > shutdownMaxMs)) {
		return undefined;
	}

	return {
		id: 'node.off',
		severity: 'degraded',
		text: `${node} is ${isOff(context, machine, stop) ? 'off' : 'shutting down'} (${describeStop(stop, now)})`,
		about: node,
		evidence,
	};
}

/** Powered off by this console, seen going down, and silent since. */
function isOff(context: FindingContext, machine: Watched, {kind, downAt}: MachineStop): boolean {
	return (
		kind === 'poweroff' &&
		downAt !== undefined &&
		machine.isSilent &&
		!wasHeardSince(context, machine, downAt)
	);
}

/** Names of the machines that are known to be off. */
export const machinesOff = memoByCluster(
	(
		cluster: Cluster,
		target: Target,
		now: number,
		stops: readonly MachineStop[] = noStops,
	): readonly string[] => {
		if (stops.length === 0) {
			return [];
		}

		const context = makeContext(cluster, target, now, stops, []);
		return watchedMachines(context).flatMap(machine => {
			const stop = stops.findLast(({node}) => node === machine.name);
			return stop !== undefined && isOff(context, machine, stop) ? [machine.name] : [];
		});
	},
);

/**
 * The last services may answer once more after the machine was seen to go down, and be lost and back meanwhile; sshd
 * refuses logins from the begin of a shutdown.
 */
function wasHeardSince({cluster}: FindingContext, {sources, heardAt}: Watched, downAt: number): boolean {
	return (
		(heardAt !== undefined && heardAt > downAt + lastWordsMs) ||
		sources.some(source => {
			const status = cluster.sourceStatuses.get(source);
			return status?.state === 'seen' && wayOf(source) === 'vip' && status.since > downAt;
		})
	);
}

/** `power off by root, 23:35:51` */
function describeStop({kind, by, at}: MachineStop, now: number): string {
	const what = kind === 'poweroff' ? 'power off' : 'reboot';
	return `${what}${by === undefined ? '' : ` by ${by}`}, ${clock(at, now)}`;
}

/** A broken machine and a broken network look the same from here. */
function silentFinding(
	context: FindingContext,
	{name, sources, isSilent, heardAt}: Watched,
	stop: MachineStop | undefined,
): Finding | undefined {
	const {cluster, now} = context;
	if (!isSilent) {
		return undefined;
	}

	const isRefused = sources.some(source => {
		const status = cluster.sourceStatuses.get(source);
		return status?.state === 'lost' && status.code === 'refused';
	});
	const what = isRefused ? `no service on ${name} answers` : `${name} does not answer at all`;
	const since = heardAt === undefined ? '' : ` since ${clock(heardAt, now)}`;
	const isAfterStop =
		stop !== undefined && heardAt !== undefined && Math.abs(heardAt - stop.at) <= shutdownMaxMs;
	const after = isAfterStop ? ` (${describeStop(stop, now)})` : '';
	return {
		id: 'node.silent',
		severity: 'unknown',
		text: `${what}${since}${after}`,
		about: name,
		evidence: sources.map(source => quoteBlind(context, source)),
	};
}

function watchedMachines(context: FindingContext): Watched[] {
	const {cluster, target, now} = context;
	const endpoints = etcdNodes(cluster, target, now);
	const sources = new Map<string, SourceId[]>();
	for (const {name, member, etcd} of machines(cluster, target, now)) {
		// etcd's address may be another address of the same machine.
		const all = sources.get(name) ?? [];
		const endpoint = endpoints.find(one => etcd !== undefined && one.name === etcd)?.endpoint;
		sources.set(name, [
			...all,
			`vip:${name}`,
			`units:${name}`,
			`haproxy:${name}`,
			...(member === undefined ? [] : [`patroni:${member}` as const]),
			...(endpoint === undefined ? [] : [`etcd:${endpoint}` as const]),
		]);
	}

	const answering = serversThatAnswer(context);
	return [...sources].map(([name, all]) => watched(context, name, [...new Set(all)], answering.has(name)));
}

function watched(
	{cluster, now}: FindingContext,
	name: string,
	all: readonly SourceId[],
	isServing: boolean,
): Watched {
	const known = all.flatMap(source => {
		const status = cluster.sourceStatuses.get(source);
		return status === undefined ? [] : [{source, status}];
	});
	const tried = known.filter(({status}) => status.state !== 'connecting');
	const heard = tried.flatMap(({status}) => {
		const at = status.state === 'seen' ? status.at : status.state === 'lost' ? status.seenAt : undefined;
		return at === undefined ? [] : [at];
	});
	const heardAt = heard.length === 0 ? undefined : Math.max(...heard);
	// One kind of access alone (SSH, REST) may be lost for a reason of its own.
	const ways = new Set(tried.map(({source}) => wayOf(source)));
	const isSilent =
		!isServing &&
		ways.size > 1 &&
		(heardAt !== undefined || tried.length === known.length) &&
		tried.every(({source, status}) => !isFresh(status, source, now) && !isOurs(status, source, now));
	return {name, sources: tried.map(({source}) => source), isSilent, heardAt};
}

/** Kind of access to the machine: addresses and units are both read over SSH. */
function wayOf(source: SourceId): string {
	const kind = kindOf(source);
	return kind === 'units' ? 'vip' : kind;
}

/** Machines whose PostgreSQL answers the probe now: they are up, even if other sources are lost. */
function serversThatAnswer({cluster, target, now}: FindingContext): Set<string> {
	return new Set(
		[...cluster.probes.values()].flatMap(probe =>
			probe.answer === undefined || probe.failing !== undefined || !isProbeFresh(probe, now)
				? []
				: (nodeOfAnswer(cluster, target, probe.answer) ?? []),
		),
	);
}
