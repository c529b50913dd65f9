/** Faults of a node's network card, injected in its namespace with nft and tc: packet loss, low bandwidth. */
import {findProgram, installPackages} from '../host.ts';
import {netnsExists} from '../network.ts';
import {netnsOf, netnsPath} from '../paths.ts';
import type {Progress} from '../progress.ts';
import {run} from '../run.ts';

export type Direction = 'in' | 'out' | 'both';

export async function requireNft(onProgress: Progress): Promise<void> {
	if (!findProgram('nft')) await installPackages(['nftables'], onProgress);
}

/** Drops packets of the node's card: all, those of one other address, or a random percentage. */
export async function dropPackets(
	node: string,
	direction: Direction,
	{peer, percent}: {peer?: string; percent?: number} = {},
): Promise<void> {
	const chance = percent === undefined ? '' : `numgen random mod 100 < ${percent} `;
	const incoming = `iifname "eth0" ${peer === undefined ? '' : `ip saddr ${peer} `}${chance}drop`;
	const outgoing = `oifname "eth0" ${peer === undefined ? '' : `ip daddr ${peer} `}${chance}drop`;
	await nft(
		node,
		`table inet chaos {
			chain in { type filter hook input priority 0; ${direction === 'out' ? '' : incoming}; }
			chain out { type filter hook output priority 0; ${direction === 'in' ? '' : outgoing}; }
		}`,
	);
}

/** Limits the node's sending rate; packets beyond the queue are dropped. */
export async function limitRate(node: string, kbit: number): Promise<void> {
	const bucket = ['tbf', 'rate', `${kbit}kbit`, 'burst', '8kb', 'latency', '800ms'];
	await inNetwork(node, 'tc', ['qdisc', 'replace', 'dev', 'eth0', 'root', ...bucket]);
}

/** Reverts all faults of this file on a node; idempotent. */
export async function clearNetworkFaults(node: string): Promise<void> {
	if (!netnsExists(netnsOf(node))) return;
	// `delete table` fails if the table does not exist, so it is added first.
	if (findProgram('nft')) await nft(node, 'table inet chaos\ndelete table inet chaos\n');
	const queues = await inNetwork(node, 'tc', ['qdisc', 'show', 'dev', 'eth0', 'root']);
	if (queues.includes('tbf')) await inNetwork(node, 'tc', ['qdisc', 'del', 'dev', 'eth0', 'root']);
}

async function nft(node: string, rules: string): Promise<void> {
	await run('nsenter', [`--net=${netnsPath(netnsOf(node))}`, '--', 'nft', '-f', '-'], {input: rules});
}

async function inNetwork(node: string, program: string, args: readonly string[]): Promise<string> {
	return run('nsenter', [`--net=${netnsPath(netnsOf(node))}`, '--', program, ...args], {timeout: 10_000});
}
