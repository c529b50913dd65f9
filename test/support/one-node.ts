/** A console's configuration with one node behind the test's sshd; no other source answers. */
import {appendFileSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {program} from './program.ts';
import type {SshKey} from './ssh-server.ts';

export type OneNode = {
	/** Arguments for Node.js. */
	args: string[];
	env: Record<string, string>;
	/** Adds the node's key to known_hosts, as an earlier login does. */
	know: (key: SshKey) => void;
	/** All of known_hosts. */
	known: () => string;
};

/**
 * @param user the offered key
 * @param more lines of pgha-top's own section
 */
export function oneNode(
	folder: string,
	{user, port, more = []}: {user: SshKey; port: number; more?: readonly string[]},
): OneNode {
	const at = (name: string) => path.join(folder, name);
	const knownHosts = at('known_hosts');
	writeFileSync(
		at('ssh_config'),
		[
			'Host *',
			'  User dba',
			`  IdentityFile ${user.file}`,
			'  IdentitiesOnly yes',
			'  IdentityAgent none',
			`  UserKnownHostsFile ${knownHosts}`,
			'  GlobalKnownHostsFile /dev/null',
			'  HashKnownHosts no',
			'',
		].join('\n'),
	);
	writeFileSync(
		at('patronictl.yaml'),
		[
			'scope: main',
			'etcd3: {hosts: "127.0.0.1:1"}',
			'pgha-top:',
			'  nodes: {alpha: {host: 127.0.0.1, roles: [database]}}',
			`  ssh: {config_file: ${at('ssh_config')}, port: ${port}}`,
			...more.map(line => `  ${line}`),
			'',
		].join('\n'),
	);
	return {
		args: [program, '-c', at('patronictl.yaml')],
		env: {XDG_CONFIG_HOME: '/nonexistent', TMPDIR: folder},
		know: key => {
			appendFileSync(knownHosts, `[127.0.0.1]:${port} ${key.public}\n`);
		},
		known: () => (existsSync(knownHosts) ? readFileSync(knownHosts, 'utf8') : ''),
	};
}
