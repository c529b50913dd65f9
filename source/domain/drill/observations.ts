/** Records what is measured from events: leader, VIP holder, outages, missing redundancy. */
import type {Cluster} from '../cluster/cluster.ts';
import {isFresh} from '../cluster/freshness.ts';
import {leaderKey} from '../cluster/keys.ts';
import type {LeaderChange} from '../cluster/loss.ts';
import {type Machine, machines} from '../cluster/members.ts';
import {
	foldProbes,
	type LongWaitMs,
	type Outage,
	ongoingOutage,
	type Probes,
	probeSilenceMs,
	ranMs,
} from '../cluster/probe.ts';
import {nodeOfAnswer, vipView} from '../cluster/vip.ts';
import type {Event, Stamped} from '../events.ts';
import type {ProbeAnswer} from '../facts.ts';
import {sourcesOf} from '../operations/progress/machine.ts';
import type {Target} from '../target.ts';
import {missingRedundancy} from './preconditions.ts';

export type Change<T> = {at: number; value: T};

/** A time in which the console itself did not run, Unix ms. */
export type ConsoleStall = {from: number; to: number};

/**
 * The VIP came to a node or left it. `exact`: the change itself was seen; otherwise `at` is when the VIP was first or
 * last seen there.
 */
export type VipStep = {at: number; node: string; kind: 'came' | 'left'; exact: boolean};

/** A machine that no source gets an answer from. `since`: its last answer, Unix ms. */
export type Absence = {node: string; since: number; until: number | undefined};

/** The parts of the state that are observed. */
export type ObservedState = {cluster: Cluster; target: Target};

/** Longer than the interval of a probe. */
const drillWaitMs: LongWaitMs = {write: 250, query: 450};

/** A holder that is unknown. */
export const outOfSight = '?';

export class Observations {
	/** Changes of the leader; undefined without a leader. */
	readonly leader: Change<string | undefined>[] = [];
	/** Watched nodes that hold the VIP; `outOfSight` if a node without fresh data may hold it. */
	readonly holders: Change<string>[] = [];
	readonly vip: VipStep[] = [];
	/** Write outages that have ended; read outages for a probe that only queries. */
	readonly outages: Outage[] = [];
	readonly absences: Absence[] = [];
	/** What each change of leader has cost, by the number of the change. */
	readonly changes = new Map<number, LeaderChange>();
	readonly missing: Change<readonly string[]>[] = [];
	/** What happened during a stall becomes known only after it. */
	readonly stalls: ConsoleStall[] = [];
	/** Number of acknowledged writes; of answers if the probe does not write. */
	acknowledged = 0;
	writes = false;
	/** The numbers of acknowledged writes that have one. */
	readonly numbers = new Set<number>();
	/** The last acknowledgement of each server, by address and start: at a VIP, all have the same address. */
	readonly #byServer = new Map<string, {answer: ProbeAnswer; at: number}>();
	/** The probe of the write port. */
	#probes: Probes = new Map();
	/** Time of the last event of any kind. A running console has one a second, the tick. */
	#lastEvent = 0;
	/** The console did not run for a while after the probe's last report. */
	#stopped = false;

	/** Records one event, with the state before and after it. */
	take(before: ObservedState, after: ObservedState, {at, event}: Stamped): void {
		this.#stopped ||= at - this.#lastEvent > probeSilenceMs;
		this.#lastEvent = at;
		const {leaders} = after.cluster;
		if (leaders !== undefined && leaders.changes !== before.cluster.leaders?.changes) {
			for (const change of leaders.changes) {
				this.changes.set(change.id, change);
			}
		}

		if (event.type === 'probe.answered' || event.type === 'probe.failed') {
			this.#takeProbe(event, after.target, at);
			return;
		}

		if (event.type === 'history.outage') {
			const {from, to, leastMs, reason} = event.outage;
			this.outages.push({
				port: after.target.probe?.ports.write ?? 0,
				write: true,
				from: from[0],
				to: to?.[1],
				reason,
				atLeast: leastMs,
			});
			return;
		}

		if (event.type === 'console.stalled') {
			this.#stall(event, after.target, at);
			return;
		}

		const isTick = event.type === 'tick';
		if (before.cluster !== after.cluster || isTick) {
			this.#leads(before.cluster, after.cluster, at);
			if (isTick || ('source' in event && event.source.startsWith('vip:'))) {
				this.#vip(before, after, at);
			}

			this.#absent(before, after, event, at);
			this.#whole(before, after, isTick, at);
		}
	}

	get ongoingOutage(): Outage | undefined {
		const [probe] = this.#probes.values();
		return probe && ongoingOutage(probe);
	}

	#stall(event: Event & {type: 'console.stalled'}, target: Target, at: number): void {
		const {milliseconds, port, brief} = event;
		if (port === undefined) {
			if (brief) {
				return;
			}

			this.stalls.push({from: at - milliseconds, to: at});
		} else if (port === target.probe?.ports.write) {
			this.#probes = foldProbes(this.#probes, event, at, drillWaitMs);
		}
	}

	/** Time of the last acknowledgement by the machine's PostgreSQL, Unix ms; 0 if there was none. */
	#lastAcknowledgement({name, member}: Machine, cluster: Cluster, target: Target): number {
		const isThere = (node: string | undefined) => node !== undefined && (node === name || node === member);
		return Math.max(
			0,
			...[...this.#byServer.values()]
				.filter(({answer}) => isThere(nodeOfAnswer(cluster, target, answer)))
				.map(({at}) => at),
		);
	}

	#takeProbe(event: Event & {type: `probe.${string}`}, target: Target, at: number): void {
		if (event.purpose !== 'write' || event.port !== target.probe?.ports.write) {
			return;
		}

		// Nothing is known of the time in which the console was stopped.
		const before: Probes = this.#stopped ? new Map() : this.#probes;
		this.#stopped = false;
		this.#probes = foldProbes(before, event, at, drillWaitMs);
		if (event.type === 'probe.failed') {
			return;
		}

		const probe = this.#probes.get(event.port);
		const acknowledged = probe?.answer?.at ?? at;
		const [outage] = probe?.outages ?? [];
		const isNew = outage !== undefined && !before.get(event.port)?.outages.includes(outage);
		// A single failed attempt is not an outage: the next attempt follows at once.
		if (
			isNew &&
			outage.to !== undefined &&
			ranMs(outage, outage.to) > drillWaitMs[outage.write ? 'write' : 'query']
		) {
			this.outages.push(outage);
		}

		this.acknowledged++;
		this.writes ||= event.write;
		if (event.number !== undefined) {
			this.numbers.add(event.number);
		}

		this.#byServer.set(`${event.server} ${event.serverStartedAt}`, {answer: event, at: acknowledged});
	}

	#leads(before: Cluster, after: Cluster, at: number): void {
		if (after.read === undefined || (before.keys === after.keys && this.leader.length > 0)) {
			return;
		}

		change(this.leader, at, leaderKey(after)?.member);
	}

	#vip(before: ObservedState, after: ObservedState, at: number): void {
		const {target, cluster} = after;
		if (target.vip === undefined) {
			return;
		}

		if (
			before.cluster.addresses !== cluster.addresses ||
			before.cluster.sourceStatuses !== cluster.sourceStatuses
		) {
			for (const node of cluster.addresses.keys()) {
				this.#vipOn(node, before.cluster, after, at);
			}
		}

		const {holders, blind, state} = vipView(cluster, target, at);
		const seen = holders.filter(one => one.sees).map(({node}) => node);
		const isUnknown = seen.length === 0 && (blind.length > 0 || state === 'elsewhere');
		change(this.holders, at, isUnknown ? outOfSight : seen.join(', '));
	}

	#vipOn(node: string, before: Cluster, {cluster, target}: ObservedState, at: number): void {
		const has = (of: Cluster) => of.addresses.get(node)?.value.some(({ip}) => ip === target.vip);
		const [had, now] = [has(before), has(cluster)];
		const sight = before.sourceStatuses.get(`vip:${node}`);
		const is = cluster.sourceStatuses.get(`vip:${node}`);
		if (had === false && now === true) {
			this.vip.push({at, node, kind: 'came', exact: sight?.state === 'seen'});
		} else if (had === true && now === false && sight?.state === 'seen') {
			this.vip.push({at, node, kind: 'left', exact: true});
		} else if (had === true && sight?.state === 'seen' && is?.state === 'lost') {
			this.vip.push({at: is.seenAt ?? at, node, kind: 'left', exact: false});
		}
	}

	#absent(before: ObservedState, {cluster, target}: ObservedState, event: Event, at: number): void {
		if (before.cluster.sourceStatuses === cluster.sourceStatuses && event.type !== 'tick') {
			return;
		}

		const gone = this.absences.filter(({until}) => until === undefined);
		if (event.type !== 'source.lost' && gone.length === 0) {
			return;
		}

		for (const machine of machines(cluster, target, at)) {
			const sources = sourcesOf(machine, cluster, target, at);
			const blind = sources.filter(source => !isFresh(cluster.sourceStatuses.get(source), source, at));
			const absence = gone.find(({node}) => node === machine.name);
			const isGone = sources.length > 0 && blind.length === sources.length;
			if (isGone && absence === undefined) {
				this.absences.push({
					node: machine.name,
					since: this.#lastSign(machine, cluster, target, at),
					until: undefined,
				});
			} else if (absence !== undefined && blind.length < sources.length) {
				absence.until = at;
			}
		}
	}

	#lastSign(machine: Machine, cluster: Cluster, target: Target, at: number): number {
		const signs = sourcesOf(machine, cluster, target, at).map(source => {
			const sight = cluster.sourceStatuses.get(source);
			return (sight?.state === 'lost' ? sight.seenAt : sight?.state === 'seen' ? sight.at : undefined) ?? 0;
		});
		return Math.max(0, ...signs, this.#lastAcknowledgement(machine, cluster, target)) || at;
	}

	/**
	 * Checked at each tick and at each change of a key; while something is missing, also when an answer may end that.
	 */
	#whole(before: ObservedState, {cluster, target}: ObservedState, isTick: boolean, at: number): void {
		const last = this.missing.at(-1);
		const isNews =
			before.cluster.keys !== cluster.keys ||
			before.cluster.haproxy !== cluster.haproxy ||
			before.cluster.patroni !== cluster.patroni ||
			before.cluster.addresses !== cluster.addresses;
		const isWhole = last?.value.length === 0;
		if (!isTick && !(isNews && (!isWhole || before.cluster.keys !== cluster.keys))) {
			return;
		}

		const now = missingRedundancy({cluster, target, now: at});
		if (last === undefined || last.value.join('\n') !== now.join('\n')) {
			this.missing.push({at, value: now});
		}
	}
}

function change<T>(changes: Change<T>[], at: number, value: T): void {
	const last = changes.at(-1);
	if (last === undefined || last.value !== value) {
		changes.push({at, value});
	}
}
