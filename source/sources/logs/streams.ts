/** Reads the lines of one command on a node (the journal, or a file), and remembers how far each log was read. */
import type {ClientChannel} from 'ssh2';
import {releaseChannel, whyLost} from '../../connections/ssh/channel.ts';
import {SshError} from '../../connections/ssh/prompts.ts';
import {entryOf} from '../../domain/logs/journal.ts';
import {sanitize} from '../../lib/sanitize.ts';
import type {FilePlace} from './command.ts';
import type {LineBatcher} from './line-batcher.ts';
import {LineSplitter, runCooperatively, type Take} from './line-batcher.ts';

/** What the command said of itself on stderr. */
export type Ended = {
	/** After `pgha-top: `; nothing where it was ended from outside, as a shutdown does. */
	said: string;
	/** All of it. */
	errors: string;
};

const stderrMaxBytes = 2000;
/** Chunks that wait for their turn; beyond that the node is held back. */
const waitingMax = 32;

/** @throws SshError when the connection went with it; the reason of the signal when it was ended. */
export async function readLines(
	channel: ClientChannel,
	{
		batches,
		longest,
		take,
		onErrors,
		signal,
	}: {
		batches: LineBatcher;
		longest: number;
		take: Take;
		/** Hears what is said on stderr while it runs. */
		onErrors: (errors: string) => void;
		signal: AbortSignal;
	},
): Promise<Ended> {
	const splitter = new LineSplitter(longest);
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
			// Ended: the next reader begins after the last line that was taken.
			if (chunk === undefined || signal.aborted) {
				return;
			}

			try {
				splitter.push(chunk, take);
			} catch (error) {
				// Nothing waits for this turn but the loop, which it would end.
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
				// The shell around it waits for its input to end.
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

			const said = /^pgha-top: (.*)$/m.exec(errors)?.[1] ?? '';
			if (said === '' && code === undefined) {
				reject(new SshError(whyLost(channel)));
			} else {
				resolve({said: sanitize(said), errors: errors.split('\n').map(sanitize).join('\n')});
			}
		});
	});
}

/** Entries of the journal that are known again when they come a second time. */
const recentMax = 500;

export class ReadPositions {
	/** Boots whose journal was read to its end. */
	readonly boots = new Set<string>();
	#cursor: string | undefined;
	/** The last entries that were read, in no order. */
	readonly #recent: string[] = [];
	#oldest = 0;
	/** By path, the file that was read last at the end. */
	readonly #files = new Map<string, FilePlace[]>();

	/** Of the last entry that was read in the journal. */
	get cursor(): string | undefined {
		return this.#cursor;
	}

	/** The entry was read. */
	readEntry(cursor: string): void {
		this.#cursor = cursor;
		this.#recent[this.#oldest] = entryOf(cursor);
		this.#oldest = (this.#oldest + 1) % recentMax;
	}

	/** The journal stands at an entry that was read before, perhaps in another journal, or is yet to be read. */
	moveTo(cursor: string): void {
		this.#cursor = cursor;
	}

	/** The journal no longer has the entry; what was read stays known. */
	loseCursor(): void {
		this.#cursor = undefined;
	}

	/** How often each of the last entries was read: those of one moment with the same text are not distinguished. */
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

	/** More of the first bytes of a file that is being read. */
	setHead(path: string, inode: string, head: string): void {
		const place = this.files(path).find(one => one.inode === inode);
		if (place !== undefined) {
			place.head = head;
		}
	}

	/** A few of a folder's files are remembered: those that were read last. */
	setFile(path: string, place: FilePlace): void {
		const others = this.files(path).filter(({inode}) => inode !== place.inode);
		this.#files.set(path, [...others.slice(-7), place]);
	}
}
