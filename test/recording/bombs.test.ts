import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync, zstdCompressSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {textMaxBytes} from '../../source/recording/read/compressed-members.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {Recorder, segmentMax} from '../../source/recording/write/recorder.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {happening, header, live} from '../support/recorded.ts';
import {Session} from '../support/session.ts';

describe('a recording that expands when it is opened', () => {
	const smallMaxBytes = 4 * 1024 * 1024;
	const zeros = Buffer.alloc(smallMaxBytes + 1);
	const gzip = gzipSync(zeros);

	it.each([
		['gzip', gzip],
		['zstd', zstdCompressSync(zeros)],
		['gzip that is cut short', gzip.subarray(0, -8)],
		['zstd that is cut short', zstdCompressSync(Buffer.alloc(2 * smallMaxBytes)).subarray(0, -1)],
	])('of %s is refused, with its reason', async (name, bytes) => {
		const file = path.join(temporaryFolder('bombs'), `${name.replaceAll(' ', '-')}.ndjson.gz`);
		writeFileSync(file, bytes);
		await expect(openRecording(file, smallMaxBytes)).rejects.toThrow(/: a part of it holds more than 4 MiB$/);
	});

	it('is refused above 256 MiB', async () => {
		const file = path.join(temporaryFolder('bombs'), 'large.ndjson.zst');
		writeFileSync(file, zstdCompressSync(Buffer.alloc(textMaxBytes + 1)));
		await expect(openRecording(file)).rejects.toThrow(/: a part of it holds more than 256 MiB$/);
	});

	it('with many false member headers is not scanned from each of them', async () => {
		const file = path.join(temporaryFolder('bombs'), 'beginnings.ndjson.gz');
		const beginning = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]);
		writeFileSync(file, Buffer.concat(Array.from({length: 200_000}, () => beginning)));
		await expect(openRecording(file)).rejects.toThrow(file);
	});
});

describe('a recording that is written', () => {
	it('never has a part that is too large to read, whatever the events', async () => {
		const file = path.join(temporaryFolder('bombs'), 'large.ndjson');
		const segmentMaxBytes = 1024 * 1024;
		const text = 'x'.repeat(segmentMaxBytes / 8);
		const events = Array.from({length: 20}, (_, index) =>
			happening({type: 'source.lost', source: 'patroni:pgdb2', reason: `${index} ${text}`}),
		);
		const {state} = new Session().at(0, ...healthyFacts('trixie'));
		const recorder = await Recorder.begin({
			file,
			header: header(),
			onLost(reason) {
				throw new Error(reason);
			},
			segmentMaxBytes,
		});
		let stopped = state;
		for (const {before, stamped, after} of live(state, events)) {
			recorder.take(stamped, before);
			await recorder.flushed();
			stopped = after;
		}

		await recorder.stop(stopped);
		const recording = await openRecording(file);
		expect(recording.events).toBe(events.length);
		// All at one time: by time and number it would be one segment.
		expect(recording.places.length).toBe(3);
		for (const [number, {block}] of recording.places.entries()) {
			expect(block.length).toBeLessThan(segmentMaxBytes * 1.5);
			expect(recording.segment(number).events.length).toBeGreaterThan(0);
		}

		recording.close();
		expect(segmentMax.bytes).toBeLessThan(textMaxBytes / 4);
	});
});
