/** Writes a file of separately compressed members in order; flushed text is readable. */
import type {FileHandle} from 'node:fs/promises';
import {PassThrough, type Transform} from 'node:stream';
import {constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress} from 'node:zlib';
import type {Compression} from '../schema.ts';

/** Bytes that may wait for compression and the disk; more means that the disk is too slow. */
const waitingMaxBytes = 64 * 1024 * 1024;

export class SegmentWriter {
	readonly #handle: FileHandle;
	readonly #compression: Compression;
	readonly #onLost: (error: unknown) => void;
	/** Offset of each member that has begun. */
	readonly #offsets: number[] = [];
	/** Compresses the present member. */
	#member: Transform | undefined;
	#flush = () => {};
	#offset = 0;
	#waiting = 0;
	#lost = false;
	/** Resolves when all ended members are in the file. */
	#written: Promise<void> = Promise.resolve();
	/** The same of the members before the present one, and without the error, which was reported. */
	#writtenBefore: Promise<void> = Promise.resolve();

	/** Compressed bytes that were passed to the file. */
	get bytes(): number {
		return this.#offset;
	}

	/** @param onLost called once after a write error; nothing is written afterwards */
	constructor(handle: FileHandle, compression: Compression, onLost: (error: unknown) => void) {
		this.#handle = handle;
		this.#compression = compression;
		this.#onLost = onLost;
	}

	/** Ends the present member, and begins the next one. */
	begin(): void {
		this.#member?.end();
		if (this.#lost) {
			return;
		}

		const member = this.#compressor();
		this.#member = member;
		this.#writtenBefore = this.#written.catch(() => undefined);
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

	/** Writes the text so far to the file, in a readable form. */
	flush(): void {
		if (!this.#lost) {
			this.#flush();
		}
	}

	/** Resolves when all text so far is compressed, and all of the members before the present one is in the file. */
	async drained(): Promise<void> {
		// Each compressor holds a quarter of a megabyte until its member is in the file.
		await this.#writtenBefore;
		const member = this.#member;
		if (member !== undefined && !this.#lost) {
			await new Promise<void>(resolve => {
				member.write('', () => {
					resolve();
				});
			});
		}
	}

	/** Ends the present member; resolves with the offset of each member when all are in the file. */
	async offsets(): Promise<readonly number[]> {
		this.#member?.end();
		this.#member = undefined;
		this.#flush = () => {};
		await this.#written;
		return this.#offsets;
	}

	/** Resolves when everything is on disk; rejects if it cannot be written. */
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
