/** The probe on the client path: connects through a port of the VIP as a client does, and queries several times a second. */
import {codeOf, reasonOf} from '../../connections/error-reason.ts';
import {PostgresConnection} from '../../connections/postgres.ts';
import {PostgresError} from '../../connections/postgres-access.ts';
import type {ErrorCode, ProbePurpose} from '../../domain/facts.ts';
import {pauseUnlessAborted} from '../../lib/abort.ts';
import {ownTime} from '../../lib/own-time.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {
	attemptMaxMs,
	attemptsMax,
	besideMs,
	busyQuestion,
	checkRow,
	intervalMs,
	locationOf,
	type ProbeContext,
	type ProbeOptions,
	readQuestion,
	refusedRetryMs,
	serverOf,
	startOf,
	untilNext,
	writeQuestion,
} from './queries.ts';

/** Queries until the signal aborts. */
export async function probe(
	options: ProbeOptions,
	purpose: ProbePurpose,
	context: ProbeContext,
): Promise<void> {
	await new ProbeSession(options, purpose, context).run();
}

/** ms after which a probe may be calm again. */
const calmAgainMs = 60_000;

type Attempt = {
	connection: PostgresConnection;
	/** The attempt began with TLS; another one may have found meanwhile that the server has none. */
	tls: boolean;
	/** The server; undefined until known. */
	server: string | undefined;
	began: number;
	/** In own time. */
	ownBegan: number;
	startedAt: number;
	reported: boolean;
	over: boolean;
};

export class ProbeSession {
	#options: ProbeOptions;
	readonly #purpose: ProbePurpose;
	readonly #context: ProbeContext;
	readonly #attempts = new Set<Attempt>();
	#writes: boolean;
	/** The last answered attempt, with an open session. */
	#idle: Attempt | undefined;
	/** `prefer` continues without TLS if the server has none. */
	#tls: boolean;
	#notBefore = 0;
	#answeredAt = Number.NEGATIVE_INFINITY;
	#isCalm = false;
	/** After an attempt that failed or waited it asks as often as usual for a while. */
	#calmFrom = 0;
	/** Number of writes that were begun. */
	#number = 0;

	constructor(options: ProbeOptions, purpose: ProbePurpose, context: ProbeContext) {
		this.#options = options;
		this.#purpose = purpose;
		this.#context = context;
		this.#writes = purpose === 'write' && options.write;
		this.#tls = options.ssl.mode !== 'disable' && options.ssl.mode !== 'allow';
	}

	/**
	 * Other writes on the same path: the open session stays, and the numbers begin again. An attempt that is not answered
	 * belongs to the options before, and is given up.
	 */
	change(options: ProbeOptions): void {
		this.#options = options;
		this.#writes = this.#purpose === 'write' && options.write;
		this.#number = 0;
		for (const attempt of this.#attempts) {
			this.#end(attempt);
		}
	}

	/** In calm it asks half as often, except for a minute after an attempt that failed or waited. */
	setCalm(isCalm: boolean): void {
		this.#isCalm = isCalm;
	}

	async run(): Promise<void> {
		const {signal} = this.#context;
		const stop = ownTime.onStall(({milliseconds}) => {
			if (!signal.aborted) {
				const {port} = this.#options;
				this.#context.emit({type: 'console.stalled', milliseconds: Math.round(milliseconds), port});
			}
		});
		while (!signal.aborted) {
			this.#step();
			await pauseUnlessAborted(untilNext(this.#interval(), Date.now()), signal);
		}

		stop();
		this.#idle?.connection.close();
		for (const {connection} of this.#attempts) {
			connection.close();
		}
	}

	#interval(): number {
		const {drill} = this.#options;
		const usual = intervalMs[this.#writes ? (drill ? 'drill' : 'write') : 'question'];
		return this.#isCalm && performance.now() >= this.#calmFrom && !drill ? usual * 2 : usual;
	}

	#step(): void {
		const now = performance.now();
		if (this.#context.signal.aborted) {
			return;
		}

		const own = ownTime.now();
		for (const attempt of this.#attempts) {
			this.#overdue(attempt, own);
		}

		const waiting = [...this.#attempts];
		if (waiting.length > 0) {
			this.#calmFrom = now + calmAgainMs;
		}

		const besides =
			waiting.length < attemptsMax &&
			waiting.every(
				({began, connection}) => now - began >= besideMs[connection.isReady ? 'asked' : 'connecting'],
			);
		const rests = now < this.#answeredAt + (this.#context.restMs ?? 0);
		if (!rests && now >= this.#notBefore && (waiting.length === 0 || besides)) {
			void this.#attempt(now);
		}
	}

	/** An answer in this program's own queue is not overdue. */
	#overdue(attempt: Attempt, own: number): void {
		const waited = own - attempt.ownBegan;
		if (waited >= this.#options.deadline && !attempt.reported) {
			attempt.reported = true;
			this.#fail(
				attempt,
				attempt.connection.isReady ? this.#unanswered() : 'no connection in time',
				'timeout',
			);
		}

		if (!attempt.connection.isReady && waited >= this.#options.deadline) {
			this.#end(attempt);
		} else if (waited >= attemptMaxMs) {
			// A commit that waits for its standby does not notice that its client has gone.
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
			reported: false,
			over: false,
		};
		this.#attempts.add(attempt);
		try {
			if (held === undefined) {
				await connection.connect();
				const others = this.#othersOf(attempt);
				// Without another attempt on a server no check is needed, which would delay the end of an outage.
				if (this.#writes && others.length > 0 && !(await this.#isNews(attempt, others))) {
					return;
				}
			}

			const number = this.#writes ? ++this.#number : undefined;
			const {row, notice} = await connection.ask(
				number === undefined ? readQuestion() : writeQuestion(number, this.#options.rows),
			);
			checkRow(row);
			this.#answered(attempt, row, notice, number);
		} catch (error) {
			this.#failed(attempt, error);
		}
	}

	/**
	 * If the server is busy with an earlier write, another one would show nothing new, and would hold a session that
	 * clients need. If it is not, the earlier write was lost on its way: this one continues.
	 */
	async #isNews(attempt: Attempt, others: readonly number[]): Promise<boolean> {
		const {row} = await attempt.connection.ask(busyQuestion(others));
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

	/** Server processes of other attempts, which may be busy with a write. */
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
		const problem =
			notice !== undefined && this.#writes
				? // "canceling wait for synchronous replication": durable on the primary alone is not what a client asked for.
					sanitize(notice)
				: this.#purpose === 'write' && row.recovery === true
					? `${server} is in recovery: it takes no writes`
					: undefined;
		if (problem !== undefined) {
			this.#fail(attempt, problem);
			this.#end(attempt);
			return;
		}

		const serverStartedAt = startOf(row);
		const location = this.#writes ? locationOf(row) : undefined;
		if (!this.#context.signal.aborted) {
			this.#context.emit({
				type: 'probe.answered',
				...this.#subject(attempt),
				answeredAt: this.#context.now(),
				...(number === undefined ? {} : {number}),
				server,
				...(serverStartedAt === undefined ? {} : {serverStartedAt}),
				inRecovery: row.recovery === true,
				latency: performance.now() - attempt.began,
				write: this.#writes,
				...(location === undefined ? {} : {location}),
			});
		}

		attempt.over = true;
		this.#answeredAt = performance.now();
		this.#attempts.delete(attempt);
		this.#idle = attempt;
		// The path is open: other attempts are not needed.
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
			// At once: it is one attempt.
			this.#step();
			return;
		}

		const refused = error instanceof PostgresError && error.refused;
		this.#notBefore = refused ? performance.now() + refusedRetryMs : 0;
		const code = error instanceof PostgresError ? error.code : codeOf(error);
		this.#fail(attempt, reasonOf(error), code);
		this.#end(attempt);
	}

	#fail(attempt: Attempt, reason: string, code?: ErrorCode): void {
		this.#calmFrom = performance.now() + calmAgainMs;
		if (!this.#context.signal.aborted) {
			this.#context.emit({type: 'probe.failed', ...this.#subject(attempt), reason, ...(code && {code})});
		}
	}

	#subject({startedAt}: Attempt) {
		const {port} = this.#options;
		return {source: `probe:${port}` as const, port, purpose: this.#purpose, startedAt};
	}

	#end(attempt: Attempt): void {
		attempt.over = true;
		this.#attempts.delete(attempt);
		attempt.connection.close();
	}
}
