/**
 * A node's addresses over SSH: repeated snapshots (`ip -j addr`), and a stream of changes (`ip monitor`)
 * if they are watched.
 */

import split2 from 'split2';
import type {ClientChannel} from 'ssh2';
import * as z from 'zod';
import {releaseChannel, whyLost} from '../connections/ssh/channel.ts';
import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Address} from '../domain/facts.ts';
import {parseJson} from '../lib/json.ts';
import {askTimed, lateness} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Source, SourceContext} from './source.ts';
import {sameForSame, sshSource} from './source.ts';

/** Bytes; a longer line is not from `ip monitor`. */
const lineMaxBytes = 4096;
/** Each address is compared with all known ones. */
const addressesMax = 1000;
/** Changes between two snapshots; a node has far fewer. */
const changesMax = 1000;
/** `ip` is in a directory that is not on every user's PATH. */
const findIp = 'PATH="$PATH:/usr/sbin:/sbin"';
export const snapshotScript = `${findIp}; exec ip -j address show`;
/** Of the kernel's tables of addresses; a router with more is asked by `ip` each time. */
const tableLinesMax = 400;
/**
 * The kernel's local routes and IPv6 addresses, read by the shell itself: a program costs a node more. `ip monitor` shows a
 * change of anything else. What cannot be read may have changed; only IPv6 may be missing, or have no address where it is off.
 */
export function addressesCheck(proc = '/proc'): string {
	const read = (table: string) =>
		`while [ $n -lt ${tableLinesMax} ] && read -r l; do n=$((n+1)); c="$c$l "; done 2>/dev/null <${proc}/net/${table} || u=1`;
	const six = `${proc}/sys/net/ipv6`;
	return [
		'u=; n=0',
		read('fib_trie'),
		'm=$n',
		`if [ -e ${proc}/net/if_inet6 ] || [ -e ${six} ]; then ${read('if_inet6')}; if [ $n = $m ]; then l=; read -r l 2>/dev/null <${six}/conf/all/disable_ipv6; [ "$l" = 1 ] || u=1; fi; fi`,
		`if [ -n "$u" ] || [ $m = 0 ] || [ $n -ge ${tableLinesMax} ]; then c=; fi`,
	].join('; ');
}
/**
 * Ends when its input closes, and reports when `ip` ends: `ip` writes only on changes, so it would not notice a closed
 * pipe.
 */
const monitorCommand = `sh -c '${findIp}; { ip -o monitor address; echo "monitor ended"; } & cat >/dev/null; kill 0'`;

export function addressesSource(ssh: Ssh, node: string, host: string, {watch}: {watch: boolean}): Source {
	const look = watch ? watchAddresses : askAddresses;
	return sshSource(
		`vip:${node}`,
		async context => look(ssh, node, host, context),
		async error => ssh.drop(host, error),
	);
}

async function askAddresses(ssh: Ssh, node: string, host: string, context: SourceContext): Promise<void> {
	while (!context.signal.aborted) {
		await askOnce(ssh, node, host, context);
	}
}

async function askOnce(
	ssh: Ssh,
	node: string,
	host: string,
	{emit, signal, untilPoll}: SourceContext,
): Promise<void> {
	const {answer, timing} = await askTimed(async () => ssh.run(host, `sh -c '${snapshotScript}'`));
	const addresses = parseAddresses(answer);
	if (!signal.aborted) {
		emit({type: 'addresses.snapshot', source: `vip:${node}`, node, addresses, ...lateness(timing())});
		await untilPoll(performance.now(), signal);
	}
}

/** Resolves when the signal aborts; rejects when the node is lost. */
async function watchAddresses(ssh: Ssh, node: string, host: string, context: SourceContext): Promise<void> {
	while (!context.signal.aborted) {
		// The stream is started before the snapshot, so that one of them shows every change.
		const monitor = await ssh.spareStream(host, monitorCommand);
		await (monitor === undefined
			? askOnce(ssh, node, host, context)
			: followChanges(monitor, {ssh, node, host, context}));
	}
}

/** The monitor's session was needed. */
const isSpared = Symbol('spared');

/** Resolves when the signal aborts, or the monitor was spared; rejects when the node is lost. */
async function followChanges(
	monitor: ClientChannel,
	{
		ssh,
		node,
		host,
		context: {emit, signal, untilPoll},
	}: {ssh: Ssh; node: string; host: string; context: SourceContext},
): Promise<void> {
	const source = `vip:${node}` as const;
	const broken = new AbortController();
	const either = AbortSignal.any([signal, broken.signal]);
	const end = (why: unknown) => {
		broken.abort(monitor.writableEnded ? isSpared : why);
	};
	let changes = 0;
	/** Number of changes at the last snapshot. */
	let atSnapshot = 0;
	const lines = monitor.pipe(split2({maxLength: lineMaxBytes}));
	lines.on('error', error => {
		broken.abort(error);
	});
	lines.on('data', (line: string) => {
		const change = parseMonitorLine(line);
		if (broken.signal.aborted) {
			return;
		}

		if (change) {
			changes++;
			if (changes - atSnapshot > changesMax) {
				broken.abort(new SshError(`"ip monitor" reports more than ${changesMax} changes at once`));
				return;
			}

			emit({
				type: change.removed ? 'addresses.removed' : 'addresses.added',
				source,
				node,
				address: change.address,
			});
		} else if (line === 'monitor ended') {
			end(new SshError('"ip monitor" ended on the node'));
		}
	});
	monitor.on('close', () => {
		end(new SshError(whyLost(monitor)));
	});
	const snapshot = ssh.repeat(host, {script: snapshotScript, check: addressesCheck()});
	const read = sameForSame(parseAddresses);
	try {
		while (!either.aborted) {
			const before = changes;
			const {answer, timing} = await askTimed(snapshot.run);
			// A snapshot that overlaps with a change may be older, and is repeated.
			if (changes === before && !signal.aborted) {
				atSnapshot = changes;
				const addresses = read(answer);
				emit({type: 'addresses.snapshot', source, node, addresses, ...lateness(timing())});
				await untilPoll(performance.now(), either);
			}
		}
	} finally {
		snapshot.close();
		releaseChannel(monitor);
	}

	if (broken.signal.reason !== isSpared) {
		broken.signal.throwIfAborted();
	}
}

const addressesShape = z.array(
	z.looseObject({
		ifname: z.string(),
		addr_info: z.array(z.looseObject({local: z.string().optional()})).optional(),
	}),
);

/** Parses the output of `ip -j address show`. */
export function parseAddresses(text: string): Address[] {
	const addresses = interfacesOf(text).flatMap(({ifname, addr_info: list}) =>
		(list ?? []).flatMap(({local}) =>
			local === undefined ? [] : [{ip: sanitize(local), interface: sanitize(ifname)}],
		),
	);
	if (addresses.length > addressesMax) {
		throw new SshError(`the node has more than ${addressesMax} addresses`);
	}

	return addresses;
}

function interfacesOf(text: string): z.infer<typeof addressesShape> {
	try {
		return addressesShape.parse(text.trim() === '' ? [] : parseJson(text));
	} catch {
		throw new SshError('unexpected output of "ip -j address show"', 'is iproute2 installed on the node?');
	}
}

/**
 * Parses a line of `ip -o monitor address`: `2: host0    inet 10.73.0.172/24 scope global secondary host0\ …`, with
 * `Deleted ` before it if the address was removed; undefined for any other line.
 */
export function parseMonitorLine(line: string): {removed: boolean; address: Address} | undefined {
	const match = /^(?<deleted>Deleted )?\d+: (?<device>[^\s:@]+)\S*\s+inet6? (?<ip>[0-9a-fA-F.:]+)\//.exec(
		line.replace(/^\[ADDR\]/, ''),
	);
	const {deleted, device, ip} = match?.groups ?? {};
	return device === undefined || ip === undefined
		? undefined
		: {removed: deleted !== undefined, address: {ip: sanitize(ip), interface: sanitize(device)}};
}
