/** Which host keys OpenSSH's known_hosts files hold for a host, as OpenSSH itself would find them. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import {crypto} from '../builtin.ts';

const run = promisify(execFile);

export type KnownHostKey = {type: string; key: Buffer; revoked: boolean};

export async function knownHostKeys(
	host: string,
	port: number,
	files: readonly string[],
): Promise<KnownHostKey[]> {
	const name = port === 22 ? host : `[${host}]:${port}`;
	const lookups = files.filter(file => existsSync(file)).map(file => lookUp(name, file));
	return (await Promise.all(lookups)).flat();
}

async function lookUp(name: string, file: string): Promise<KnownHostKey[]> {
	return inPlainSight(name, await readFile(file, 'utf8')) ?? askSshKeygen(name, file);
}

/** What stands under the very name, plain or hashed; undefined where capitals, a pattern or a marker take part, which OpenSSH has to judge. */
function inPlainSight(name: string, text: string): KnownHostKey[] | undefined {
	const lines = text
		.split('\n')
		.map(line => line.trim().split(/\s+/))
		.filter(([names = '']) => names !== '' && !names.startsWith('#'));
	return name !== name.toLowerCase() || lines.some(([names = '']) => /^@|[*?!]/.test(names))
		? undefined
		: lines.flatMap(([names = '', type, key]) =>
				type !== undefined && key !== undefined && isAmong(names, name)
					? [{type, key: Buffer.from(key, 'base64'), revoked: false}]
					: [],
			);
}

/** `names`: `name,name`, or one hashed as `|1|salt|hash`. */
function isAmong(names: string, name: string): boolean {
	const [, version, salt = '', hash] = names.split('|');
	return version === '1'
		? crypto().createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
		: names.toLowerCase().split(',').includes(name);
}

async function askSshKeygen(name: string, file: string): Promise<KnownHostKey[]> {
	let stdout: string;
	try {
		({stdout} = await run('ssh-keygen', ['-F', name, '-f', file], {timeout: 5000}));
	} catch (error) {
		// Exit code 1 says that the host is not in the file.
		if (error instanceof Error && 'code' in error && error.code === 1) {
			return [];
		}

		throw error;
	}

	return stdout.split('\n').flatMap(line => {
		const words = line.trim().split(/\s+/);
		const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
		const [, type, key] = words;
		// A certificate authority signs host certificates, which ssh2 does not speak.
		return line.startsWith('#') || type === undefined || key === undefined || marker === '@cert-authority'
			? []
			: [{type, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked'}];
	});
}

/** As OpenSSH prints it: `SHA256:` and the digest in base64 without padding. */
export function fingerprint(key: Buffer): string {
	return `SHA256:${crypto().createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;
}

/** The key's own type name, the first string in its blob (`ssh-ed25519`). */
export function keyType(key: Buffer): string {
	const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
	return key.subarray(4, 4 + length).toString('latin1');
}
