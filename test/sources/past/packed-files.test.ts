/** What the command for log files of some time prints, run in a shell. */
import {spawnSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {beforeAll, describe, expect, it} from 'vitest';
import {pastFilesCommand} from '../../../source/sources/past/commands.ts';
import {temporaryFolder} from '../../support/folder.ts';

const folder = temporaryFolder('past-commands');

function run(file: string): {lines: string[]; status: string | undefined} {
	const command = pastFilesCommand(file, {since: 0, token: '0123456789', max: undefined});
	// Without the part that waits for the connection to end.
	const script = /^sh -c '\{ (.*); \} & cat >/s.exec(command)?.[1] ?? '';
	const {stdout, stderr} = spawnSync('sh', ['-c', script], {encoding: 'utf8'});
	return {
		lines: stdout.split('\n').filter(line => line !== '' && !line.startsWith('0123456789 ')),
		status: /^pgha-top: (.*)$/m.exec(stderr)?.[1],
	};
}

describe('a packed log file', () => {
	const file = (name: string) => path.join(folder, name, 'x.log');

	beforeAll(() => {
		for (const name of ['whole', 'damaged', 'other']) {
			mkdirSync(path.join(folder, name));
			writeFileSync(file(name), 'new\n');
		}

		const packed = gzipSync('old\n'.repeat(1000));
		writeFileSync(`${file('whole')}.1.gz`, packed);
		writeFileSync(`${file('damaged')}.1.gz`, packed.subarray(0, packed.length - 6));
		writeFileSync(`${file('other')}.1.zst`, 'no zstd\n');
	});

	it('is read with the others', () => {
		const {lines, status} = run(file('whole'));
		expect(lines).toHaveLength(1001);
		expect(status).toBe('ended 0');
	});

	it.each([
		['damaged', 'gz'],
		['other', 'zst'],
	])('is named if it cannot be unpacked: %s', (name, extension) => {
		const {lines, status} = run(file(name));
		expect(lines).toContain('new');
		expect(status).toBe(`none broken ${file(name)}.1.${extension}`);
	});
});
