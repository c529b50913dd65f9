/**
 * Interruptions of writes that follow from logs alone: how long at least, and within which bounds. Pure.
 *
 * Writes need three things: a primary that runs, a node that has the VIP, and a HAProxy there that sends to the primary.
 * A line that ends one of them is certain from then on; the last moment at which all was well is the last loop of Patroni's
 * in which the leader renewed its key. So an interruption lies between bounds, not between moments.
 */
import {describeEvent, writeBackend} from './kinds.ts';
import type {LogEvent} from './said.ts';

export type OutageBounds = {
	/** The earliest and the latest moment at which it can have begun, Unix ms. */
	from: readonly [number, number];
	/** The earliest and the latest moment at which it can have ended; undefined: no line says that it has. */
	to: readonly [number, number] | undefined;
	/** Time in which writes were certainly impossible, ms. */
	leastMs: number;
	/** The first line that shows it. */
	reason: string;
};

/** At most this long, ms; undefined while it lasts. */
export function mostMs({from, to}: OutageBounds): number | undefined {
	return to === undefined ? undefined : to[1] - from[0];
}

/** A loop that ends sooner after the repair may have begun before it, and clients need a moment to come back, ms. */
const settledMs = 3000;

type Need = 'primary' | 'vip' | 'route';

type Episode = {
	/** Lower bound of the begin. */
	earliest: number;
	/** The first certain line. */
	certain: number | undefined;
	reason: string;
	uncertainMs: number;
	leastMs: number;
	/** When the last missing thing came back. */
	restoredAt: number | undefined;
};

export class OutageFinder {
	readonly #isWriteBackend: (name: string) => boolean;
	/** The primary that runs, as far as the logs say. */
	#writer: string | undefined;
	readonly #holders = new Set<string>();
	/** Nodes whose PostgreSQL's log was read. */
	readonly #withPostgres = new Set<string>();
	/** What is certainly missing now. */
	readonly #missing = new Set<Need>();
	/** The line since which something has been missing without a break. */
	#missingSince: LogEvent | undefined;
	/** The last moment at which the leader was certainly well. */
	#okAt: number | undefined;
	#episode: Episode | undefined;
	readonly #found: OutageBounds[] = [];

	/** @param backend HAProxy's backend for writes; undefined: one whose name says so */
	constructor(backend: string | undefined) {
		this.#isWriteBackend = name => (backend === undefined ? writeBackend.test(name) : name === backend);
	}

	/** Those that have ended, the oldest first. */
	get found(): readonly OutageBounds[] {
		return this.#found;
	}

	/** All, the last one perhaps without an end. */
	close(): readonly OutageBounds[] {
		const episode = this.#episode;
		return episode === undefined || episode.certain === undefined
			? this.#found
			: [...this.#found, boundsOf(episode, undefined)];
	}

	/** What was taken up to now is only how things were: an interruption in it is none of this time. */
	begin(): void {
		this.#episode = undefined;
		this.#missing.clear();
	}

	/** @param event in the order of time. @returns the interruption that ends with it */
	take(event: LogEvent): OutageBounds | undefined {
		const {said, node} = event;
		if (said.kind.startsWith('postgres.')) {
			this.#withPostgres.add(node);
		}

		switch (said.kind) {
			case 'patroni.leads': {
				// With a reason, it has the key, and its PostgreSQL takes no writes yet.
				return said.why === undefined ? this.#confirm(event) : undefined;
			}

			case 'patroni.promoted': {
				// The former primary cannot commit any more, whatever became of it.
				if (this.#writer !== undefined && this.#writer !== node) {
					this.#lose('primary', event);
				}

				return undefined;
			}

			case 'postgres.ready': {
				this.#writer = node;
				this.#gain('primary', event);
				return undefined;
			}

			case 'postgres.stop-requested':
			case 'postgres.stopped':
			case 'postgres.crashed':
			case 'postgres.panic':
			case 'postgres.starting':
			case 'patroni.demoted':
			case 'patroni.starts-postgres': {
				if (node === this.#writer && said.why !== 'smart') {
					this.#lose('primary', event);
				}

				return undefined;
			}

			case 'node.silent': {
				if (node === this.#writer || this.#holders.has(node)) {
					this.#suspect(event);
				}

				// When it died after its last line is not known.
				this.#holders.delete(node);
				return undefined;
			}

			case 'kernel.boot': {
				this.#holders.delete(node);
				return undefined;
			}

			case 'unit.oom-kill':
			case 'kernel.oom-kill':
			case 'patroni.dcs-lost':
			case 'patroni.lock-lost':
			case 'kernel.link-down': {
				if (node === this.#writer || this.#holders.has(node)) {
					this.#suspect(event);
				}

				return undefined;
			}

			case 'vrrp.rival': {
				// Two nodes answer for one address: who is reached is not known.
				this.#holders.add(node);
				this.#suspect(event);
				return undefined;
			}

			case 'vrrp.master':
			case 'vip.added': {
				this.#holders.add(node);
				this.#gain('vip', event);
				return undefined;
			}

			case 'vrrp.backup':
			case 'vrrp.fault':
			case 'vrrp.stopped':
			case 'vip.removed': {
				if (this.#holders.delete(node) && this.#holders.size === 0) {
					this.#lose('vip', event);
				}

				return undefined;
			}

			case 'unit.failed': {
				// The address stays where it is, without anyone who watches it.
				if (this.#holders.has(node)) {
					this.#suspect(event);
				}

				return undefined;
			}

			case 'haproxy.no-server': {
				if (this.#holders.has(node) && this.#isWriteBackend(said.backend ?? '')) {
					this.#lose('route', event);
				}

				return undefined;
			}

			case 'haproxy.server-up': {
				if (this.#holders.has(node) && this.#isWriteBackend(said.backend ?? '')) {
					this.#gain('route', event);
				}

				return undefined;
			}

			case 'haproxy.stopped': {
				if (this.#holders.has(node)) {
					this.#suspect(event);
				}

				return undefined;
			}

			default: {
				return undefined;
			}
		}
	}

	/** The leader is well; an interruption whose repair is long enough ago has ended. */
	#confirm(event: LogEvent): OutageBounds | undefined {
		const {node, at, uncertainMs} = event;
		const episode = this.#episode;
		if (episode === undefined) {
			this.#writer = node;
			this.#okAt = at - uncertainMs;
			return undefined;
		}

		// A leader promotes for a while before its PostgreSQL takes writes, which PostgreSQL's own log says, where it is read.
		if (this.#missing.has('primary') && !this.#withPostgres.has(node)) {
			this.#missing.delete('primary');
			episode.restoredAt ??= episode.certain;
		}

		this.#writer = node;
		if (
			// With several holders of the VIP it is not known whom clients reach.
			this.#holders.size > 1 ||
			this.#missing.size > 0 ||
			at - (episode.restoredAt ?? episode.certain ?? episode.earliest) < settledMs
		) {
			return undefined;
		}

		this.#episode = undefined;
		this.#okAt = at - uncertainMs;
		const bounds = boundsOf(episode, at + Math.max(uncertainMs, episode.uncertainMs));
		this.#found.push(bounds);
		return bounds;
	}

	/** Writes may be impossible from here on, or may have been before. */
	#suspect(event: LogEvent): Episode {
		const {at, uncertainMs} = event;
		this.#episode ??= {
			earliest: Math.min(this.#okAt ?? at - uncertainMs, at - uncertainMs),
			certain: undefined,
			reason: describeEvent(event),
			uncertainMs,
			leastMs: 0,
			restoredAt: undefined,
		};
		return this.#episode;
	}

	#lose(need: Need, event: LogEvent): void {
		const episode = this.#suspect(event);
		if (this.#missing.size === 0) {
			episode.certain ??= event.at;
			this.#missingSince = event;
		}

		episode.uncertainMs = Math.max(episode.uncertainMs, event.uncertainMs);
		this.#missing.add(need);
	}

	#gain(need: Need, event: LogEvent): void {
		const episode = this.#episode;
		const first = this.#missingSince;
		if (!this.#missing.delete(need) && episode === undefined) {
			return;
		}

		if (episode !== undefined && this.#missing.size === 0) {
			episode.leastMs += first === undefined ? 0 : certainMs(first, event);
			episode.restoredAt = event.at;
			episode.uncertainMs = Math.max(episode.uncertainMs, event.uncertainMs);
		}
	}
}

/** Time between two lines, ms; of one node, whose clock is right or wrong for both, without uncertainty. */
function certainMs(from: LogEvent, to: LogEvent): number {
	return Math.max(0, to.at - from.at - (from.node === to.node ? 0 : from.uncertainMs + to.uncertainMs));
}

function boundsOf(
	{earliest, certain, reason, uncertainMs, leastMs, restoredAt}: Episode,
	end: number | undefined,
): OutageBounds {
	const begunBy = (certain ?? end ?? earliest) + uncertainMs;
	return {
		from: [earliest, Math.max(earliest, begunBy)],
		to:
			end === undefined
				? undefined
				: [Math.min(end, Math.max(earliest, (restoredAt ?? earliest) - uncertainMs)), end],
		leastMs,
		reason,
	};
}
