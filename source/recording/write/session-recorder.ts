/** The session's recording, at most one at a time: started and ended by flag or key, reported by events. */

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {Event, Stamped} from '../../domain/events.ts';
import {errnoWords} from '../../lib/faults.ts';
import {twoDigits} from '../../lib/format.ts';
import type {State} from '../../state/state.ts';
import {formatVersion, type Header, type RecordedBy, RecordingError} from '../schema.ts';
import {Recorder, versionsOf} from './recorder.ts';

export type RecordingsOptions = {
	/** Version of pgha-top. */
	program: string;
	/** Output of `--print-config`. */
	config: () => string;
	who: RecordedBy;
	reason: string | undefined;
	logs: boolean;
	/** Folder of recordings without a given name. */
	folder: string;
	state: () => State;
	dispatch: (event: Event) => void;
	now: () => number;
};

export class SessionRecorder {
	readonly #options: RecordingsOptions;
	#recorder: Recorder | undefined;
	/** A recording is being started or ended; further keys are ignored meanwhile. */
	#busy = false;

	constructor(options: RecordingsOptions) {
		this.#options = options;
	}

	/** Observer for the runtime: records each event while there is a recording. */
	readonly take = (stamped: Stamped, before: State): void => {
		this.#recorder?.take(stamped, before);
	};

	/**
	 * @param reason replaces the session's
	 * @throws RecordingError if the file cannot be created, or a recording is being started or ended
	 */
	async begin(file: string, reason = this.#options.reason): Promise<void> {
		if (this.#busy || this.#recorder !== undefined) {
			throw new RecordingError(`${file}: another recording is running`);
		}

		this.#busy = true;
		try {
			await this.#begin(file, reason);
		} finally {
			this.#busy = false;
		}
	}

	async #begin(file: string, reason: string | undefined): Promise<void> {
		const {dispatch, logs} = this.#options;
		this.#recorder = await Recorder.begin({
			file,
			header: this.#header(reason),
			onLost: reason => {
				this.#recorder = undefined;
				dispatch({type: 'recording.ended'});
				const text = `the recording has ended: ${reason}; ${file} holds what came before`;
				dispatch({type: 'notice', text, tone: 'warn'});
			},
		});
		dispatch({type: 'recording.begun', file});
		const what = logs ? 'recording, log lines included, to' : 'recording to';
		dispatch({type: 'notice', text: `${what} ${file}`, tone: 'dim'});
	}

	/** For the key: an error is shown on the screen. */
	async setRecording(on: boolean): Promise<void> {
		if (this.#busy || on === (this.#recorder !== undefined)) {
			return;
		}

		this.#busy = true;
		const {dispatch} = this.#options;
		try {
			if (on) {
				const {folder, now, state, reason} = this.#options;
				const file = await defaultFile(folder, state().target.scope, new Date(now()));
				await this.#begin(file, reason);
			} else {
				const file = await this.end();
				dispatch({type: 'recording.ended'});
				dispatch({type: 'notice', text: `recorded to ${file}`, tone: 'dim'});
			}
		} catch (error) {
			if (!on) {
				dispatch({type: 'recording.ended'});
			}

			const text = `recording: ${error instanceof RecordingError ? error.message : errnoWords(error)}`;
			dispatch({type: 'notice', text, tone: 'warn'});
		} finally {
			this.#busy = false;
		}
	}

	/**
	 * Resolves with the file when everything is written; undefined without a recording. Rejects if it cannot be
	 * written.
	 */
	async end(): Promise<string | undefined> {
		const recorder = this.#recorder;
		this.#recorder = undefined;
		await recorder?.stop(this.#options.state());
		return recorder?.file;
	}

	#header(reason: string | undefined): Header {
		return headerNow({...this.#options, reason});
	}
}

export type HeaderOptions = Pick<
	RecordingsOptions,
	'program' | 'config' | 'who' | 'reason' | 'logs' | 'state' | 'now'
>;

export function headerNow({program, config, who, reason, logs, now, state}: HeaderOptions): Header {
	const {target} = state();
	return {
		recording: 'pgha-top',
		version: formatVersion,
		program,
		startedAt: now(),
		timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
		scope: target.scope,
		target,
		config: config(),
		versions: versionsOf(state(), process.version),
		who,
		reason,
		logs,
	};
}

/** A file name in the folder, which is created if missing. */
export async function defaultFile(folder: string, scope: string, at: Date, kind = ''): Promise<string> {
	await mkdir(folder, {recursive: true, mode: 0o700});
	return path.join(folder, `${scope.replaceAll(/[^\w.-]+/g, '_')}-${stamp(at)}${kind}.ndjson.gz`);
}

/** `20261123-071500`, in local time. */
function stamp(date: Date): string {
	const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('');
	return `${day}-${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join('')}`;
}
