/** One connection to a member's PostgreSQL for all SQL sources of the member: one question at a time. */
import {openPostgres, type PostgresConnection} from '../../connections/postgres.ts';
import {type PostgresAccess, PostgresError} from '../../connections/postgres-access.ts';
import type {SqlGap} from '../../domain/cluster/postgres.ts';
import {within} from '../../lib/own-time.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {redact} from '../../lib/secrets.ts';
import {type Part, questionOf} from './questions.ts';

export type SqlAccess = PostgresAccess & {
	/** ms that a question may take. */
	deadline: number;
};

export type SqlAnswer = {answer: unknown; version: number; gaps: readonly SqlGap[]};

/** A statement that waits for a lock, or a busy server, is ended by the server itself. */
function sessionOptions({deadline: ms, options}: SqlAccess): string {
	return [
		...(options === undefined ? [] : [options]),
		`-c statement_timeout=${Math.round(ms)}`,
		`-c lock_timeout=${Math.round(ms / 2)}`,
		'-c default_transaction_read_only=on',
		'-c search_path=pg_catalog',
		'-c datestyle=ISO',
	].join(' ');
}

/** Bytes: some 500 sessions with their queries. */
const answerMaxBytes = 1024 * 1024;

type Open = {
	connection: PostgresConnection;
	version: number;
	gaps: Map<string, SqlGap>;
	/** Whether a question can be prepared: planning costs the server five times what the answer does. */
	prepares: boolean;
};

export class SqlLink {
	readonly #access: SqlAccess;
	#open: Open | undefined;
	/** Also while it connects. */
	#connection: PostgresConnection | undefined;
	/** The question before, which each one waits for. */
	#last: Promise<unknown> = Promise.resolve();
	#users = 0;

	constructor(access: SqlAccess) {
		this.#access = {
			...access,
			options: sessionOptions(access),
			applicationName: 'pgha-top',
			answerMaxBytes,
		};
	}

	/** @returns a function that gives it back: with the last one the connection closes, and a question that waits fails */
	use(): () => void {
		this.#users++;
		let isUsed = true;
		return () => {
			this.#users -= isUsed ? 1 : 0;
			isUsed = false;
			if (this.#users === 0) {
				this.#close();
			}
		};
	}

	get isUsed(): boolean {
		return this.#users > 0;
	}

	/**
	 * The parts that the server has and the login may ask, in one answer.
	 * @throws PostgresError, or the socket's error; the connection is closed then
	 */
	async ask(parts: readonly Part[]): Promise<SqlAnswer> {
		const turn = this.#last.then(
			async () => this.#askNow(parts),
			async () => this.#askNow(parts),
		);
		this.#last = turn;
		return turn;
	}

	async #askNow(parts: readonly Part[]): Promise<SqlAnswer> {
		try {
			this.#open ??= await this.#connect();
			return await this.#askParts(this.#open, parts);
		} catch (error) {
			this.#close();
			throw error;
		}
	}

	async #askParts(open: Open, parts: readonly Part[]): Promise<SqlAnswer> {
		const {connection, version, gaps} = open;
		/** Refused this time alone. */
		const refused = new Map<string, SqlGap>();
		for (;;) {
			const wanted = parts.filter(
				({name, since}) => (since ?? 0) <= version && !gaps.has(name) && !refused.has(name),
			);
			try {
				const isPrepared = open.prepares && refused.size === 0;
				const {row} = await this.#inTime(connection, async () =>
					connection.ask(questionOf(wanted), {isPrepared}),
				);
				const missing = parts.flatMap(({name, label, since}): SqlGap[] => {
					const gap = gaps.get(name) ?? refused.get(name);
					return (since ?? 0) > version
						? [{part: label, reason: `needs PostgreSQL ${Math.floor((since ?? 0) / 10_000)}`}]
						: gap === undefined
							? []
							: [gap];
				});
				return {answer: row.answer, version, gaps: missing};
			} catch (error) {
				if (open.prepares && isUnprepared(error)) {
					open.prepares = false;
					continue;
				}

				if (!isRefusal(error)) {
					throw error;
				}

				const found = await this.#refusedAmong(connection, wanted);
				if (found.length === 0) {
					throw error;
				}

				for (const {name, gap, lasts} of found) {
					(lasts ? gaps : refused).set(name, gap);
				}
			}
		}
	}

	/** The parts that the server refuses, each asked alone. */
	async #refusedAmong(
		connection: PostgresConnection,
		parts: readonly Part[],
	): Promise<{name: string; gap: SqlGap; lasts: boolean}[]> {
		const found = [];
		for (const part of parts) {
			try {
				await this.#inTime(connection, async () => connection.ask(questionOf([part])));
			} catch (error) {
				if (!isRefusal(error)) {
					throw error;
				}

				const gap = {part: part.label, reason: redact(sanitize(error.message))};
				found.push({name: part.name, gap, lasts: lastingRefusal.test(error.state ?? '')});
			}
		}

		return found;
	}

	async #connect(): Promise<Open> {
		const connection = await openPostgres(this.#access, this.#access.deadline, begun => {
			this.#connection = begun;
		});
		const {row} = await this.#inTime(connection, async () =>
			connection.ask("SELECT current_setting('server_version_num')::int AS version"),
		);
		if (typeof row.version !== 'number') {
			throw new PostgresError('not an answer of PostgreSQL', false);
		}

		return {connection, version: row.version, gaps: new Map(), prepares: true};
	}

	/** A late answer ends the connection: the next question would get the answer of this one. */
	async #inTime<T>(connection: PostgresConnection, ask: () => Promise<T>): Promise<T> {
		try {
			return await within(this.#access.deadline, ask());
		} catch (error) {
			if (isTimeout(error)) {
				connection.cancel();
				connection.close();
			}

			throw error;
		}
	}

	#close(): void {
		this.#connection?.close();
		this.#connection = undefined;
		this.#open = undefined;
	}
}

/** No permission, or nothing of this name: until the next connection. */
const lastingRefusal = /^(42|0A)/;

/** The server answers, and refuses this question; 55: not in this state of the server, 22: a value that it can't compute. */
function isRefusal(error: unknown): error is PostgresError {
	return error instanceof PostgresError && /^(42|0A|55|22)/.test(error.state ?? '');
}

/** Behind a pooler that gives each transaction another session: there is no such statement, or already one. */
function isUnprepared(error: unknown): boolean {
	return error instanceof PostgresError && ['26000', '42P05'].includes(error.state ?? '');
}

function isTimeout(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'TimeoutError';
}

/** Links by member and access, shared by the member's sources. */
export class SqlLinks {
	readonly #links = new Map<string, SqlLink>();

	/** @param key of the member and its address */
	at(key: string, access: () => SqlAccess): SqlLink {
		for (const [other, link] of this.#links) {
			if (other !== key && !link.isUsed) {
				this.#links.delete(other);
			}
		}

		const link = this.#links.get(key) ?? new SqlLink(access());
		this.#links.set(key, link);
		return link;
	}
}
