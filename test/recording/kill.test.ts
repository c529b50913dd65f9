/** A killed console loses at most the last second of its recording. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('killed');
const program = fileURLToPath(new URL('../support/recording-child.ts', import.meta.url));

// All at once: each of them waits for its console most of the time.
it.concurrent.each(['ndjson', 'ndjson.gz', 'ndjson.zst'])(
	'what was recorded as %s until a kill -9 can be replayed',
	async end => {
		const file = path.join(folder, `killed.${end}`);
		const child = spawn(process.execPath, [program, file], {stdio: ['ignore', 'pipe', 'inherit']});
		const samples: {taken: number; at: number}[] = [];
		for await (const line of createInterface({input: child.stdout})) {
			const [taken = 0, at = 0] = line.split(' ').map(Number);
			samples.push({taken, at});
			if (at - (samples[0]?.at ?? at) > 2500) {
				break;
			}
		}

		const killed = Date.now();
		child.kill('SIGKILL');
		await once(child, 'exit');
		const recording = await openRecording(file);
		expect(recording.cutShort).toBe(true);
		// A busy machine may take a moment to write.
		const safe = samples.findLast(({at}) => at < killed - 1000);
		expect(safe?.taken).toBeGreaterThan(0);
		expect(recording.events).toBeGreaterThanOrEqual(safe?.taken ?? 0);
		const last = [...recording.replay()].at(-1);
		expect(last?.after.cluster.read?.value).toBeGreaterThan(0);
		recording.close();
	},
);
