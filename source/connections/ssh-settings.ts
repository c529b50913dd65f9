/** The effective OpenSSH settings for a host, as `ssh -G` tells them: Include, Match and tokens are OpenSSH's own business. */
import {execFile} from 'node:child_process';
import {homedir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

export type SshOptions = {user?: string; port?: number; configFile?: string};

export type SshSettings = {
	hostname: string;
	port: number;
	user: string;
	/** The name under which known_hosts keeps the host. */
	hostKeyAlias: string;
	identityFiles: readonly string[];
	/** Socket of the agent; undefined for none. */
	agent: string | undefined;
	knownHostsFiles: readonly string[];
	proxyJump: string | undefined;
	proxyCommand: string | undefined;
};

export async function sshSettings(
	host: string,
	{user, port, configFile}: SshOptions,
	environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SshSettings> {
	const {stdout} = await run(
		'ssh',
		[
			...(configFile === undefined ? [] : ['-F', configFile]),
			...(user === undefined ? [] : ['-l', user]),
			...(port === undefined ? [] : ['-p', String(port)]),
			'-G',
			'--',
			host,
		],
		{timeout: 5000},
	);
	return parseSettings(stdout, host, environment);
}

/** One `keyword value` a line, keywords in lower case, `identityfile` once for each. */
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
			settings.set(keyword, [...(settings.get(keyword) ?? []), line.slice(space + 1).trim()]);
		}
	}

	const one = (keyword: string) => {
		const value = settings.get(keyword)?.[0];
		return value === 'none' ? undefined : value;
	};
	const files = (keyword: string) => (one(keyword) ?? '').split(/\s+/).filter(Boolean).map(expandHome);
	const hostname = one('hostname') ?? host;
	const agent = one('identityagent');
	return {
		hostname,
		port: Number(one('port') ?? 22),
		user: one('user') ?? 'root',
		hostKeyAlias: one('hostkeyalias') ?? hostname,
		identityFiles: (settings.get('identityfile') ?? []).map(expandHome),
		agent:
			settings.get('identityagent')?.[0] === 'none'
				? undefined
				: agent === undefined || agent === 'SSH_AUTH_SOCK'
					? environment.SSH_AUTH_SOCK
					: expandHome(agent),
		knownHostsFiles: [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
		proxyJump: one('proxyjump'),
		proxyCommand: one('proxycommand'),
	};
}

function expandHome(file: string): string {
	return file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : file;
}
