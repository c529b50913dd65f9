import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {fileMaxBytes, readFileBytes, readFileText, whyNotRead, whyUnreadable} from '../source/read-file.ts';
import {temporaryFolder} from './support/folder.ts';

const folder = temporaryFolder('read-file');
const at = (name: string) => `${folder}/${name}`;

function why(read: () => unknown): string {
	try {
		read();
	} catch (error) {
		return whyNotRead(error);
	}

	return 'it was read';
}

mkdirSync(at('folder'));
execFileSync('mkfifo', [at('pipe')]);
writeFileSync(at('large'), 'x'.repeat(1024 * 1024 + 1));
writeFileSync(at('latin1'), Buffer.from([0x70, 0xe4, 0x3a]));
writeFileSync(at('text'), '\uFEFFscope: Köln\n');
writeFileSync(at('closed'), 'scope: main\n');
chmodSync(at('closed'), 0o000);

describe('a file that cannot be read says why', () => {
	it.each([
		['folder', 'it is a directory'],
		['pipe', 'it is not a regular file'],
		['large', 'it is larger than 1 MiB'],
		['latin1', 'it is not UTF-8 text'],
		['none', 'no such file'],
		['text/none', 'no such file'],
		['none\0', 'the name has a NUL in it'],
	])('%s: %s', (name, reason) => {
		expect(why(() => readFileText(at(name), 1024 * 1024))).toBe(reason);
	});

	it('a device that never ends', () => {
		expect(why(() => readFileText('/dev/zero'))).toBe('it is not a regular file');
		expect(whyUnreadable('/dev/tty')).toMatch('it is not a regular file');
	});

	it.runIf(process.getuid?.() !== 0)('one that is closed to us', () => {
		expect(why(() => readFileText(at('closed')))).toBe('permission denied');
	});
});

describe('a file', () => {
	it('is read whole, without a byte order mark', () => {
		expect(readFileText(at('text'))).toBe('scope: Köln\n');
		expect(readFileBytes(at('large')).length).toBe(1024 * 1024 + 1);
		expect(whyUnreadable(at('large'))).toBeUndefined();
	});

	it('whose size is not told is read, too', () => {
		expect(readFileText('/proc/self/status')).toMatch(/^Name:/);
		expect(fileMaxBytes).toBeGreaterThan(1024 * 1024);
	});
});
