/**
 * The last words of Patroni and PostgreSQL in a node's logs: one slim tail of Patroni's journal, and of the files where they log
 * otherwise. The node filters the lines.
 */

import {lossOf} from '../connections/error-reason.ts';
import {NotStartedError} from '../connections/ssh/channel-slots.ts';
import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import {wordsFilter} from '../domain/history/filter.ts';
import {wordsOf} from '../domain/history/words.ts';
import type {NodeClock} from '../domain/logs/journal.ts';
import type {NodeLogs} from '../domain/logs/logs.ts';
import {effectiveSettings} from '../domain/logs/settings.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {followFile, type LogFile} from './logs/file-stream.ts';
import {followJournal, type StreamContext} from './logs/journal-stream.ts';
import {LineBatcher} from './logs/line-batcher.ts';
import {type AskedClock, askClock, patroniLogFiles, readPatroniFile} from './logs/node.ts';
import {ReadPositions} from './logs/streams.ts';
import {type Source, sshSource} from './source.ts';

/** ms before a stream that ended on a live connection is restarted: it may have given its session to a command. */
const restartAfterMs = 5000;
/** ms before a missing log is tried again. */
const retryMissingMs = 60_000;
/** Files a node, beside the journal: Patroni's and PostgreSQL's. */
const filesMax = 2;
/** ms that a line may take from the program to journald, or to the disk. */
const writtenWithinMs = 100;

/** ms between the time of a line and its arrival, while the log is followed, from which the node's clock may have been set. */
const apartMs = 2000;
/** ms for which the clock is believed: the beginning of a log, and lines after a break, are old. */
const askEveryMs = 60_000;

class NodeTime implements NodeClock {
	correction = 0;
	zone = 0;
	uncertainMs = 0;
	readonly user: string;
	#askedAt = 0;

	constructor(answer: AskedClock) {
		this.user = answer.user;
		this.set(answer);
	}

	set({offset, took, zone}: AskedClock): void {
		this.correction = Math.round(offset * 1000);
		this.zone = zone;
		this.uncertainMs = Math.ceil(took / 2) + writtenWithinMs;
		this.#askedAt = performance.now();
	}

	/** Whether it must be asked again; says so once. @param at of the last line, Unix ms */
	mayBeSet(at: number | undefined): boolean {
		const isDue =
			at !== undefined &&
			Math.abs(sessionClock.now() - at) > apartMs &&
			performance.now() - this.#askedAt > askEveryMs;
		this.#askedAt = isDue ? performance.now() : this.#askedAt;
		return isDue;
	}
}

/** It never drops the connection, which the node's other sources use: it ends with the logs' overlay, or may not read the journal. */
export function saidSource(ssh: Pick<Ssh, 'run' | 'spareStream'>, plan: NodeLogs): Source {
	const source = `said:${plan.node}` as const;
	return sshSource(source, async ({emit, signal, pause}) => {
		const clock = new NodeTime(await askClock(ssh, plan.host));
		const own = await readPatroniFile(ssh, plan);
		const batches = new LineBatcher(lines => {
			const words = wordsOf(lines, clock.uncertainMs);
			emit({type: 'log.said', source, node: plan.node, words});
			if (clock.mayBeSet(words.at(-1)?.at)) {
				askClock(ssh, plan.host).then(
					answer => {
						clock.set(answer);
					},
					(error: unknown) => {
						broken.abort(error);
					},
				);
			}
		});
		const broken = new AbortController();
		const either = AbortSignal.any([signal, broken.signal]);
		const files = [...plan.files, ...patroniLogFiles(plan, own)].slice(0, filesMax);
		const context: StreamContext = {
			ssh: {
				stream: async (host, command) => {
					const channel = await ssh.spareStream(host, command);
					if (channel === undefined) {
						throw new NotStartedError('no session is left for its log');
					}

					// It is read from now on, whether something is said or not.
					emit({type: 'source.alive', source});
					return channel;
				},
			},
			plan,
			settings: effectiveSettings(plan.settings ?? {}, own?.settings),
			clock,
			user: clock.user,
			batches,
			places: new ReadPositions(),
			signal: either,
			filter: wordsFilter,
			reportProblem(stream, problem) {
				// A file may be missing or unreadable: Patroni's journal has what counts most.
				if (stream === 'journal' && problem !== undefined) {
					const {text, remedy = 'try on the node: journalctl --follow'} = problem;
					broken.abort(new SshError(text, remedy));
				}
			},
			mark: () => undefined,
		};
		const forEver = async (follow: () => Promise<number>) => {
			while (!either.aborted) {
				await pause(await follow(), either);
			}

			either.throwIfAborted();
		};
		const all = [
			...(plan.units.length === 0
				? []
				: [
						forEver(async () => {
							try {
								await followJournal(context, false);
								return restartAfterMs;
							} catch (error) {
								if (!(error instanceof NotStartedError)) {
									throw error;
								}

								// The connection is well: it has no session for what counts less.
								emit({type: 'source.lost', source, ...lossOf(error)});
								return retryMissingMs;
							}
						}),
					]),
			...files.map(async (file: LogFile) =>
				forEver(async () => ((await followFile(context, file)) === 'moved' ? 0 : retryMissingMs)),
			),
		];
		try {
			await Promise.all(all);
		} finally {
			broken.abort(new SshError('connection lost'));
			await Promise.allSettled(all);
			batches.flush();
			batches.close();
		}
	});
}
