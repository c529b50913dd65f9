/** Asks a member's PostgreSQL by SQL: its status every two seconds, details once a minute or while something shows them. */

import {lossOf} from '../../connections/error-reason.ts';
import {PostgresError} from '../../connections/postgres-access.ts';
import type {Event} from '../../domain/events.ts';
import type {SourceId} from '../../domain/facts.ts';
import {askFairly, lateness, type Timing} from '../../lib/own-time.ts';
import type {Source, SourceContext} from '../source.ts';
import type {SqlAnswer, SqlLink} from './link.ts';
import {parseDetails, parseSessions, parseStatus} from './parse.ts';
import {detailParts, type Part, sessionParts, statusParts} from './questions.ts';

/** ms; the server logs each refused login. */
const refusedRetryMs = {first: 5000, most: 60_000} as const;

export function sqlStatusSource(link: SqlLink, member: string): Source {
	const source = `sql:${member}` as const;
	return sqlSource(link, source, {
		parts: statusParts,
		event: ({answer, version, gaps}, {tookMs, ...timing}) => ({
			type: 'sql.status',
			source,
			member,
			status: parseStatus(answer, version, gaps),
			tookMs,
			...lateness({tookMs, ...timing}),
		}),
		pause: async (began, {untilPoll, signal}) => untilPoll(began, signal),
	});
}

export function sqlSessionsSource(link: SqlLink, member: string): Source {
	const source = `sessions:${member}` as const;
	return sqlSource(link, source, {
		parts: sessionParts,
		event: ({answer, gaps}, {tookMs, ...timing}) => ({
			type: 'sql.sessions',
			source,
			member,
			sessions: parseSessions(answer, gaps),
			tookMs,
			...lateness({tookMs, ...timing}),
		}),
		pause: async (began, {untilPoll, signal}) => untilPoll(began, signal),
	});
}

/** @param everyMs between two questions */
export function sqlDetailsSource(link: SqlLink, member: string, everyMs: number): Source {
	const source = `details:${member}` as const;
	return sqlSource(link, source, {
		parts: detailParts,
		event: ({answer, gaps}, timing) => ({
			type: 'sql.details',
			source,
			member,
			details: parseDetails(answer, gaps),
			...lateness(timing),
		}),
		pause: async (_, {pause, signal}) => pause(everyMs, signal),
	});
}

function sqlSource(
	link: SqlLink,
	source: SourceId,
	{
		parts,
		event,
		pause,
	}: {
		parts: readonly Part[];
		event: (answer: SqlAnswer, timing: Timing) => Event;
		pause: (began: number, context: SourceContext) => Promise<void>;
	},
): Source {
	return async context => {
		const {emit, signal} = context;
		emit({type: 'source.connecting', source});
		const release = link.use();
		// The end of the source does not wait for a server that does not answer.
		signal.addEventListener('abort', release, {once: true});
		let refusals = 0;
		try {
			while (!signal.aborted) {
				const began = performance.now();
				try {
					const {answer, timing} = await askFairly(async () => link.ask(parts), signal);
					refusals = 0;
					if (!signal.aborted) {
						emit(event(answer, timing()));
					}
				} catch (error) {
					const isRefused = error instanceof PostgresError && error.refused;
					refusals = isRefused ? refusals + 1 : 0;
					if (!signal.aborted) {
						emit({type: 'source.lost', source, ...lossOf(error), ...codeIn(error)});
					}
				}

				await (refusals === 0
					? pause(began, context)
					: context.pause(Math.min(refusedRetryMs.most, refusedRetryMs.first * 2 ** (refusals - 1)), signal));
			}
		} finally {
			signal.removeEventListener('abort', release);
			release();
		}
	};
}

/** The server's own code counts more than what its words are like. */
function codeIn(error: unknown): Pick<Event & {type: 'source.lost'}, 'code' | 'refused'> {
	return error instanceof PostgresError && error.code !== undefined
		? {code: error.code, ...(error.refused ? {refused: true} : {})}
		: {};
}
