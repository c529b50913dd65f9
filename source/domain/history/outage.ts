/**
 * Interruptions of writes that follow from logs alone: how long at least, and within which bounds. Pure.
 *
 * Writes need three things: a primary that runs, a node that has the VIP, and a HAProxy there that sends to the primary.
 * A line that ends one of them is certain from then on; the last moment at which all was well is the last loop of Patroni's
 * in which the leader renewed its key. So an interruption lies between bounds, not between moments.
 */
import {describeEvent, writeBackend} from './kinds.ts';
import {boundsOf, certainMs, type Episode, type OutageBounds} from './outage-bounds.ts';
import type {LogEvent} from './said.ts';
import {SynchronousWaits, takenOutMs, type Wait} from './synchronous.ts';

/** A loop that ends sooner after the repair may have begun before it, and clients need a moment to come back, ms. */
const settledMs = 3000;

/** Why a leader gives up without haste. */
const orderly = /^(?:graceful|switchover|failover|manual failover)$/;

/** A client's write failed on a full disk: not a file of a query's own, of statistics, or of a slot. */
const failedWrite =
	/^could not (?:extend file|write block|write to log file|(?:create|open|write to|fsync) file "(?!base\/pgsql_tmp|pg_stat|pg_replslot|pg_logical))/;

function isOfHaproxy({said, service}: LogEvent): boolean {
	return (
		said.kind.startsWith('haproxy.') || service === 'haproxy' || said.object?.startsWith('haproxy') === true
	);
}

type Need = 'primary' | 'vip' | 'route';

export class OutageFinder {
	readonly #isWriteBackend: (name: string) => boolean;
	/** A line of HAProxy on the primary's servers was read. */
	#isRouteRead = false;
	/** The primary that runs, as far as the logs say. */
	#writer: string | undefined;
	readonly #holders = new Set<string>();
	/** A node has had the VIP: without one no client arrives. */
	#isHeld = false;
	/** Nodes whose HAProxy has no server for writes, whether they have the VIP or not. */
	readonly #routeless = new Set<string>();
	/** Nodes whose HAProxy has stopped. */
	readonly #stopped = new Set<string>();
	/** Nodes whose link is down, with the time; a loop of their Patroni later shows that they reach the others. */
	readonly #cut = new Map<string, number>();
	/** When each node's Patroni last reached the DCS. */
	readonly #reachedAt = new Map<string, number>();
	/** Nodes whose PostgreSQL's log was read. */
	readonly #withPostgres = new Set<string>();
	/** What is certainly missing now. */
	readonly #missing = new Set<Need>();
	/** The line since which something has been missing without a break. */
	#missingSince: LogEvent | undefined;
	/** The first line of the time that is asked for. */
	#firstAt: number | undefined;
	/** The last moment at which the leader was certainly well. */
	#okAt: number | undefined;
	readonly #waits = new SynchronousWaits();
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

	/** All, the last one perhaps without an end, and perhaps none. */
	close(): readonly OutageBounds[] {
		const episode = this.#episode;
		return episode === undefined ? this.#found : [...this.#found, this.#bounds(episode, undefined)];
	}

	/** What was taken up to now is only how things were: an interruption in it, ended or not, is none of this time. */
	begin(): void {
		this.#forget();
		this.#found.length = 0;
		this.#firstAt = undefined;
		this.#waits.begin();
		// A loop that left a doubt then says as well as any other that the leader had its key.
		this.#okAt = this.#writer === undefined ? undefined : this.#reachedAt.get(this.#writer);
	}

	/** @param event in the order of time. @returns the interruption that ends with it */
	take(event: LogEvent): OutageBounds | undefined {
		const {said, node} = event;
		this.#isRouteRead ||= said.backend !== undefined && this.#isWriteBackend(said.backend);
		if (said.kind.startsWith('postgres.')) {
			this.#withPostgres.add(node);
		}

		this.#firstAt ??= event.at - event.uncertainMs;
		this.#reach(event);
		const waited = this.#waits.take(event, this.#writer, this.#okAt);
		if (waited !== undefined) {
			this.#waitFor(waited, event);
		}

		switch (said.kind) {
			case 'patroni.leads': {
				// With a reason, it has the key, and its PostgreSQL takes no writes yet.
				if (said.why === undefined) {
					return this.#confirm(event);
				}

				if (said.why === 'standby leader') {
					// A standby cluster takes no writes at all: none are interrupted.
					this.#writer = undefined;
					this.#forget();
				}

				return undefined;
			}

			case 'patroni.promoted': {
				// The former primary cannot commit any more, whatever became of it.
				if (this.#writer !== node) {
					const isKnown = this.#writer !== undefined;
					this.#lose('primary', event);
					if (!isKnown && this.#episode !== undefined) {
						// No line says who it was: it may have been gone from the first line on.
						this.#episode.earliest = Math.min(this.#episode.earliest, this.#firstAt ?? event.at);
					}
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
			case 'postgres.starting': {
				if (node === this.#writer && said.why !== 'smart') {
					this.#lose('primary', event);
				}

				return undefined;
			}

			case 'postgres.disk-full': {
				if (node === this.#writer && failedWrite.test(said.why ?? '')) {
					this.#suspect(event);
				}

				return undefined;
			}

			case 'patroni.starts-postgres': {
				// Patroni says so when PostgreSQL may take writes already: its own log, where it is read, says when.
				if (node === this.#writer && !this.#withPostgres.has(node)) {
					this.#lose('primary', event);
				}

				return undefined;
			}

			case 'patroni.demoted': {
				if (node !== this.#writer) {
					return undefined;
				}

				// Before it stops for a switchover it takes writes during a whole checkpoint; PostgreSQL says when it stops.
				if (orderly.test(said.why ?? '')) {
					this.#suspect(event);
				} else {
					this.#lose('primary', event);
				}

				return undefined;
			}

			case 'patroni.restarts': {
				if (node === this.#writer) {
					this.#suspect(event);
				}

				return undefined;
			}

			case 'unit.oom-kill':
			case 'kernel.oom-kill':
			case 'patroni.dcs-lost':
			case 'patroni.lock-lost': {
				this.#suspectOf(event);
				return undefined;
			}

			case 'kernel.link-down': {
				this.#cut.set(node, event.at);
				this.#suspectOf(event);
				return undefined;
			}

			case 'kernel.link-up': {
				this.#clear(this.#cut, event);
				return undefined;
			}

			case 'node.silent':
			case 'kernel.boot': {
				if (said.kind === 'node.silent') {
					this.#suspectOf(event);
				}

				// Its address, and what its programs said before, went with it.
				for (const known of [this.#holders, this.#routeless, this.#stopped, this.#cut]) {
					known.delete(node);
				}

				return undefined;
			}

			case 'vrrp.rival': {
				// Two nodes answer for one address: who is reached is not known.
				this.#hold(node);
				this.#suspect(event);
				return undefined;
			}

			case 'vrrp.master':
			case 'vip.added': {
				const others = [...this.#holders].filter(one => one !== node);
				if (others.length > 0) {
					// They have not given it up: clients reached them at most as long as they reached the others.
					const episode = this.#suspect(event);
					const reached = others.map(one => this.#reachedAt.get(one) ?? episode.earliest);
					episode.earliest = Math.min(episode.earliest, ...reached);
				}

				this.#hold(node);
				if (this.#missing.has('vip') && this.#routeless.has(node)) {
					this.#lose('route', event);
				}

				this.#gain('vip', event);
				this.#gainRoute(event);
				return undefined;
			}

			case 'vrrp.backup':
			case 'vrrp.fault':
			case 'vrrp.stopped':
			case 'vip.removed': {
				if (this.#holders.has(node)) {
					this.#clear(this.#holders, event);
					if (this.#holders.size === 0) {
						this.#lose('vip', event);
					}
				}

				return undefined;
			}

			case 'unit.failed':
			case 'unit.stopped':
			case 'haproxy.stopped': {
				const isHaproxy = isOfHaproxy(event);
				if (isHaproxy) {
					this.#stopped.add(node);
				}

				// The address stays where it is, without a program that watches or serves it.
				if (this.#holders.has(node) && (isHaproxy || said.kind === 'unit.failed')) {
					this.#suspect(event);
				}

				return undefined;
			}

			case 'unit.started':
			case 'haproxy.started': {
				if (isOfHaproxy(event)) {
					this.#clear(this.#stopped, event);
				}

				return undefined;
			}

			case 'haproxy.no-server': {
				if (!this.#isWriteBackend(said.backend ?? '')) {
					return undefined;
				}

				this.#routeless.add(node);
				if (this.#holders.has(node)) {
					this.#lose('route', event);
				} else if (!this.#isHeld) {
					// Without a VIP clients may use any of them.
					this.#suspect(event);
				}

				return undefined;
			}

			case 'haproxy.server-up': {
				if (this.#isWriteBackend(said.backend ?? '')) {
					this.#clear(this.#routeless, event);
					this.#gainRoute(event);
				}

				return undefined;
			}

			default: {
				return undefined;
			}
		}
	}

	#forget(): void {
		this.#episode = undefined;
		this.#missing.clear();
		this.#missingSince = undefined;
	}

	#hold(node: string): void {
		this.#holders.add(node);
		this.#isHeld = true;
	}

	/** What stood in the way is over: clients need a moment from here on. */
	#clear(doubts: {delete: (node: string) => boolean}, {node, at}: LogEvent): void {
		if (doubts.delete(node) && this.#episode !== undefined) {
			this.#episode.suspectedAt = Math.max(this.#episode.suspectedAt, at);
		}
	}

	/** A loop of Patroni's shows that its node reaches the DCS. */
	#reach({said, node, at, uncertainMs}: LogEvent): void {
		if ((said.kind === 'patroni.leads' || said.kind === 'patroni.follows') && said.why === undefined) {
			this.#reachedAt.set(node, at - uncertainMs);
			if (at - (this.#cut.get(node) ?? at) >= settledMs) {
				this.#cut.delete(node);
			}
		}
	}

	#bounds(episode: Episode, end: number | undefined): OutageBounds {
		return {...boundsOf(episode, end), ...(this.#isRouteRead ? {} : {isWithoutRoute: true as const})};
	}

	/** Whether clients reach a HAProxy that sends to the primary, as far as the lines say. */
	get #isReached(): boolean {
		const [holder, ...others] = this.#holders;
		if (holder === undefined) {
			return !this.#isHeld && this.#routeless.size === 0;
		}

		// With several holders of the VIP it is not known whom clients reach.
		return (
			others.length === 0 &&
			!this.#routeless.has(holder) &&
			!this.#stopped.has(holder) &&
			!this.#cut.has(holder)
		);
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
			// When it came back is not known: what else is missing is certain from here on only.
			this.#missingSince = this.#missing.size > 0 ? event : undefined;
		}

		this.#writer = node;
		if (
			!this.#isReached ||
			this.#waits.isStarved ||
			this.#missing.size > 0 ||
			at - Math.max(episode.restoredAt ?? episode.certain ?? episode.earliest, episode.suspectedAt) <
				settledMs
		) {
			return undefined;
		}

		this.#episode = undefined;
		this.#okAt = at - uncertainMs;
		const bounds = this.#bounds(episode, at + Math.max(uncertainMs, episode.uncertainMs));
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
			suspectedAt: at,
			leastMs: 0,
			restoredAt: undefined,
		};
		this.#episode.suspectedAt = Math.max(this.#episode.suspectedAt, at);
		return this.#episode;
	}

	/** Commits may have waited for a standby from the first sign on, however well the leader was, until this line. */
	#waitFor({sign, since}: Wait, {node, at, uncertainMs}: LogEvent): void {
		const episode = this.#suspect(sign);
		// Where the standby said nothing, it may have been gone since its last loop.
		const heard = [...this.#reachedAt].flatMap(([one, reached]) =>
			one === node || at - reached > takenOutMs ? [] : [reached],
		);
		episode.earliest = Math.min(episode.earliest, ...(since === undefined ? heard : [since]));
		episode.suspectedAt = Math.max(episode.suspectedAt, at);
		episode.uncertainMs = Math.max(episode.uncertainMs, uncertainMs);
	}

	/** The same, where the line is of the node that takes writes, or has the VIP. */
	#suspectOf(event: LogEvent): void {
		if (event.node === this.#writer || this.#holders.has(event.node)) {
			this.#suspect(event);
		}
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

	#gainRoute(event: LogEvent): void {
		const hasRoute = [...this.#holders].some(one => !this.#routeless.has(one));
		if (hasRoute && this.#missing.has('route')) {
			this.#gain('route', event);
		}
	}

	#gain(need: Need, event: LogEvent): void {
		const episode = this.#episode;
		const wasMissing = this.#missing.delete(need);
		if (episode === undefined) {
			return;
		}

		const first = this.#missingSince;
		if (wasMissing && this.#missing.size === 0 && first !== undefined) {
			episode.leastMs += certainMs(first, event);
			episode.restoredAt = event.at;
			this.#missingSince = undefined;
		}

		episode.suspectedAt = Math.max(episode.suspectedAt, event.at);
		episode.uncertainMs = Math.max(episode.uncertainMs, event.uncertainMs);
	}
}
