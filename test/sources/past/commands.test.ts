/** The commands that read logs of some time, in a real shell: of a large log only its end, of many files the latest. */
import {spawnSync} from 'node:child_process';
import {utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {expect, it} from 'vitest';
import {pastFilesCommand, pastJournalCommand} from '../../../source/sources/past/commands.ts';
import {temporaryFolder} from '../../support/folder.ts';

const token = 'abcdef0123456789';
const now = Math.floor(Date.now() / 1000);

function read(
	folder: string,
	max: {bytes: number; files: number} | undefined,
): {files: string[]; text: string} {
	const command = pastFilesCommand(folder, {since: now - 3600, token, max, folder: undefined});
	// In a session of its own, which it ends.
	const {stdout: text} = spawnSync('setsid', ['-w', 'sh', '-c', `sleep 1 | ${command}`], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const lines = text.split('\n');
	const marks = lines.filter(line => line.startsWith(`${token} `));
	return {
		files: marks.map(line => path.basename(line)),
		text: lines.filter(line => !marks.includes(line)).join('\n'),
	};
}

/** Files with these contents, the first one the oldest. */
function folderWith(files: readonly (readonly [string, string | Buffer])[]): string {
	const folder = temporaryFolder('logs');
	for (const [index, [name, content]] of files.entries()) {
		writeFileSync(path.join(folder, name), content);
		utimesSync(path.join(folder, name), now, now - 600 + index);
	}

	return folder;
}

it('read the end of a large file, and the latest files', () => {
	const folder = folderWith([
		['a.log', 'old\n'],
		['b.log', 'one\ntwo\nthree\n'],
		['c.log', 'four\n'],
	]);
	expect(read(folder, undefined)).toEqual({
		files: ['a.log', 'b.log', 'c.log'],
		text: 'old\none\ntwo\nthree\nfour\n',
	});
	expect(read(folder, {bytes: 6, files: 2})).toEqual({files: ['b.log', 'c.log'], text: 'three\nfour\n'});
});

it('leave out a packed file that would cost too much', () => {
	const packed = gzipSync('packed\n');
	const folder = folderWith([
		['a.log.gz', packed],
		['b.log', 'plain\n'],
	]);
	expect(read(folder, {bytes: packed.length, files: 3}).text).toBe('packed\nplain\n');
	expect(read(folder, {bytes: packed.length - 1, files: 3})).toEqual({files: ['b.log'], text: 'plain\n'});
});

it('read at most so many lines of the journal, the last ones', () => {
	const span = {since: now - 60, until: now};
	expect(pastJournalCommand(['patroni'], span, 12_000)).toContain(' --lines=12000 ');
	expect(pastJournalCommand(['patroni'], span)).not.toContain('--lines');
});
