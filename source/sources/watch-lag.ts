/**
 * Compares an etcd watch with the reads beside it. A healthy watch may be silent for long, so one that is open but dead (behind a
 * proxy, on a member that is cut off) shows only by what it does not report.
 */
import type {RawRange} from '../connections/etcd-grpc.ts';
import {type OwnTime, ownTime} from '../lib/own-time.ts';

/**
 * ms of own time. A member reports a change when it applies it, so before a read at the same member shows it. Through a proxy the
 * watch may be on another member, which may be some seconds behind.
 */
const lagMaxMs = 5000;

export class WatchLag {
	readonly #onLag: (error: Error) => void;
	readonly #time: Pick<OwnTime, 'after'>;
	/** The revision of the last report; before the first, that of the read after which the watch begins. */
	#reported: number;
	#read: RawRange;
	/** What a read has shown and the watch has not yet reported. */
	#owed: {revision: number; cancel: () => void} | undefined;

	/** @param read the watch reports each change after its revision */
	constructor(read: RawRange, onLag: (error: Error) => void, time: Pick<OwnTime, 'after'> = ownTime) {
		this.#reported = read.revision;
		this.#read = read;
		this.#onLag = onLag;
		this.#time = time;
	}

	/** The next read of the same store. */
	takeRead(read: RawRange): void {
		const before = this.#read;
		this.#read = read;
		if (this.#owed !== undefined) {
			return;
		}

		const names = new Set(read.keys.map(({key}) => key));
		const isAnyDeleted = before.keys.some(({key}) => !names.has(key));
		const revision = read.keys.reduce(
			(latest, {modRevision}) => Math.max(latest, modRevision),
			isAnyDeleted ? before.revision + 1 : 0,
		);
		if (revision > this.#reported) {
			const cancel = this.#time.after(lagMaxMs, () => {
				this.#onLag(new Error(`the watch lags: a change that was read ${lagMaxMs / 1000} s ago is missing`));
			});
			this.#owed = {revision, cancel};
		}
	}

	/** A watch reports changes in the order of their revisions. */
	takeChange(revision: number): void {
		this.#reported = Math.max(this.#reported, revision);
		if (this.#owed !== undefined && this.#owed.revision <= this.#reported) {
			this.close();
		}
	}

	close(): void {
		this.#owed?.cancel();
		this.#owed = undefined;
	}
}
