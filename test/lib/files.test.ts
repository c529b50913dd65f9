import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {errnoWords} from '../../source/lib/faults.ts';
import {
	fileMaxBytes,
	findUnreadable,
	readFileBytes,
	readFileOrPipe,
	readFileText,
} from '../../source/lib/files.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('read-file');
const at = (name: string) => `${folder}/${name}`;

function why(read: () => unknown): string {
	try {
		read();
	} catch (error) {
		return errnoWords(error);
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
		['text/none', 'part of its path is not a folder'],
		['none\0', 'the name contains a NUL'],
	])('%s: %s', (name, reason) => {
		expect(why(() => readFileText(at(name), 1024 * 1024))).toBe(reason);
	});

	it('a device without an end is refused', () => {
		expect(why(() => readFileText('/dev/zero'))).toBe('it is not a regular file');
		expect(findUnreadable('/dev/tty')?.why).toMatch('it is not a regular file');
	});

	it.each([
		["printf 'scope: K\\303\\266ln\\n'", 'scope: Köln'],
		['sleep 0.3; echo late', 'late'],
		['sleep 30', 'its writer did not end within 1 s'],
		['cat /dev/zero', 'it is larger than 16 MiB'],
		["printf '\\344'", 'it is not UTF-8 text'],
	])('a pipe of the shell is read within bounds: %s', (writer, result) => {
		const module = JSON.stringify(new URL('../../source/lib/files.ts', import.meta.url).href);
		const words = JSON.stringify(new URL('../../source/lib/faults.ts', import.meta.url).href);
		const script = `const {readFileOrPipe} = await import(${module});
const {errnoWords} = await import(${words});
try { console.log(readFileOrPipe(process.argv[1], {maxMs: ${result.endsWith('within 1 s') ? 1000 : 60_000}})); } catch (error) { console.log(errnoWords(error)); }`;
		const said = execFileSync(
			'bash',
			[
				'-c',
				'"$0" --input-type=module -e "$1" <(exec 2>/dev/null; eval "$2")',
				process.execPath,
				script,
				writer,
			],
			{encoding: 'utf8', timeout: 60_000},
		);
		expect(said.trim()).toBe(result);
	});

	it('a pipe with another name is refused', () => {
		expect(why(() => readFileOrPipe(at('pipe')))).toBe('it is not a regular file');
	});

	it.runIf(process.getuid?.() !== 0)('a file without permission is refused', () => {
		expect(why(() => readFileText(at('closed')))).toBe('permission denied');
	});
});

describe('a file', () => {
	it('is read completely, without a byte order mark', () => {
		expect(readFileText(at('text'))).toBe('scope: Köln\n');
		expect(readFileBytes(at('large')).length).toBe(1024 * 1024 + 1);
		expect(findUnreadable(at('large'))).toBeUndefined();
	});

	it('of unknown size is read', () => {
		expect(readFileText('/proc/self/status')).toMatch(/^Name:/);
		expect(fileMaxBytes).toBeGreaterThan(1024 * 1024);
	});
});
