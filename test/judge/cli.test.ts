/** The judge's command line: what it cannot judge is an error that says why, with exit code 2. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {execa} from 'execa';
import {describe, expect, it} from 'vitest';
import {readChaos, readOracle} from '../../tools/judge/oracle-file.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('judge-cli');
const program = path.join(import.meta.dirname, '../../tools/judge/cli.ts');

function file(name: string, content: string | Buffer): string {
	const full = path.join(folder, name);
	writeFileSync(full, content);
	return full;
}

const header = JSON.stringify({oracle: 1, startedAt: 0, nodes: []});
const look = JSON.stringify({node: 'pgdb1', at: 100, ms: 1, on: true});

async function judge(...args: readonly string[]) {
	const {exitCode, stderr} = await execa(process.execPath, [program, ...args], {reject: false});
	return {exitCode, stderr};
}

describe('the judge', () => {
	it('prints its usage', async () => {
		expect(await judge()).toMatchObject({
			exitCode: 2,
			stderr: expect.stringContaining('usage: npm run judge --'),
		});
		expect(await judge('--nonsense')).toMatchObject({
			exitCode: 2,
			stderr: expect.stringContaining('--nonsense'),
		});
	});

	it('names a missing file', async () => {
		const {exitCode, stderr} = await judge(path.join(folder, 'none'), path.join(folder, 'none either'));
		expect(exitCode).toBe(2);
		expect(stderr).toMatch(/^judge: .*none: ENOENT/);
	});

	it('refuses a file that is no recording', async () => {
		const {exitCode, stderr} = await judge(
			file('good.ndjson', `${header}\n`),
			file('bad.ndjson', 'no recording\n'),
		);
		expect(exitCode).toBe(2);
		expect(stderr).toContain('bad.ndjson');
	});
});

describe("the oracle's file", () => {
	it('is read, compressed or truncated too', () => {
		const text = `${header}\n${look}\n`;
		expect(readOracle(file('o.ndjson', text)).looks).toHaveLength(1);
		const compressed = gzipSync(`${text}${look}\n`.repeat(1));
		expect(readOracle(file('o.ndjson.gz', compressed)).looks).toHaveLength(2);
		expect(readOracle(file('cut.ndjson', `${text}{"node":"pg`)).looks).toHaveLength(1);
		expect(readOracle(file('cut.ndjson.gz', compressed.subarray(0, -8))).looks).toHaveLength(2);
	});

	it.each([
		['', 'line 1: not the header'],
		['{}\n', 'line 1: not the header'],
		['{"oracle":99}\n', 'line 1: version 99; this judge reads 1'],
		[`${header}\n{"at":1}\n`, 'line 2: not a look'],
		[`${header}\n${look}\n{\n`, 'line 3: invalid JSON'],
	])('is refused with its line: %j', (content, message) => {
		expect(() => readOracle(file('wrong.ndjson', content))).toThrow(message);
	});

	it('is not mistaken for the log of chaos, nor the reverse', () => {
		expect(() => readChaos(file('o.ndjson', `${header}\n`))).toThrow('line 1: not the header of faults');
		expect(() => readOracle(file('f.ndjson', '{"chaos":1,"seed":1}\n'))).toThrow(
			'line 1: not the header of an oracle',
		);
	});
});
