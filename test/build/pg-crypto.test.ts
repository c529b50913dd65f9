/** A password's answer is computed as pg itself does it. */
import {createRequire} from 'node:module';
import {expect, it} from 'vitest';
import {cryptoOfPg} from '../../tools/build/lighter-packages.ts';

type Bytes = ArrayBuffer | Uint8Array;

type Crypto = {
	md5: (text: string) => Promise<string>;
	postgresMd5PasswordHash: (user: string, password: string, salt: Uint8Array) => Promise<string>;
	randomBytes: (length: number) => Buffer;
	deriveKey: (password: string, salt: Uint8Array, iterations: number) => Promise<Bytes>;
	sha256: (data: Uint8Array) => Promise<Bytes>;
	hashByName: (name: string, data: Uint8Array) => Promise<Bytes>;
	hmacSha256: (key: Bytes, text: string) => Promise<Bytes>;
};

const require = createRequire(import.meta.url);
const theirs: Crypto = require('pg/lib/crypto/utils.js');
const ours = load(cryptoOfPg);

function load(code: string): Crypto {
	const module = {exports: {}};
	new Function('require', 'module', code)(require, module);
	return module.exports as Crypto;
}

function hex(bytes: Bytes): string {
	return Buffer.from(bytes as Uint8Array).toString('hex');
}

it.each(['pencil', '', 'pässwörd \u{1F511}', 'x'.repeat(200)])('for the password %j', async password => {
	const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
	const [key, known] = [
		await ours.deriveKey(password, salt, 4096),
		await theirs.deriveKey(password, salt, 4096),
	];
	expect(hex(key)).toBe(hex(known));
	expect(hex(await ours.hmacSha256(key, 'n=ä,r=1'))).toBe(hex(await theirs.hmacSha256(known, 'n=ä,r=1')));
	expect(hex(await ours.sha256(salt))).toBe(hex(await theirs.sha256(salt)));
	expect(await ours.postgresMd5PasswordHash('ü', password, salt)).toBe(
		await theirs.postgresMd5PasswordHash('ü', password, salt),
	);
	expect(await ours.md5(password)).toBe(await theirs.md5(password));
});

it.each(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'])('for a certificate by %s', async name => {
	const data = Buffer.from('certificate');
	expect(hex(await ours.hashByName(name, data))).toBe(hex(await theirs.hashByName(name, data)));
});

it('with a nonce of the length that is asked for', () => {
	expect(ours.randomBytes(18)).toHaveLength(18);
	expect(ours.randomBytes(18)).not.toEqual(ours.randomBytes(18));
});
