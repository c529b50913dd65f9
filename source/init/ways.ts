/** How `init` reaches a cluster: SSH with the operator's configuration, Patroni's REST API, TCP. */
import {connect} from 'node:net';
import {Rest} from '../connections/rest.ts';
import {SshPrompts} from '../connections/ssh/prompts.ts';
import {sshSettings} from '../connections/ssh/settings.ts';
import {Ssh} from '../connections/ssh/ssh.ts';
import {readNode, runOver} from '../discovery/read-node.ts';
import {expandHome, findUnreadable} from '../lib/files.ts';
import {clusterView} from '../sources/cluster-view.ts';
import type {SshChoice} from './dialog.ts';
import type {Listing, Ways} from './types.ts';

const sshDeadlineMs = 5000;
const restDeadlineMs = 2000;
const connectMs = 1500;

const open: (() => Promise<void>)[] = [];

/** SSH may ask for host keys and passphrases where there is a terminal. */
export function openWays({user, configFile, isAsked}: SshChoice, say: (line: string) => void): Ways {
	const access = {
		...(user === undefined ? {} : {user}),
		...(configFile === undefined ? {} : {configFile: expandHome(configFile)}),
	};
	const ssh = new Ssh(
		{...access, deadline: sshDeadlineMs},
		isAsked ? new SshPrompts(async task => task(), access) : undefined,
	);
	// Nothing secret is sent, and the answer names hosts that SSH then verifies.
	const rest = new Rest({tls: {insecure: true}, deadline: restDeadlineMs});
	open.push(
		async () => ssh.close(),
		async () => rest.close(),
	);
	return {
		read: async host => readNode(runOver(ssh), host),
		hostName: async host => (await sshSettings(host, access)).hostname,
		async listMembers(origin) {
			const {status, body} = await rest.get(`${origin}/cluster`, AbortSignal.timeout(restDeadlineMs));
			if (status !== 200) {
				throw new Error(`it answers ${status}`);
			}

			return listing(body);
		},
		listMembersOn: async (host, origin) => listing(await ssh.run(host, fetchCommand(origin))),
		connects,
		hasFile: path => findUnreadable(path) === undefined,
		say,
	};
}

export async function closeWays(): Promise<void> {
	await Promise.all(open.splice(0).map(async close => close()));
}

function listing(body: string): Listing {
	const {scope, view} = clusterView(body);
	return {scope, members: view.members};
}

/** Patroni is Python: it is there where Patroni is. */
export function fetchCommand(origin: string): string {
	if (!/^https?:\/\/[\w.:[\]-]+$/.test(origin)) {
		throw new Error('not a plain address');
	}

	return `python3 -c "import ssl,sys,urllib.request as u; sys.stdout.write(u.urlopen(sys.argv[1],timeout=2,context=ssl._create_unverified_context()).read(500000).decode())" "${origin}/cluster"`;
}

async function connects(host: string, port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect({host, port, timeout: connectMs});
		const end = (is: boolean) => {
			socket.destroy();
			resolve(is);
		};
		socket
			.once('connect', () => end(true))
			.once('timeout', () => end(false))
			.once('error', () => end(false));
	});
}
