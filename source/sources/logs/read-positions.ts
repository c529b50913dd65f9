/** How far each log of a node has been read: kept over lost connections, and while the logs are closed. */
import {entryOf} from '../../domain/logs/journal.ts';
import type {FilePlace} from './command.ts';

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
