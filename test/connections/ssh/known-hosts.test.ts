import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	fingerprint,
	hostKeyName,
	knownHostKeys,
	parseKnownHosts,
	verdictOn,
} from '../../../source/connections/ssh/known-hosts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-known-hosts-'));

function newKey(name: string): string {
	const file = path.join(folder, name);
	execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
	const [type, key] = readFileSync(`${file}.pub`, 'utf8').split(' ');
	return `${type} ${key}`;
}

const one = newKey('one');
const other = newKey('other');

async function known(content: string, {host = 'pgdb1', port = 22, hashed = false} = {}) {
	const file = path.join(folder, 'known_hosts');
	writeFileSync(file, content);
	if (hashed) {
		execFileSync('ssh-keygen', ['-q', '-H', '-f', file], {stdio: 'ignore'});
	}

	const keys = knownHostKeys(hostKeyName(host, port), [file, '/nonexistent']);
	return keys.map(({key, marker}) => ({print: fingerprint(key), marker}));
}

const print = (key: string) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));
const isOne = [{print: print(one), marker: 'none'}];

describe('the keys of a host in known_hosts', () => {
	it.each([
		['under its name', `pgdb2 ${other}\npgdb1 ${one} a comment\n`, {}],
		['under one of several names', `# hosts\n\npgdb1,10.0.0.1 ${one}\npgdb2 ${other}\n`, {host: '10.0.0.1'}],
		['whatever the case of the file', `PGDB1 ${one}\n`, {}],
		['under a hashed name', `pgdb2 ${other}\npgdb1 ${one}\n`, {hashed: true}],
		['at a port of its own', `pgdb1 ${other}\n[pgdb1]:2222 ${one}\n`, {port: 2222}],
		['by a pattern', `pgdb* ${one}\n`, {}],
		['by no pattern that excludes it', `pgdb*,!pgdb1 ${other}\npgdb1 ${one}\n`, {}],
	])('are found %s', async (_, content, asked) => {
		expect(await known(content, asked)).toEqual(isOne);
	});

	it('are recognized as revoked', async () => {
		expect(await known(`@revoked pgdb1 ${one}\n`)).toEqual([{print: print(one), marker: 'revoked'}]);
	});

	it('are empty for another host', async () => {
		expect(await known(`pgdb11 ${one}\n[pgdb1]:2222 ${other}\n`)).toEqual([]);
		expect(await known(`pgdb2 ${one}\n`, {hashed: true})).toEqual([]);
	});
});

const blobOf = (key: string) => Buffer.from(key.split(' ')[1] ?? '', 'base64');

describe('the verdict on a key', () => {
	it.each([
		['known', `pgdb1 ${one}\n`],
		['known', `pgdb1 ${other}\npgdb1 ${one}\n`],
		['known', `@revoked pgdb1 ${other}\npgdb1 ${one}\n`],
		['known', `pgdb1 ${one}\r\n`],
		['known', ` \t pgdb1 \t ${one}\n`],
		['changed', `pgdb1 ${other}\n`],
		['changed', `@cert-authority pgdb1 ${one}\npgdb1 ${other}\n`],
		['unknown', ''],
		['unknown', `@cert-authority pgdb1 ${one}\n`],
		['unknown', `@nonsense pgdb1 ${one}\n`],
		['unknown', `@cert-authority @revoked pgdb1 ${one}\n`],
		['unknown', `pgdb1 ssh-rsa ${one.split(' ')[1]}\n`],
		['unknown', `pgdb1 garbled\n`],
		['unknown', `#pgdb1 ${one}\n`],
		['unknown', `!pgdb1,* ${one}\n`],
		['revoked', `@revoked pgdb1 ${one}\n`],
		['revoked', `pgdb1 ${one}\n@revoked * ${one}\n`],
		['revoked', `@revoked pgdb?,x ${one}\npgdb1 ${one}\n`],
		['revoked', `@revoked\tpgdb1\t${one}\npgdb1 ${one}\n`],
	] as const)('is %s', (verdict, text) => {
		expect(verdictOn(blobOf(one), parseKnownHosts(text, 'pgdb1'))).toBe(verdict);
	});

	it('is revoked wherever the line is, among any others', () => {
		fc.assert(
			fc.property(
				fc.shuffledSubarray([
					`pgdb1 ${one}`,
					`pgdb* ${other}`,
					'# comment',
					'',
					'garbled',
					`@cert-authority * ${one}`,
				]),
				fc.nat(6),
				(lines, at) => {
					const text = lines.toSpliced(at, 0, `@revoked * ${one}`).join('\n');
					expect(verdictOn(blobOf(one), parseKnownHosts(text, 'pgdb1'))).toBe('revoked');
				},
			),
		);
	});
});

describe('a pattern', () => {
	/** A slow reference implementation of patterns. */
	const like = (name: string, pattern: string): boolean =>
		pattern === ''
			? name === ''
			: pattern[0] === '*'
				? like(name, pattern.slice(1)) || (name !== '' && like(name.slice(1), pattern))
				: name !== '' &&
					(pattern[0] === '?' || pattern[0] === name[0]) &&
					like(name.slice(1), pattern.slice(1));

	it('matches as its definition says', () => {
		const text = (characters: string, least: number) =>
			fc.array(fc.constantFrom(...characters), {minLength: least, maxLength: 8}).map(list => list.join(''));
		fc.assert(
			fc.property(text('ab', 1), text('ab*?', 1), (name, pattern) => {
				const verdict = verdictOn(blobOf(one), parseKnownHosts(`${pattern} ${one}\n`, name));
				expect(verdict === 'known').toBe(like(name, pattern));
			}),
		);
	});

	it('of many stars takes bounded time', () => {
		const text = `${'*a'.repeat(500)} ${one}\n`;
		expect(parseKnownHosts(text, `${'a'.repeat(5000)}b`)).toEqual([]);
	});
});

describe('a known_hosts file that cannot be read', () => {
	it('is refused by its name: it may revoke a key', () => {
		expect(() => knownHostKeys('pgdb1', [folder])).toThrow(`${folder} cannot be read: `);
	});

	it('does not wait for a pipe', () => {
		const pipe = path.join(folder, 'pipe');
		execFileSync('mkfifo', [pipe]);
		expect(() => knownHostKeys('pgdb1', [pipe])).toThrow('it is not a regular file');
	});

	it('that does not exist, or is /dev/null, has no keys', () => {
		expect(knownHostKeys('pgdb1', ['/nonexistent/known_hosts', '/dev/null'])).toEqual([]);
	});
});
