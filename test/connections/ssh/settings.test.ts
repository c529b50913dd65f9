/** The output of `ssh -G` is parsed as OpenSSH means it, in linear time. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parseSettings} from '../../../source/connections/ssh/settings.ts';
import {temporaryFolder} from '../../support/folder.ts';

const folder = temporaryFolder('ssh-settings');
const read = (text: string) => parseSettings(text, 'pgdb1', {});

describe('the answer of ssh -G', () => {
	it('has several files on a line, with blanks in their names too', () => {
		const file = path.join(folder, 'a folder', 'known hosts');
		mkdirSync(path.dirname(file));
		writeFileSync(file, '');
		expect(read(`userknownhostsfile /none ${file} /none2\n`).knownHostsFiles).toEqual([
			'/none',
			file,
			'/none2',
		]);
	});

	it('with as many files as OpenSSH accepts is read, and with more refused', () => {
		expect(read(`userknownhostsfile${' /a'.repeat(32)}\n`).knownHostsFiles).toHaveLength(32);
		expect(() => read(`userknownhostsfile${' /a'.repeat(40_000)}\n`)).toThrow(
			'"ssh -G" reports more than 32 files of known hosts',
		);
	});

	it('keeps each value of a repeated keyword', () => {
		const {identityFiles} = read('identityfile /a\n'.repeat(40_000));
		expect(identityFiles).toHaveLength(40_000);
	});
});
