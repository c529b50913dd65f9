/** Reads the lines of one command on a node (journal or file), and keeps the position of each log. */
import type {ClientChannel} from 'ssh2';
import {releaseChannel, whyLost} from '../../connections/ssh/channel.ts';
import {SshError} from '../../connections/ssh/prompts.ts';
import {entryOf} from '../../domain/logs/journal.ts';
import {LineSplitter, type Take} from '../../lib/line-splitter.ts';
import {sanitize} from '../../lib/sanitize.ts';
import type {FilePlace} from './command.ts';
import type {LineBatcher} from './line-batcher.ts';
import {runCooperatively} from './line-batcher.ts';

/** Messages of the command about itself on stderr. */
export type Ended = {
	/** Text after `pgha-top: `; empty if it was killed, e.g. by a shutdown. */
	status: string;
	/** All of stderr. */
	errors: string;
};

const stderrMaxBytes = 2000;
/** Queued chunks; beyond that the node is paused. */
const waitingMax = 32;

/** @throws SshError if the connection was lost; the signal's reason if it was aborted */
export async function readLines(
	channel: ClientChannel,
	{
		batches,
		lineMaxBytes,
		take,
		onErrors,
		signal,
	}: {
		batches: Pick<LineBatcher, 'isFull' | 'leavesOut' | 'wait'>;
		lineMaxBytes: number;
		take: Take;
		/** Gets stderr while the command runs. */
		onErrors: (errors: string) => void;
		signal: AbortSignal;
	},
): Promise<Ended> {
	const splitter = new LineSplitter(lineMaxBytes);
	let errors = '';
	return new Promise((resolve, reject) => {
		const fail = (error: unknown) => {
			signal.removeEventListener('abort', end);
			chunks.length = 0;
			releaseChannel(channel);
			reject(error);
		};
		const end = () => {
			fail(signal.reason);
		};
		signal.addEventListener('abort', end, {once: true});
		const chunks: Buffer[] = [];
		if (signal.aborted) {
			end();
			return;
		}

		let isHeld = false;
		const takeOne = () => {
			const chunk = chunks.shift();
			// Ended: the next reader continues after the last complete line.
			if (chunk === undefined || signal.aborted) {
				return;
			}

			try {
				splitter.push(chunk, take);
			} catch (error) {
				// An error thrown here would end the program, since no caller waits.
				fail(error);
				return;
			}

			if (batches.isFull && !batches.leavesOut) {
				isHeld = true;
				batches.wait(() => {
					isHeld = false;
					goOn();
				});
			}

			goOn();
		};
		const goOn = () => {
			if (isHeld || chunks.length >= waitingMax) {
				channel.pause();
			} else if (channel.isPaused()) {
				channel.resume();
			}

			if (!isHeld && chunks.length > 0) {
				runCooperatively(takeOne);
			}
		};
		channel.on('data', (chunk: Buffer) => {
			chunks.push(chunk);
			if (chunks.length === 1 && !isHeld) {
				runCooperatively(takeOne);
			}

			if (chunks.length >= waitingMax) {
				channel.pause();
			}
		});
		channel.stderr.on('data', (chunk: Buffer) => {
			errors = (errors + chunk.toString()).slice(-stderrMaxBytes);
			onErrors(errors);
			if (/^pgha-top: /m.test(errors) && errors.endsWith('\n')) {
				// The shell on the node waits for its input to end.
				channel.end();
			}
		});
		channel.on('close', (code?: number | null) => {
			signal.removeEventListener('abort', end);
			try {
				for (const chunk of signal.aborted ? [] : chunks.splice(0)) {
					splitter.push(chunk, take);
				}
			} catch (error) {
				reject(error);
				return;
			}

			const status = /^pgha-top: (.*)$/m.exec(errors)?.[1] ?? '';
			if (status === '' && code === undefined) {
				reject(new SshError(whyLost(channel)));
			} else {
				resolve({status: sanitize(status), errors: errors.split('\n').map(sanitize).join('\n')});
			}
		});
	});
}

/** Journal entries that are recognized if read again. */
const recentMax = 500;

export class ReadPositions {
	/** Boots whose journal was read to its end. */
	readonly boots = new Set<string>();
	#cursor: string | undefined;
	/** Cursors of the last entries, unordered. */
	readonly #recent: string[] = [];
	#oldest = 0;
	/** By path; the file that was read last is at the end. */
	readonly #files = new Map<string, FilePlace[]>();

	/** Cursor of the last entry that was read. */
	get cursor(): string | undefined {
		return this.#cursor;
	}

	/** Records that the entry was read. */
	readEntry(cursor: string): void {
		this.#cursor = cursor;
		this.#recent[this.#oldest] = entryOf(cursor);
		this.#oldest = (this.#oldest + 1) % recentMax;
	}

	/** Sets the position to an entry that was read before, perhaps in another journal, or is still to be read. */
	moveTo(cursor: string): void {
		this.#cursor = cursor;
	}

	/** Drops the position, since the journal does not have the entry any more; recognized entries are kept. */
	loseCursor(): void {
		this.#cursor = undefined;
	}

	/** Number of times that each recent entry was read: entries with the same time and text are equal. */
	recentEntries(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const entry of this.#recent) {
			counts.set(entry, (counts.get(entry) ?? 0) + 1);
		}

		return counts;
	}

	files(path: string): readonly FilePlace[] {
		return this.#files.get(path) ?? [];
	}

	/** Updates the head of a file that is being read. */
	setHead(path: string, inode: string, head: string): void {
		const place = this.files(path).find(one => one.inode === inode);
		if (place !== undefined) {
			place.head = head;
		}
	}

	/** Sets a file's position; keeps the last few files of a folder. */
	setFile(path: string, place: FilePlace): void {
		const others = this.files(path).filter(({inode}) => inode !== place.inode);
		this.#files.set(path, [...others.slice(-7), place]);
	}
}
