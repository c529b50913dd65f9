import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {fingerprint, knownHostKeys} from '../../source/connections/known-hosts.ts';

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

	const keys = await knownHostKeys(host, port, [file, '/nonexistent']);
	return keys.map(({key, revoked}) => ({print: fingerprint(key), revoked}));
}

const print = (key: string) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));
const isOne = [{print: print(one), revoked: false}];

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

	it('are told as revoked', async () => {
		expect(await known(`@revoked pgdb1 ${one}\n`)).toEqual([{print: print(one), revoked: true}]);
	});

	it('are none where another host is meant', async () => {
		expect(await known(`pgdb11 ${one}\n[pgdb1]:2222 ${other}\n`)).toEqual([]);
		expect(await known(`pgdb2 ${one}\n`, {hashed: true})).toEqual([]);
	});
});
