/** Writes a file of members in order, each compressed by itself; what was flushed can be read. */
import type {FileHandle} from 'node:fs/promises';
import {PassThrough, type Transform} from 'node:stream';
import {constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress} from 'node:zlib';
import type {Compression} from '../schema.ts';

/** Bytes that wait for compression and the disk, at most: more is a disk that can't keep up. */
const waitingMaxBytes = 64 * 1024 * 1024;

export class SegmentWriter {
	readonly #handle: FileHandle;
	readonly #compression: Compression;
	readonly #onLost: (error: unknown) => void;
	/** Where each member begins, for those that were reached. */
	readonly #offsets: number[] = [];
	/** Takes text for the present member. */
	#member: Transform | undefined;
	#flush = () => {};
	#offset = 0;
	#waiting = 0;
	#lost = false;
	/** Until all members that were ended are in the file. */
	#written: Promise<void> = Promise.resolve();

	/** @param onLost called once, when something could not be written; nothing is written after that */
	constructor(handle: FileHandle, compression: Compression, onLost: (error: unknown) => void) {
		this.#handle = handle;
		this.#compression = compression;
		this.#onLost = onLost;
	}

	/** Ends the member that is being written, and begins another one. */
	begin(): void {
		this.#member?.end();
		if (this.#lost) {
			return;
		}

		const member = this.#compressor();
		this.#member = member;
		this.#written = this.#written.then(async () => this.#copy(member));
		this.#written.catch((error: unknown) => {
			this.#lose(error);
		});
	}

	write(text: string): void {
		if (this.#member === undefined || this.#lost) {
			return;
		}

		const bytes = Buffer.from(text);
		this.#waiting += bytes.length;
		if (this.#waiting > waitingMaxBytes) {
			this.#lose(new Error('the disk cannot keep up'));
			return;
		}

		this.#member.write(bytes, () => {
			this.#waiting -= bytes.length;
		});
	}

	/** What was written so far goes to the file now, in a form that can be read. */
	flush(): void {
		if (!this.#lost) {
			this.#flush();
		}
	}

	/** Resolves when all that was written has been compressed, and is on its way to the file. */
	async drained(): Promise<void> {
		const member = this.#member;
		if (member !== undefined && !this.#lost) {
			await new Promise<void>(resolve => {
				member.write('', () => {
					resolve();
				});
			});
		}
	}

	/** Ends the present member; resolves with where each one begins, when all are in the file. */
	async offsets(): Promise<readonly number[]> {
		this.#member?.end();
		this.#member = undefined;
		this.#flush = () => {};
		await this.#written;
		return this.#offsets;
	}

	/** Resolves when all is on the disk; rejects where it could not be written. */
	async end(): Promise<void> {
		try {
			await this.offsets();
			await this.#handle.sync();
		} finally {
			this.#lost = true;
			await this.#handle.close();
		}
	}

	async #copy(member: Transform): Promise<void> {
		this.#offsets.push(this.#offset);
		for await (const chunk of member) {
			const bytes = chunk as Buffer;
			await this.#handle.appendFile(bytes);
			this.#offset += bytes.length;
		}
	}

	#compressor(): Transform {
		switch (this.#compression) {
			case 'gzip': {
				return this.#flushing(createGzip(), constants.Z_SYNC_FLUSH);
			}

			case 'zstd': {
				return this.#flushing(createZstdCompress(), constants.ZSTD_e_flush);
			}

			case 'none': {
				this.#flush = () => {};
				return new PassThrough();
			}
		}
	}

	#flushing(stream: Gzip | ZstdCompress, kind: number): Transform {
		this.#flush = () => {
			if (stream.writable) {
				stream.flush(kind);
			}
		};
		return stream;
	}

	#lose(error: unknown): void {
		if (!this.#lost) {
			this.#lost = true;
			this.#member?.destroy();
			this.#onLost(error);
		}
	}
}
