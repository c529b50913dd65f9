/** The effective OpenSSH settings for a host, from `ssh -G`, which resolves Include, Match and tokens. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {isIPv6} from 'node:net';
import {promisify} from 'node:util';
import {expandHome} from '../../lib/files.ts';
import {hostKeyName} from './known-hosts.ts';
import {SshError} from './prompts.ts';
import type {SshOptions, SshSettings} from './types.ts';

const run = promisify(execFile);

/** Bytes of output of `ssh -G`, which has some KiB. */
const settingsMaxBytes = 256 * 1024;

export async function sshSettings(
	host: string,
	{user, port, configFile, jump}: SshOptions,
	environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SshSettings> {
	const {stdout} = await run(
		'ssh',
		[
			...(configFile === undefined ? [] : ['-F', configFile]),
			...(user === undefined ? [] : ['-l', user]),
			...(port === undefined ? [] : ['-p', String(port)]),
			...(jump === undefined ? [] : ['-J', jump]),
			'-G',
			'--',
			host,
		],
		{timeout: 5000, maxBuffer: settingsMaxBytes},
	).catch((error: unknown) => {
		throw error instanceof Error && 'code' in error && error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
			? new SshError(
					`"ssh -G ${host}" prints more than ${settingsMaxBytes / 1024} KiB`,
					'check your ssh config for this host',
				)
			: error;
	});
	return parseSettings(stdout, host, environment);
}

/** Parses one `keyword value` per line; keywords are in lower case, `identityfile` may repeat. */
export function parseSettings(
	text: string,
	host: string,
	environment: Readonly<Record<string, string | undefined>>,
): SshSettings {
	const settings = new Map<string, string[]>();
	for (const line of text.split('\n')) {
		const space = line.indexOf(' ');
		if (space > 0) {
			const keyword = line.slice(0, space);
			const value = line.slice(space + 1).trim();
			const values = settings.get(keyword);
			if (values === undefined) {
				settings.set(keyword, [value]);
			} else {
				values.push(value);
			}
		}
	}

	const one = (keyword: string) => {
		const value = settings.get(keyword)?.[0];
		return value === 'none' ? undefined : value;
	};
	const files = (keyword: string) => fileNames(one(keyword) ?? '');
	const hostname = (one('hostname') ?? host).toLowerCase();
	const port = Number(one('port') ?? 22);
	const agent = one('identityagent');
	const alias = one('hostkeyalias');
	return {
		hostname,
		port,
		user: one('user') ?? 'root',
		knownAs: alias ?? hostKeyName(hostname, port),
		knownAsElse: alias === undefined && port !== 22 ? hostname : undefined,
		identityFiles: (settings.get('identityfile') ?? []).map(expandHome),
		agent:
			settings.get('identityagent')?.[0] === 'none'
				? undefined
				: agent === undefined || agent === 'SSH_AUTH_SOCK'
					? environment.SSH_AUTH_SOCK
					: expandHome(agent),
		identitiesOnly: one('identitiesonly') === 'yes',
		knownHostsFiles: [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
		strictHostKeyChecking: strictness(one('stricthostkeychecking')),
		checkHostIp: one('checkhostip') === 'yes',
		revokedHostKeys: fileOf(one('revokedhostkeys')),
		knownHostsCommand: one('knownhostscommand'),
		hostKeyAlgorithms: (one('hostkeyalgorithms') ?? '').split(',').filter(Boolean),
		proxyJump: one('proxyjump'),
		proxyCommand: one('proxycommand'),
	};
}

/** `ssh -G` prints true and false for yes and no here. */
function strictness(word: string | undefined): SshSettings['strictHostKeyChecking'] {
	switch (word) {
		case 'true':
		case 'yes': {
			return 'yes';
		}

		case 'accept-new': {
			return 'accept-new';
		}

		case 'false':
		case 'no':
		case 'off': {
			return 'off';
		}

		default: {
			return 'ask';
		}
	}
}

/** OpenSSH's limit for files of one kind. */
const filesMax = 32;
/** Blanks in one name. */
const blanksMax = 31;

/**
 * `ssh -G` separates names by blanks without quotes: of names with blanks the longest that exists is used.
 * @throws SshError for more names than OpenSSH accepts
 */
function fileNames(text: string): string[] {
	const words = text.split(' ').filter(Boolean);
	const names: string[] = [];
	for (let at = 0; at < words.length; ) {
		if (names.length === filesMax) {
			throw new SshError(`"ssh -G" reports more than ${filesMax} files of known hosts`);
		}

		const lengthMax = Math.min(words.length - at, blanksMax + 1);
		const lengths = Array.from({length: lengthMax}, (_, index) => lengthMax - index);
		const length = lengths.find(one => existsSync(expandHome(words.slice(at, at + one).join(' ')))) ?? 1;
		names.push(expandHome(words.slice(at, at + length).join(' ')));
		at += length;
	}

	return names;
}

function fileOf(name: string | undefined): string | undefined {
	return name === undefined ? undefined : expandHome(name);
}

export type Jump = {
	host: string;
	user?: string;
	port?: number;
	/** The hosts before it, as in ProxyJump; undefined: its own ssh configuration decides. */
	through?: string;
};

/**
 * The last of the jump hosts, reached through the others. The caller has handled ssh's word `none`.
 * @throws SshError if OpenSSH would refuse it, too
 */
export function lastJump(text: string): Jump {
	const hops = text.split(',').map(hop => hop.trim());
	const last = hops.pop() ?? '';
	const [, scheme, user, bracketed, bare, port] =
		/^(ssh:\/\/)?(?:([^\s/]+)@)?(?:\[([^\]\s]+)\]|([^\s@/[\]]+?))(?::(\d{1,5}))?\/?$/.exec(last) ?? [];
	const host = bracketed ?? bare;
	// An IPv6 address with a port has brackets; one without may lack them.
	const isAddress = bare !== undefined && scheme === undefined && isBareIpv6(last, user);
	const its = isAddress ? last.slice(user === undefined ? 0 : user.length + 1) : host;
	const number = port === undefined || isAddress ? undefined : Number(port);
	if (
		its === undefined ||
		its.startsWith('-') ||
		(!isAddress && bare?.includes(':')) ||
		hops.includes('') ||
		(number !== undefined && (number === 0 || number > 65_535))
	) {
		throw new SshError(`cannot read ProxyJump ${text}`, 'give [USER@]HOST[:PORT], several with commas');
	}

	return {
		host: its,
		...(user === undefined ? {} : {user}),
		...(number === undefined ? {} : {port: number}),
		...(hops.length === 0 ? {} : {through: hops.join(',')}),
	};
}

function isBareIpv6(hop: string, user: string | undefined): boolean {
	return isIPv6(user === undefined ? hop : hop.slice(user.length + 1));
}
