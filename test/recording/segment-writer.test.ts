import {mkdtempSync, statSync} from 'node:fs';
import {open, readFile} from 'node:fs/promises';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {expect, it} from 'vitest';
import {SegmentWriter} from '../../source/recording/write/segment-writer.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('segment-writer');

it('has all earlier members in the file once it is drained: each one that waits holds a compressor', async () => {
	const file = path.join(mkdtempSync(path.join(folder, 'x')), 'members.gz');
	const writer = new SegmentWriter(await open(file, 'wx'), 'gzip', error => {
		throw error;
	});
	for (let member = 0; member < 200; member++) {
		writer.begin();
		writer.write(`${member}\n`);
	}

	await writer.drained();
	const written = statSync(file).size;
	await writer.end();
	const whole = await readFile(file);
	// Of the last one its header at most was missing.
	expect(gunzipSync(whole).toString().trim().split('\n')).toHaveLength(200);
	expect(written).toBeGreaterThan(whole.length * 0.98);
});
