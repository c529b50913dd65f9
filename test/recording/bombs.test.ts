import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync, zstdCompressSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {textMaxBytes} from '../../source/recording/blocks.ts';
import {openRecording} from '../../source/recording/open.ts';
import {temporaryFolder} from '../support/folder.ts';

describe('a recording that grows when it is opened', () => {
	const zeros = Buffer.alloc(textMaxBytes + 1);
	const gzip = gzipSync(zeros, {level: 1});

	it.each([
		['gzip', () => gzip],
		['zstd', () => zstdCompressSync(zeros)],
		['gzip that is cut short', () => gzip.subarray(0, -8)],
	])('of %s is refused, with its reason', async (name, make) => {
		const file = path.join(temporaryFolder('bombs'), `${name.replaceAll(' ', '-')}.ndjson.gz`);
		writeFileSync(file, make());
		await expect(openRecording(file)).rejects.toThrow(/: a part of it holds more than 256 MiB$/);
	});

	it('that is full of what looks like beginnings is not gone through from each of them', async () => {
		const file = path.join(temporaryFolder('bombs'), 'beginnings.ndjson.gz');
		const beginning = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]);
		writeFileSync(file, Buffer.concat(Array.from({length: 200_000}, () => beginning)));
		await expect(openRecording(file)).rejects.toThrow(file);
	});
});
