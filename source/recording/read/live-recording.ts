/** The recording of a watch as it grows: its files one after the other, as one recording. */
import path from 'node:path';
import type {Stamped} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import type {State} from '../../state/state.ts';
import {update} from '../../state/update.ts';
import {type Header, RecordingError} from '../schema.ts';
import {watchFiles} from '../watch-files.ts';
import {GrowingFile} from './growing-file.ts';
import {openRecording} from './open.ts';
import type {Playable, Recording, Segment} from './reader.ts';
import type {Place} from './scan.ts';

/** Files before the present one; each stays open, so that it can be read after the watch has deleted it. */
const formerFilesMax = 24;

/** A file, and what is before it in the whole. */
type Part = {
	content: Recording | GrowingFile;
	name: string;
	segments: number;
	events: number;
	isNewSession: boolean;
};

export class LiveRecording implements Playable {
	/** The folder, for messages. */
	readonly file: string;
	readonly cutShort = false;
	readonly #former: Part[] = [];
	/** Of former files. */
	#formerPlaces: readonly Place[] = [];
	#formerMarks: readonly Entry[] = [];
	#present: Part & {content: GrowingFile};
	#places: readonly Place[] = [];
	#marks: readonly Entry[] = [];
	#endedAt = 0;

	/**
	 * @param formerMax files before the present one
	 * @throws RecordingError if there is nothing to read
	 */
	static async open(folder: string, formerMax = formerFilesMax): Promise<LiveRecording> {
		const files = watchFiles(folder);
		// A new file may not have its first line yet.
		for (let last = files.length - 1; last >= 0; last--) {
			const name = files[last]?.name ?? '';
			const present = new GrowingFile(path.join(folder, name));
			await present.read();
			if (present.events > 0) {
				const former = files.slice(Math.max(0, last - formerMax), last);
				return LiveRecording.#of(
					folder,
					former.map(file => file.name),
					present,
				);
			}

			present.close();
		}

		throw new RecordingError(`${folder}: nothing is recorded there`);
	}

	static async #of(folder: string, former: readonly string[], present: GrowingFile): Promise<LiveRecording> {
		const one = new LiveRecording(folder, present);
		for (const name of former) {
			try {
				const recording = await openRecording(path.join(folder, name));
				if (recording.events === 0) {
					recording.close();
				} else {
					one.#append(recording, name);
				}
			} catch (error) {
				// What is before a file that is damaged, or just deleted, is left out: a recording has no gap.
				if (!(error instanceof RecordingError)) {
					throw error;
				}

				one.#forget();
			}
		}

		one.#present = {...one.#present, ...one.#after(present.header, present.name)};
		one.#gather();
		return one;
	}

	private constructor(folder: string, content: GrowingFile) {
		this.file = folder;
		this.#present = {content, name: content.name, segments: 0, events: 0, isNewSession: false};
	}

	get header(): Header {
		const {header} = this.#present.content;
		if (header === undefined) {
			throw new RangeError(`${this.file} has no header yet`);
		}

		return header;
	}

	get places(): readonly Place[] {
		return this.#places;
	}

	get marks(): readonly Entry[] {
		return this.#marks;
	}

	/** Time of the last event, Unix ms. */
	get endedAt(): number {
		return this.#endedAt;
	}

	get events(): number {
		return this.#present.events + this.#present.content.events;
	}

	/** Whether the session has ended: its last file is closed, and nothing follows. */
	get isClosed(): boolean {
		return this.#present.content.isClosed;
	}

	/** Reads what was written since the last call. @returns whether there is more @throws RecordingError */
	async read(): Promise<boolean> {
		const hasMore = await this.#present.content.read();
		const moved = !hasMore && (await this.#toNextFile());
		if (hasMore || moved) {
			this.#gather();
		}

		return hasMore || moved;
	}

	segment(number: number): Segment {
		const part =
			number >= this.#present.segments
				? this.#present
				: this.#former.findLast(({segments}) => segments <= number);
		if (part === undefined) {
			throw new RangeError(`${this.file} has no segment ${number}`);
		}

		return part.content.segment(number - part.segments);
	}

	/** @throws RecordingError if the event is invalid in this state */
	apply(state: State, stamped: Stamped): State {
		try {
			return update(state, stamped)[0];
		} catch (error) {
			throw new RecordingError(
				`${this.file}: ${stamped.event.type} at ${new Date(stamped.at).toISOString()} cannot be replayed: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}

	close(): void {
		for (const {content} of [...this.#former, this.#present]) {
			content.close();
		}
	}

	/** A file that was killed has no end; what follows it is of another session. */
	async #toNextFile(): Promise<boolean> {
		const {content, name} = this.#present;
		const later = watchFiles(this.file);
		const index = later.findIndex(file => file.name === name);
		for (const {name: next} of later.slice(index + 1)) {
			const file = new GrowingFile(path.join(this.file, next));
			await file.read();
			// The next file is there before the present one has its end.
			const isNext = file.events > 0 && (content.isClosed || file.header?.continues !== name);
			if (!isNext) {
				file.close();
				continue;
			}

			const {segments, events} = this.#present;
			this.#former.push(this.#present);
			this.#formerPlaces = this.#places;
			this.#formerMarks = this.#marks;
			this.#present = {
				content: file,
				name: next,
				segments: segments + content.places.length,
				events: events + content.events,
				isNewSession: file.header?.continues !== name,
			};
			return true;
		}

		return false;
	}

	#append(recording: Recording, name: string): void {
		const part = {content: recording, ...this.#after(recording.header, name)};
		this.#former.push(part);
		this.#formerPlaces = [...this.#formerPlaces, ...placesOf(part)];
		this.#formerMarks = [...this.#formerMarks, ...recording.marks];
	}

	#after(header: Header | undefined, name: string): Omit<Part, 'content'> {
		const last = this.#former.at(-1);
		return {
			name,
			segments: this.#formerPlaces.length,
			events: last === undefined ? 0 : last.events + last.content.events,
			isNewSession: last !== undefined && header?.continues !== last.name,
		};
	}

	#forget(): void {
		for (const {content} of this.#former.splice(0)) {
			content.close();
		}

		this.#formerPlaces = [];
		this.#formerMarks = [];
	}

	#gather(): void {
		const {content} = this.#present;
		this.#places = [...this.#formerPlaces, ...placesOf(this.#present)];
		this.#marks = [...this.#formerMarks, ...content.marks];
		this.#endedAt = content.endedAt;
	}
}

function placesOf({content, events, isNewSession}: Part): Place[] {
	return content.places.map((place, number) => ({
		...place,
		events: place.events + events,
		...(isNewSession && number === 0 ? {isNewSession} : {}),
	}));
}
