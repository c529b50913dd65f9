/**
 * Turns what programs report in their logs into the facts that live sources would have reported: each member's answer,
 * its view of the cluster, the nodes' addresses and services. Pure: the same lines give the same facts.
 */
import type {ListedMember} from '../cluster/cluster-view.ts';
import {unitOn, vipsOf} from '../cluster/roles.ts';
import {type Service, type ServiceUnit, serviceIds} from '../cluster/services.ts';
import type {Fact, Past} from '../events.ts';
import type {Address, Replication} from '../facts.ts';
import type {Target} from '../target.ts';
import {logMark} from './entries.ts';
import {ownMember} from './members.ts';
import {memberAfter, type RememberedMember, statusOf, urlOf, viewOf} from './remembered-member.ts';
import type {LogEvent, Said} from './said.ts';

/** An event at its time, Unix ms. */
export type Reconstructed = {at: number; event: Fact | Past};

/** Between two loops of Patroni's (`loop_wait`, 10 s), and a slow one, what it said last holds, ms. */
const loopHoldsMs = 16_000;

export class Reconstruction {
	readonly #target: Target;
	readonly #members = new Map<string, RememberedMember>();
	readonly #addresses = new Map<string, readonly Address[]>();
	readonly #units = new Map<string, ReadonlyMap<Service, ServiceUnit>>();
	/** Until when each node's logs were read without a break, Unix ms. */
	readonly #covered: (node: string, at: number) => number;

	/** @param covered end of the part of the node's logs that `at` is in, Unix ms */
	constructor(target: Target, covered: (node: string, at: number) => number) {
		this.#target = target;
		this.#covered = covered;
	}

	/** The facts of one line, and the line itself. */
	take(event: LogEvent): Reconstructed[] {
		const {at} = event;
		const facts = this.#factsOf(event);
		const log = logMark(event);
		return [
			...facts.map(fact => ({at, event: {...fact, log}})),
			{at, event: {type: 'history.said' as const, event}},
		];
	}

	/** The node's logs end here: nothing is known of it until they begin again. */
	lose(node: string, at: number, reason: string): Reconstructed[] {
		const member = this.#memberOn(node);
		const sources = [
			...(this.#addresses.has(node) ? [`vip:${node}` as const] : []),
			...(this.#units.has(node) ? [`units:${node}` as const] : []),
			...(member === undefined ? [] : [`patroni:${member.name}` as const, viewOf(member)]),
		];
		// After a boot its addresses and services are new.
		this.#addresses.delete(node);
		this.#units.delete(node);
		if (member !== undefined) {
			this.#members.set(member.name, {...member, state: 'unknown', role: 'replica', streams: undefined});
		}

		return sources.map(source => ({at, event: {type: 'source.lost', source, reason, code: 'silent'}}));
	}

	#factsOf(event: LogEvent): Fact[] {
		const {node, said, service, at} = event;
		switch (said.kind) {
			case 'vrrp.master': {
				return this.#withVips(node, at, this.#vipsOf(service), true);
			}

			case 'vrrp.backup':
			case 'vrrp.fault':
			case 'vrrp.stopped': {
				return this.#withVips(node, at, this.#vipsOf(service), false);
			}

			case 'vip.added':
			case 'vip.removed': {
				const ip = said.object?.replace(/\/.*$/, '');
				const known = vipsOf(this.#target).flatMap(({address}) => (address === ip ? [address] : []));
				return this.#withVips(node, at, known, said.kind === 'vip.added');
			}

			case 'unit.started':
			case 'unit.stopping':
			case 'unit.stopped':
			case 'unit.failed':
			case 'unit.restarting': {
				return this.#withUnit(event);
			}

			default: {
				return this.#withMember(event);
			}
		}
	}

	/** The VIPs that this manager moves; a line that does not name one is of all of them. */
	#vipsOf(service: string): readonly string[] {
		return vipsOf(this.#target).flatMap(({address, manager}) =>
			manager === service || (manager === 'other' && service === 'keepalived') ? [address] : [],
		);
	}

	#withVips(node: string, at: number, ips: readonly string[], isThere: boolean): Fact[] {
		if (ips.length === 0) {
			return [];
		}

		const before = this.#addresses.get(node);
		const others = (before ?? []).filter(({ip}) => !ips.includes(ip));
		const now = isThere ? [...others, ...ips.map(ip => ({ip, interface: ''}))] : others;
		this.#addresses.set(node, now);
		const source = `vip:${node}` as const;
		return [
			{type: 'addresses.snapshot', source, node, addresses: now},
			{type: 'source.alive', source, until: this.#covered(node, at)},
		];
	}

	#withUnit({node, said, service, at}: LogEvent): Fact[] {
		const name = serviceIds.find(
			one => one === service || this.#unitName(node, one) === said.object || one === said.object,
		);
		if (name === undefined) {
			return [];
		}

		const states: Readonly<Record<string, readonly [string, string]>> = {
			'unit.started': ['active', 'running'],
			'unit.stopping': ['deactivating', 'stop-sigterm'],
			'unit.stopped': ['inactive', 'dead'],
			'unit.failed': ['failed', 'failed'],
			'unit.restarting': ['activating', 'auto-restart'],
		};
		const [active, sub] = states[said.kind] ?? ['inactive', 'dead'];
		const before = this.#units.get(node) ?? new Map<Service, ServiceUnit>();
		const unit: ServiceUnit = {
			service: name,
			unit: this.#unitName(node, name),
			load: 'loaded',
			active,
			sub,
			invocationId: active === 'active' ? `log-${at}` : (before.get(name)?.invocationId ?? ''),
			since: at,
			pid: said.pid ?? 0,
			restarts: (before.get(name)?.restarts ?? 0) + (said.kind === 'unit.restarting' ? 1 : 0),
		};
		const units = new Map(before).set(name, unit);
		this.#units.set(node, units);
		const source = `units:${node}` as const;
		// What stops or fails was running, though no line of this time says so.
		const ran =
			before.has(name) || said.kind === 'unit.started' || said.kind === 'unit.restarting'
				? []
				: [...before.values(), {...unit, active: 'active', sub: 'running', since: undefined}];
		return [
			...(ran.length === 0 ? [] : [{type: 'units.snapshot' as const, source, node, units: ran}]),
			{type: 'units.snapshot', source, node, units: [...units.values()]},
			{type: 'source.alive', source, until: this.#covered(node, at)},
		];
	}

	#unitName(node: string, service: Service): string {
		const name = unitOn(this.#target, node, service);
		return name.endsWith('.service') ? name : `${name}.service`;
	}

	#withMember(event: LogEvent): Fact[] {
		const {node, said, service, at} = event;
		if (service !== 'patroni' && service !== 'postgresql') {
			return [];
		}

		const known = this.#memberOn(node) ?? this.#newMember(event);
		const before = {...known, name: ownMember(event) ?? known.name};
		const after = memberAfter(before, said, at);
		if (after === undefined) {
			return [];
		}

		const isRenamed = known.name !== after.name && this.#members.delete(known.name);
		this.#members.set(after.name, after);
		const until = Math.min(at + loopHoldsMs, this.#covered(node, at));
		return [
			...(isRenamed ? [{type: 'source.closed' as const, source: `patroni:${known.name}` as const}] : []),
			{
				type: 'patroni.status',
				source: `patroni:${after.name}`,
				member: after.name,
				status: statusOf(after, at, this.#standbys(after)),
			},
			{type: 'source.alive', source: `patroni:${after.name}`, until},
			...this.#viewOf(after, until),
			...this.#readByAll(after, said, at),
		];
	}

	#viewOf(member: RememberedMember, until: number): Fact[] {
		return member.dcsAt === undefined
			? []
			: [
					{
						type: 'cluster.seen',
						source: viewOf(member),
						view: {members: this.#listed(member), pause: false, scheduled: undefined},
					},
					{type: 'source.alive', source: viewOf(member), until},
				];
	}

	/** The key changed for all: what another member read before does not hold any more. */
	#readByAll(by: RememberedMember, said: Said, at: number): Fact[] {
		const isReleased = said.kind === 'patroni.lock-lost' && said.why === 'Leader key released';
		if (!isReleased && said.kind !== 'patroni.promoted') {
			return [];
		}

		return [...this.#members.values()].flatMap(one => {
			if (one.name === by.name || one.dcsAt === undefined) {
				return [];
			}

			const now = {...one, leader: isReleased ? undefined : by.name};
			this.#members.set(one.name, now);
			return this.#viewOf(now, Math.min(at + loopHoldsMs, this.#covered(one.node, at)));
		});
	}

	/** Who streams from this member, as a leader lists them. */
	#standbys({name, role}: RememberedMember): Replication[] {
		return role === 'primary'
			? [...this.#members.values()].flatMap(one =>
					one.name !== name && one.streams === true && one.leader === name
						? [{application: one.name, address: one.host, state: 'streaming', syncState: ''}]
						: [],
				)
			: [];
	}

	#memberOn(node: string): RememberedMember | undefined {
		return [...this.#members.values()].find(one => one.node === node);
	}

	/** Patroni names its member in the line of each loop; before it, the member has the node's name. */
	#newMember({node}: LogEvent): RememberedMember {
		const host = this.#target.nodes.find(({name}) => name === node)?.host ?? node;
		return {
			name: node,
			node,
			host,
			role: 'replica',
			state: 'unknown',
			timeline: undefined,
			leader: undefined,
			streams: undefined,
			dcsAt: undefined,
		};
	}

	/** All members as this one lists them, by what each is known to be. */
	#listed(by: RememberedMember): ListedMember[] {
		return [...this.#members.values()].map(one => ({
			name: one.name,
			role: one.name === by.leader ? 'leader' : 'replica',
			data: {
				host: one.host,
				port: undefined,
				apiUrl: urlOf(one),
				state: one.state,
				role: one.role,
				version: undefined,
				timeline: one.timeline,
				location: undefined,
				replicationState: one.streams ? 'streaming' : undefined,
				pendingRestart: false,
				pendingRestartReason: {},
				scheduledRestart: undefined,
				tags: {},
				pause: false,
			},
		}));
	}
}
