/** Scans the text of a recording: finds its segments, and checks every line. */
import type {Compression, Header, IndexLine} from '../schema.ts';
import {RecordingError} from '../schema.ts';
import {type CompressedMember, decodeStart, members} from './compressed-members.ts';
import {headerOf, indexOf, isEvent, isIndex, isSnapshot, timeOf} from './lines.ts';

/**
 * A segment's place: a member of the file and a range of its text; `count` events, of which the first is number
 * `events`.
 */
export type Place = {
	at: number;
	line: number;
	events: number;
	count: number;
	block: CompressedMember;
	from: number;
	to: number;
	/** Another session begins here, in a recording of several: nothing of the state before it counts. */
	isNewSession?: true;
};

export type Scanned = {
	header: Header;
	places: readonly Place[];
	endedAt: number;
	/** The index; undefined if the recording was not closed. */
	index: IndexLine['index'] | undefined;
};

const lineEnd = 0x0a;
const brace = 0x7d;
/** Characters that suffice to show a line's type. */
const prefix = 64;

/** @throws RecordingError, with the line, if the file is not a recording */
export async function scan(
	file: string,
	bytes: Buffer,
	compression: Compression,
	maxBytes: number,
): Promise<Scanned> {
	const scanner = new Scanner(file, compression);
	const walk = members(bytes, compression, maxBytes);
	let next = walk.next();
	while (!next.done) {
		const {text, ...block} = next.value;
		scanner.take(block, text);
		next = walk.next();
	}

	const rest = next.value;
	if (rest < bytes.length) {
		const text = await decodeStart(bytes.subarray(rest), compression, maxBytes);
		scanner.take({offset: rest, length: bytes.length - rest, text}, text, {torn: true});
		if (isFollowed(bytes.subarray(rest + 1), compression, maxBytes)) {
			throw scanner.problem(`damaged at byte ${rest} of the file or later`);
		}
	}

	return scanner.found();
}

/** Whether a readable member follows the damage: then the file is damaged, not just truncated. */
function isFollowed(bytes: Buffer, compression: Compression, maxBytes: number): boolean {
	return compression !== 'none' && !members(bytes, compression, maxBytes).next().done;
}

/** Takes the members of a file in order. */
export class Scanner {
	readonly #file: string;
	readonly #compression: Compression;
	readonly #places: Place[] = [];
	#header: Header | undefined;
	#index: IndexLine['index'] | undefined;
	#line = 0;
	#events = 0;
	#endedAt = 0;

	constructor(file: string, compression: Compression) {
		this.#file = file;
		this.#compression = compression;
	}

	get hasHeader(): boolean {
		return this.#header !== undefined;
	}

	/** One that has taken the same members, for what is not complete yet. */
	copy(): Scanner {
		const copy = new Scanner(this.#file, this.#compression);
		copy.#places.push(...this.#places.map(place => ({...place})));
		copy.#header = this.#header;
		copy.#index = this.#index;
		copy.#line = this.#line;
		copy.#events = this.#events;
		copy.#endedAt = this.#endedAt;
		return copy;
	}

	/** @param torn the text may end within a line, which is ignored */
	take(block: CompressedMember, text: Buffer, {torn = false} = {}): void {
		let begin = 0;
		while (begin < text.length) {
			const end = text.indexOf(lineEnd, begin);
			if (end === -1) {
				// The incomplete last line of a truncated recording.
				if (!torn && this.#compression !== 'none') {
					this.#line++;
					throw this.problem('an unterminated line');
				}

				return;
			}

			this.#line++;
			try {
				this.#take(block, text, begin, end);
			} catch (error) {
				if (torn) {
					return;
				}

				throw error;
			}

			begin = end + 1;
		}
	}

	found(): Scanned {
		if (this.#header === undefined) {
			throw new RecordingError(`${this.#file}: unreadable: its first line is incomplete`);
		}

		return {header: this.#header, places: this.#places, endedAt: this.#endedAt, index: this.#index};
	}

	problem(why: string): RecordingError {
		return new RecordingError(`${this.#file}, line ${this.#line}: ${why}`);
	}

	#take(block: CompressedMember, text: Buffer, begin: number, end: number): void {
		const start = text.toString('latin1', begin, Math.min(end, begin + prefix));
		const last = this.#places.at(-1);
		if (this.#header === undefined) {
			this.#header = this.#try(() => headerOf(text.toString('utf8', begin, end)));
			this.#endedAt = this.#header.startedAt;
		} else if (this.#index !== undefined) {
			throw this.problem('data after the end of the recording');
		} else if (text[end - 1] !== brace) {
			throw this.problem('not a line of a recording');
		} else if (isSnapshot(start)) {
			const at = Number(/"at":(\d+)/.exec(start)?.[1] ?? this.#endedAt);
			this.#places.push({
				at,
				line: this.#line,
				events: this.#events,
				count: 0,
				...this.#placeOf(block, begin, end + 1),
			});
		} else if (isEvent(start) && last !== undefined) {
			this.#events++;
			last.count++;
			this.#extend(last, block, end + 1);
			this.#endedAt = timeOf(start) ?? this.#endedAt;
		} else if (isIndex(start)) {
			this.#index = this.#try(() => indexOf(text.toString('utf8', begin, end)));
		} else {
			throw this.problem('not a line of a recording');
		}
	}

	/** Plain text is read again at its own offset. */
	#placeOf(block: CompressedMember, from: number, to: number): Pick<Place, 'block' | 'from' | 'to'> {
		return this.#compression === 'none'
			? {block: {offset: block.offset + from, length: to - from}, from: 0, to: to - from}
			: {block, from, to};
	}

	#extend(place: Place, block: CompressedMember, to: number): void {
		if (this.#compression === 'none') {
			place.block.length = block.offset + to - place.block.offset;
			place.to = place.block.length;
		} else if (place.block === block) {
			place.to = to;
		} else {
			throw this.problem('a segment begins without a snapshot');
		}
	}

	#try<T>(make: () => T): T {
		try {
			return make();
		} catch (error) {
			throw this.problem(error instanceof Error ? error.message : String(error));
		}
	}
}
