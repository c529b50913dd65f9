/** The client's path: comes in through a port of the VIP as a client does, and asks several times a second. */
import {setTimeout as delay} from 'node:timers/promises';
import {reasonOf} from '../../connections/error-reason.ts';
import {type PostgresAccess, PostgresConnection, PostgresError} from '../../connections/postgres.ts';
import type {Event} from '../../domain/events.ts';
import type {ProbePurpose} from '../../domain/facts.ts';
import {ownTime} from '../../lib/own-time.ts';
import {sanitize} from '../../lib/sanitize.ts';

/** From one question to the next, ms; a drill, which is there to measure, looks twice as closely. */
const interval = {drill: 50, write: 100, question: 200} as const;
/**
 * While an attempt waits for this, another one is begun beside it: the first to be answered tells that the path is open. A
 * little less than a drill's beat, and than three of other writes: an attempt that began a moment after its beat does not cost the next one.
 */
const beside = {connecting: 37, asked: 275} as const;
/** Of a drill's two seconds: until the first are given up. */
const attemptsMax = 40;
/** A question that was put to a server is waited for longer than a connection: it may be waiting for its standby. */
const attemptMaxMs = 10_000;
/** A server that lets us not in is not asked several times a second. */
const refusedRetry = 4000;

const where =
	'pg_is_in_recovery() AS recovery, host(inet_server_addr()) AS address, inet_server_port() AS port';

/**
 * In a transaction of its own, it is done when it is durable: on the standby, too, where that is synchronous. As a row it can
 * be looked for afterwards.
 */
function writeQuestion(number: number, rows: ProbeOptions['rows']): string {
	return rows === undefined
		? `SELECT ${where}, pg_logical_emit_message(true, 'pgha-top', '${number}') AS location`
		: `WITH written AS (INSERT INTO ${rows.table} (drill, number) VALUES ('${rows.drill}', ${number})) SELECT ${where}`;
}

export type ProbeOptions = PostgresAccess & {
	write: boolean;
	/** What writes is a drill. */
	drill: boolean;
	/** Writes are rows of this table, under the drill's id. */
	rows?: {table: string; drill: string};
	/** Milliseconds until a question counts as not answered. */
	deadline: number;
};

/** Asks until the signal ends it. */
export async function probe(
	options: ProbeOptions,
	purpose: ProbePurpose,
	context: ProbeContext,
): Promise<void> {
	await new ProbeSession(options, purpose, context).run();
}

export type ProbeContext = {
	emit: (event: Event) => void;
	signal: AbortSignal;
	/** The session's time, Unix ms. */
	now: () => number;
};

type Attempt = {
	connection: PostgresConnection;
	/** It was begun with TLS: others may have learnt since that there is none. */
	tls: boolean;
	/** Which one it leads to, as far as that is known. */
	server: string | undefined;
	began: number;
	/** In own time. */
	ownBegan: number;
	startedAt: number;
	told: boolean;
	over: boolean;
};

class ProbeSession {
	readonly #options: ProbeOptions;
	readonly #purpose: ProbePurpose;
	readonly #context: ProbeContext;
	readonly #attempts = new Set<Attempt>();
	readonly #writes: boolean;
	/** The one that was answered last: its session stands. */
	#idle: Attempt | undefined;
	/** `prefer` goes on without TLS where the server has none. */
	#tls: boolean;
	#notBefore = 0;
	/** Of writes that were begun. */
	#number = 0;

	constructor(options: ProbeOptions, purpose: ProbePurpose, context: ProbeContext) {
		this.#options = options;
		this.#purpose = purpose;
		this.#context = context;
		this.#writes = purpose === 'write' && options.write;
		this.#tls = options.ssl.mode !== 'disable' && options.ssl.mode !== 'allow';
	}

	async run(): Promise<void> {
		const {signal} = this.#context;
		const stop = ownTime.onStall(({milliseconds}) => {
			if (!signal.aborted) {
				const {port} = this.#options;
				this.#context.emit({type: 'console.stalled', milliseconds: Math.round(milliseconds), port});
			}
		});
		const step = interval[this.#writes ? (this.#options.drill ? 'drill' : 'write') : 'question'];
		while (!signal.aborted) {
			this.#step();
			try {
				await delay(untilNext(step, Date.now()), undefined, {signal});
			} catch (error) {
				if (!signal.aborted) {
					throw error;
				}
			}
		}

		stop();
		this.#idle?.connection.close();
		for (const {connection} of this.#attempts) {
			connection.close();
		}
	}

	#step(): void {
		const now = performance.now();
		const own = ownTime.now();
		for (const attempt of this.#attempts) {
			this.#overdue(attempt, own);
		}

		const waiting = [...this.#attempts];
		const besides =
			waiting.length < attemptsMax &&
			waiting.every(
				({began, connection}) => now - began >= beside[connection.isReady ? 'asked' : 'connecting'],
			);
		if (now >= this.#notBefore && (waiting.length === 0 || besides)) {
			void this.#attempt(now);
		}
	}

	/** An answer that waits in our own queue is not overdue. */
	#overdue(attempt: Attempt, own: number): void {
		const waited = own - attempt.ownBegan;
		if (waited >= this.#options.deadline && !attempt.told) {
			attempt.told = true;
			this.#fail(attempt, attempt.connection.isReady ? this.#unanswered() : 'no connection in time');
		}

		if (!attempt.connection.isReady && waited >= this.#options.deadline) {
			this.#end(attempt);
		} else if (waited >= attemptMaxMs) {
			// A commit that waits for its standby does not notice that nobody waits for it any more.
			attempt.connection.cancel();
			this.#end(attempt);
		}
	}

	#unanswered(): string {
		return this.#writes ? 'a write is not acknowledged in time' : 'no answer in time';
	}

	async #attempt(began: number): Promise<void> {
		const held = this.#idle;
		this.#idle = undefined;
		const connection = held?.connection ?? new PostgresConnection(this.#options, {tls: this.#tls});
		const attempt: Attempt = {
			connection,
			tls: held?.tls ?? this.#tls,
			server: held?.server,
			began,
			ownBegan: ownTime.now(),
			startedAt: this.#context.now(),
			told: false,
			over: false,
		};
		this.#attempts.add(attempt);
		try {
			if (held === undefined) {
				await connection.connect();
				const others = this.#othersOf(attempt);
				// Where no other one has got as far it is news in any case: the end of an interruption is not put off by a question.
				if (this.#writes && others.length > 0 && !(await this.#isNews(attempt, others))) {
					return;
				}
			}

			const number = this.#writes ? ++this.#number : undefined;
			const {row, notice} = await connection.ask(
				number === undefined ? `SELECT ${where}` : writeQuestion(number, this.#options.rows),
			);
			checkRow(row);
			this.#answered(attempt, row, notice, number);
		} catch (error) {
			this.#failed(attempt, error);
		}
	}

	/**
	 * A write that this server is busy with already tells all that another one could, and each would hold a session there,
	 * which clients need more. One that the server has no part in any more was lost on its way: this one is to go on.
	 */
	async #isNews(attempt: Attempt, others: readonly number[]): Promise<boolean> {
		const busy = `EXISTS (SELECT FROM pg_stat_activity WHERE pid IN (0, ${others.join(', ')}) AND pid <> pg_backend_pid() AND state = 'active') AS busy`;
		const {row} = await attempt.connection.ask(`SELECT ${where}, ${busy}`);
		checkRow(row);
		const server = serverOf(row);
		const waits = [...this.#attempts].some(
			other => other !== attempt && (other.server === undefined || other.server === server),
		);
		attempt.server = server;
		if (attempt.over) {
			return false;
		}

		if (waits && row.busy === true) {
			this.#end(attempt);
			return false;
		}

		return true;
	}

	/** The server processes that other attempts have: each may be busy with a write. */
	#othersOf(attempt: Attempt): readonly number[] {
		return [...this.#attempts].flatMap(other => (other === attempt ? [] : (other.connection.pid ?? [])));
	}

	#answered(
		attempt: Attempt,
		row: Readonly<Record<string, unknown>>,
		notice: string | undefined,
		number: number | undefined,
	): void {
		if (attempt.over) {
			return;
		}

		const server = serverOf(row);
		attempt.server = server;
		if (notice !== undefined && this.#writes) {
			// "canceling wait for synchronous replication": done on the primary alone is not what a client asked for.
			this.#fail(attempt, sanitize(notice));
			this.#end(attempt);
			return;
		}

		if (this.#purpose === 'write' && row.recovery === true) {
			this.#fail(attempt, `${server} is in recovery: it takes no writes`);
			this.#end(attempt);
			return;
		}

		if (!this.#context.signal.aborted) {
			this.#context.emit({
				type: 'probe.answered',
				source: `probe:${this.#options.port}`,
				port: this.#options.port,
				purpose: this.#purpose,
				startedAt: attempt.startedAt,
				answeredAt: this.#context.now(),
				...(number === undefined ? {} : {number}),
				server,
				inRecovery: row.recovery === true,
				latency: performance.now() - attempt.began,
				write: this.#writes,
			});
		}

		attempt.over = true;
		this.#attempts.delete(attempt);
		this.#idle = attempt;
		// The path is open: what others still wait for is of no use.
		for (const other of [...this.#attempts]) {
			this.#end(other);
		}
	}

	#failed(attempt: Attempt, error: unknown): void {
		if (attempt.over) {
			return;
		}

		if (attempt.tls && this.#options.ssl.mode === 'prefer' && /does not support SSL/.test(String(error))) {
			this.#tls = false;
			this.#end(attempt);
			return;
		}

		const refused = error instanceof PostgresError && error.refused;
		this.#notBefore = refused ? performance.now() + refusedRetry : 0;
		this.#fail(attempt, reasonOf(error));
		this.#end(attempt);
	}

	#fail({startedAt}: Attempt, reason: string): void {
		if (!this.#context.signal.aborted) {
			this.#context.emit({
				type: 'probe.failed',
				source: `probe:${this.#options.port}`,
				port: this.#options.port,
				purpose: this.#purpose,
				startedAt,
				reason,
			});
		}
	}

	#end(attempt: Attempt): void {
		attempt.over = true;
		this.#attempts.delete(attempt);
		attempt.connection.close();
	}
}

/**
 * Milliseconds until the next beat of the wall clock: two who ask at the same moments, be it in different processes, see the
 * same interruption. A timer may fire a little early: that is the beat itself, and not the time before it.
 */
function untilNext(step: number, now: number): number {
	return (Math.floor((now + step / 4) / step) + 1) * step - now;
}

/** @throws where it is not what was asked for: then nothing is known of where it came from, nor of what it did */
function checkRow({recovery, address, port}: Readonly<Record<string, unknown>>): void {
	const isSocket = address === null && port === null;
	if (
		typeof recovery !== 'boolean' ||
		!(isSocket || (typeof address === 'string' && typeof port === 'number'))
	) {
		throw new PostgresError('the answer is not that of PostgreSQL', false);
	}
}

function serverOf(row: Readonly<Record<string, unknown>>): string {
	return sanitize(`${row.address ?? 'socket'}:${row.port ?? ''}`);
}
