/**
 * Reads OpenSSH's known_hosts files, and decides on a host key by the rules of OpenSSH's hostfile.c and sshconnect.c.
 */
import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {ServerHostKeyAlgorithm} from 'ssh2';
import {crypto} from '../../lib/builtin.ts';
import {errnoWords, isMissing} from '../../lib/faults.ts';
import {readFileBytes} from '../../lib/files.ts';
import {SshError} from './prompts.ts';
import type {SshSettings} from './types.ts';

const run = promisify(execFile);

/** `authority`: signs host certificates; `revoked`: must not be accepted, whatever other lines list. */
export type KeyMarker = 'none' | 'authority' | 'revoked';

export type KnownHostKey = {marker: KeyMarker; key: Buffer};

/** `unknown`: no key of the host is known; `changed`: others are, but not this one. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** The name in known_hosts: a port other than 22 is part of it. An alias (HostKeyAlias) is used unchanged. */
export function hostKeyName(host: string, port: number): string {
	return port === 22 ? host : `[${host}]:${port}`;
}

/** The keys for a name in the files that exist. @throws SshError if a file cannot be read: it may revoke a key */
export function knownHostKeys(name: string, files: readonly string[]): KnownHostKey[] {
	return files.flatMap(file => {
		const text = textOf(file);
		return text === undefined ? [] : parseKnownHosts(text, name);
	});
}

export function parseKnownHosts(text: string, name: string): KnownHostKey[] {
	const hosted = new HostName(name);
	return text.split(/\r?\n/).flatMap(line => {
		const entry = entryOf(line);
		return entry !== undefined && hosted.isAmong(entry.names) ? [{marker: entry.marker, key: entry.key}] : [];
	});
}

/** The verdict on a plain host key; a revocation in any file counts. */
export function verdictOn(key: Buffer, known: readonly KnownHostKey[]): HostKeyVerdict {
	if (known.some(one => one.marker === 'revoked' && one.key.equals(key))) {
		return 'revoked';
	}

	const plain = known.filter(({marker}) => marker === 'none');
	return plain.some(one => one.key.equals(key)) ? 'known' : plain.length === 0 ? 'unknown' : 'changed';
}

/** Whether a RevokedHostKeys file contains the key: one public key per line, or a KRL. @throws SshError if unknown */
export async function isRevokedBy(file: string, key: Buffer): Promise<boolean> {
	let bytes: Buffer;
	try {
		bytes = readFileBytes(file);
	} catch (error) {
		// OpenSSH refuses all host keys in this case.
		throw new SshError(
			`RevokedHostKeys ${file} cannot be read: ${errnoWords(error)}`,
			'fix the file or remove RevokedHostKeys from your ssh config',
		);
	}

	if (bytes.subarray(0, 6).toString('latin1') === 'SSHKRL') {
		return isInRevocationList(file, key);
	}

	return bytes
		.toString('latin1')
		.split(/\r?\n/)
		.some(line => {
			const [, type, blob] = /^\s*([^\s#]\S*)\s+(\S+)/.exec(line) ?? [];
			return type !== undefined && blob !== undefined && Buffer.from(blob, 'base64').equals(key);
		});
}

async function isInRevocationList(file: string, key: Buffer): Promise<boolean> {
	const folder = await mkdtemp(path.join(tmpdir(), 'pgha-top-key-'));
	try {
		const shown = path.join(folder, 'key.pub');
		await writeFile(shown, `${keyType(key)} ${key.toString('base64')}\n`);
		const {stdout} = await run('ssh-keygen', ['-Q', '-f', file, shown], {timeout: 5000}).catch(
			(error: unknown) => {
				// Exit code 1 means revoked, or an unreadable list: the message distinguishes them.
				if (error instanceof Error && 'stdout' in error && /REVOKED/.test(String(error.stdout))) {
					return {stdout: 'REVOKED'};
				}

				throw new SshError(
					`RevokedHostKeys ${file} cannot be read by ssh-keygen -Q`,
					'fix the file or remove RevokedHostKeys from your ssh config',
				);
			},
		);
		return stdout.includes('REVOKED');
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}

/** latin1, so that a name that is not UTF-8 does not hide the next line. */
function textOf(file: string): string | undefined {
	if (file === '/dev/null') {
		return undefined;
	}

	try {
		return readFileBytes(file).toString('latin1');
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}

		throw new SshError(
			`${file} cannot be read: ${errnoWords(error)}`,
			'known_hosts files must be readable: a key may be revoked there',
		);
	}
}

const markers: Readonly<Record<string, KeyMarker>> = {'@revoked': 'revoked', '@cert-authority': 'authority'};

/**
 * Parses `[@marker] names type key [comment]`; undefined for a comment, or a line that OpenSSH ignores as malformed.
 */
function entryOf(line: string): {marker: KeyMarker; names: string; key: Buffer} | undefined {
	const [, mark, names = '', type = '', blob = ''] =
		/^[ \t]*(?:(@\S*)[ \t]+)?([^ \t#@][^ \t]*)[ \t]+([^ \t#]\S*)[ \t]+(\S+)/.exec(line) ?? [];
	const marker = mark === undefined ? 'none' : Object.hasOwn(markers, mark) ? markers[mark] : undefined;
	const key = Buffer.from(blob, 'base64');
	// A revocation counts even if its key type is misspelt.
	return marker === undefined || names === '' || (marker !== 'revoked' && keyType(key) !== type)
		? undefined
		: {marker, names, key};
}

/** A host name to match lines with; an alias keeps its case for hashes, as in OpenSSH. */
class HostName {
	readonly #name: string;
	readonly #lower: string;

	constructor(name: string) {
		this.#name = name;
		this.#lower = name.toLowerCase();
	}

	/** @param names `name,*.pattern,!except`, or a hashed name `|1|salt|hash` */
	isAmong(names: string): boolean {
		if (names.startsWith('|')) {
			const [, version, salt = '', hash] = names.split('|');
			return (
				version === '1' &&
				crypto().createHmac('sha1', Buffer.from(salt, 'base64')).update(this.#name).digest('base64') === hash
			);
		}

		const patterns = names.toLowerCase().split(',');
		return (
			patterns.some(pattern => !pattern.startsWith('!') && isLike(this.#lower, pattern)) &&
			!patterns.some(pattern => pattern.startsWith('!') && isLike(this.#lower, pattern.slice(1)))
		);
	}
}

/** Supports `*` and `?`; backtracks only to the last `*`, so it takes no exponential time. */
function isLike(name: string, pattern: string): boolean {
	let at = 0;
	let step = 0;
	let star = -1;
	let mark = 0;
	while (at < name.length) {
		if (pattern[step] === '*') {
			star = step++;
			mark = at;
		} else if (step < pattern.length && (pattern[step] === '?' || pattern[step] === name[at])) {
			step++;
			at++;
		} else if (star >= 0) {
			step = star + 1;
			at = ++mark;
		} else {
			return false;
		}
	}

	while (pattern[step] === '*') {
		step++;
	}

	return step === pattern.length;
}

/** OpenSSH's form: `SHA256:` and the digest in base64 without padding. */
export function fingerprint(key: Buffer): string {
	return `SHA256:${crypto().createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;
}

/** The key's own type name, the first string in its blob (`ssh-ed25519`). */
export function keyType(key: Buffer): string {
	const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
	return key.subarray(4, 4 + length).toString('latin1');
}

/** Host key algorithms that OpenSSH and ssh2 support, the strongest first. */
const spoken = [
	'ssh-ed25519',
	'ecdsa-sha2-nistp256',
	'ecdsa-sha2-nistp384',
	'ecdsa-sha2-nistp521',
	'rsa-sha2-512',
	'rsa-sha2-256',
] as const;

/**
 * Algorithms of known keys first, as in OpenSSH: else the server might present an unknown key. The others follow, so
 * that a
 * server that lost a key gets an error of its own.
 */
export function hostKeyAlgorithms(
	known: readonly KnownHostKey[],
	{hostKeyAlgorithms: allowed}: Pick<SshSettings, 'hostKeyAlgorithms'>,
): ServerHostKeyAlgorithm[] {
	const usable = allowed.length === 0 ? spoken : allowed.filter(one => spoken.some(name => name === one));
	const types = new Set(known.flatMap(({marker, key}) => (marker === 'none' ? [keyType(key)] : [])));
	const isKnown = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
	const order = [...usable.filter(isKnown), ...usable.filter(one => !isKnown(one))];
	if (order.length === 0) {
		throw new SshError(
			`HostKeyAlgorithms (${allowed.join(',')}) has none that pgha-top supports`,
			`allow one of ${spoken.join(', ')} in your ssh config`,
		);
	}

	return order as ServerHostKeyAlgorithm[];
}
