/**
 * Records a session without an end, into files that follow each other without a gap; deletes the oldest ones. When the disk
 * refuses, the session continues, and the recording with it as soon as it can.
 */
import {rmSync, statSync} from 'node:fs';
import path from 'node:path';
import type {Stamped} from '../../domain/events.ts';
import {errnoWords, isMissing} from '../../lib/faults.ts';
import type {State} from '../../state/state.ts';
import {RecordingError} from '../schema.ts';
import {nextFile, type WatchModes, watchFiles} from '../watch-files.ts';
import {Recorder} from './recorder.ts';
import {type KeptFile, type Retention, surplus} from './retention.ts';
import {type HeaderOptions, headerNow} from './session-recorder.ts';

/** A file ends after this time, ms: its index fits into memory, and what is deleted with it is little. */
const fileMaxMs = 3_600_000;
const fileMaxBytes = 64 * 1024 * 1024;
/** A file ends at this part of all that is kept. */
const partOfAll = 8;
/** ms until the next try after the disk refused. */
const retryMs = 10_000;
/** ms of recording after which it is said that the disk takes it again. */
const provenMs = 5000;

export type RotationOptions = HeaderOptions & {
	folder: string;
	modes: WatchModes;
	retention: Retention;
	/** What became of the recording, for the operator. */
	report: (text: string, tone: 'lost' | 'back') => void;
	/** Limits of a file, in tests. */
	fileMaxMs?: number;
};

type Present = {recorder: Recorder; name: string; startedAt: number};

export class RotatingRecorder {
	readonly #options: RotationOptions;
	#closed: KeptFile[] = [];
	#present: Present | undefined;
	/** The next file is being opened, or the last one closed. */
	#work: Promise<void> | undefined;
	#retryAt = 0;
	#problem: string | undefined;

	/** @throws RecordingError if the first file cannot be written */
	static async begin(options: RotationOptions): Promise<RotatingRecorder> {
		const one = new RotatingRecorder(options);
		one.#present = await one.#open(undefined);
		return one;
	}

	private constructor(options: RotationOptions) {
		this.#options = options;
		this.#closed = watchFiles(options.folder).flatMap(({name}) => {
			const stat = statSync(path.join(options.folder, name), {throwIfNoEntry: false});
			return stat === undefined ? [] : [{name, bytes: stat.size, endedAt: stat.mtimeMs}];
		});
	}

	/** Why nothing is recorded now. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/** Records an event, with the state before it. */
	take(stamped: Stamped, before: State): void {
		if (stamped.event.type === 'tick') {
			this.#turn();
		}

		this.#present?.recorder.take(stamped, before);
	}

	/** Resolves when no file is being opened or closed, and all is written that can be read. */
	async settled(): Promise<void> {
		await this.#work;
		await this.#present?.recorder.flushed();
	}

	/** Closes the recording; rejects if it cannot be written. @throws RecordingError */
	async end(): Promise<void> {
		await this.#work;
		const present = this.#present;
		this.#present = undefined;
		if (present !== undefined) {
			await present.recorder.stop(this.#options.state());
		} else if (this.#problem !== undefined) {
			throw new RecordingError(this.#problem);
		}
	}

	/** Once a second: deletes what is too much, and begins the next file if it is due. */
	#turn(): void {
		const now = this.#options.now();
		this.#prune(now);
		this.#welcome(now);
		const isDue = this.#present === undefined ? now >= this.#retryAt : this.#isDue(now);
		if (this.#work === undefined && isDue) {
			this.#work = this.#rotate().finally(() => {
				this.#work = undefined;
			});
		}
	}

	/** A disk that is nearly full takes the first line, and refuses the next ones. */
	#welcome(now: number): void {
		const present = this.#present;
		if (
			this.#problem !== undefined &&
			present !== undefined &&
			present.recorder.fileBytes > 0 &&
			now - present.startedAt >= provenMs
		) {
			this.#problem = undefined;
			this.#options.report(`recording again, to ${present.recorder.file}`, 'back');
		}
	}

	#isDue(now: number): boolean {
		const {retention, fileMaxMs: maxMs = fileMaxMs} = this.#options;
		const present = this.#present;
		return (
			present !== undefined &&
			now >= this.#retryAt &&
			(Math.abs(now - present.startedAt) >= maxMs ||
				present.recorder.fileBytes >= Math.min(fileMaxBytes, retention.keepBytes / partOfAll))
		);
	}

	async #rotate(): Promise<void> {
		const before = this.#present;
		let next: Present;
		try {
			next = await this.#open(before?.name);
		} catch (error) {
			this.#fail(wordsOf(error));
			return;
		}

		// Without a gap: the next event is the first one of the new file. The old one may have been lost meanwhile.
		const last = this.#present;
		this.#present = next;
		this.#retryAt = 0;
		if (last !== undefined) {
			try {
				await last.recorder.stop(this.#options.state());
			} catch (error) {
				this.#options.report(`a recording is cut short: ${wordsOf(error)}`, 'lost');
			}

			this.#keep(last);
		}
	}

	async #open(continues: string | undefined): Promise<Present> {
		const {folder, modes, now} = this.#options;
		const startedAt = now();
		const name = nextFileIn(folder, startedAt);
		const recorder: Recorder = await Recorder.begin({
			file: path.join(folder, name),
			mode: modes.file,
			header: {...headerNow(this.#options), continues},
			onLost: reason => {
				const lost = this.#present;
				if (lost?.recorder === recorder) {
					this.#present = undefined;
					this.#keep(lost);
					this.#fail(`${recorder.file}: ${reason}`);
				}
			},
		});
		return {recorder, name, startedAt};
	}

	/** The next try is later; the present file, if there is one, continues. */
	#fail(problem: string): void {
		this.#retryAt = this.#options.now() + retryMs;
		if (this.#present !== undefined) {
			this.#options.report(`cannot begin the next file, so this one continues: ${problem}`, 'lost');
			return;
		}

		// Of a disk that stays full, each try ends alike.
		const isNews = this.#problem === undefined;
		this.#problem = problem;
		if (isNews) {
			this.#options.report(`not recording: ${problem}; tries again every ${retryMs / 1000} s`, 'lost');
		}
	}

	#keep({name, recorder}: Present): void {
		// Of a try on a full disk nothing is left.
		if (recorder.fileBytes === 0) {
			this.#remove(name);
			return;
		}

		this.#closed.push({name, bytes: recorder.fileBytes, endedAt: this.#options.now()});
	}

	#prune(now: number): void {
		const {retention} = this.#options;
		const gone = new Set(surplus(this.#closed, this.#present?.recorder.fileBytes ?? 0, now, retention));
		if (gone.size === 0) {
			return;
		}

		this.#closed = this.#closed.filter(file => !gone.has(file));
		for (const {name} of gone) {
			this.#remove(name);
		}
	}

	#remove(name: string): void {
		const {folder, report} = this.#options;
		try {
			rmSync(path.join(folder, name), {force: true});
		} catch (error) {
			report(`cannot delete ${path.join(folder, name)}: ${errnoWords(error)}`, 'lost');
		}
	}
}

function wordsOf(error: unknown): string {
	return error instanceof RecordingError ? error.message : errnoWords(error);
}

/** @throws RecordingError */
function nextFileIn(folder: string, now: number): string {
	try {
		return nextFile(folder, now);
	} catch (error) {
		throw new RecordingError(`${folder}: ${isMissing(error) ? 'no such folder' : errnoWords(error)}`);
	}
}
