/** Reads what a watch writes while it is shown, and whether the watch runs. */
import type {LiveRecording} from '../recording/read/live-recording.ts';
import {RecordingError} from '../recording/schema.ts';
import {readDescription} from '../recording/watch-files.ts';
import {watchState} from '../recording/watch-lock.ts';
import type {LiveWatch} from './live.ts';

/** ms between two reads; a watch writes about once a second. */
const readEveryMs = 500;

export type LiveFeedOptions = {
	recording: LiveRecording;
	/** Why nothing more can be read; undefined if it can again. */
	onProblem: (problem: string | undefined) => void;
	onFault: (error: unknown) => void;
};

export class LiveFeed {
	readonly #options: LiveFeedOptions;
	readonly #timer: NodeJS.Timeout;
	#watch: Omit<LiveWatch, 'quietMs'> = {state: 'hidden', ended: undefined};
	#grewAt = performance.now();
	#isReading = false;

	constructor(options: LiveFeedOptions) {
		this.#options = options;
		this.#timer = setInterval(() => {
			this.#look();
		}, readEveryMs);
		this.#look();
	}

	get watch(): LiveWatch {
		return {...this.#watch, quietMs: performance.now() - this.#grewAt};
	}

	close(): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		if (!this.#isReading) {
			this.#isReading = true;
			this.#read()
				.catch(this.#options.onFault)
				.finally(() => {
					this.#isReading = false;
				});
		}
	}

	async #read(): Promise<void> {
		const {recording, onProblem} = this.#options;
		const folder = recording.file;
		try {
			// The state is asked for first: what a watch writes before its end is read then.
			const state = await watchState(folder);
			const ended = readDescription(folder)?.ended ?? undefined;
			let hasMore = await recording.read();
			while (hasMore) {
				this.#grewAt = performance.now();
				hasMore = await recording.read();
			}

			this.#watch = {state, ended};
			onProblem(undefined);
		} catch (error) {
			if (!(error instanceof RecordingError)) {
				throw error;
			}

			onProblem(error.message);
		}
	}
}
