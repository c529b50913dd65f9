/** The lab's network: a bridge in its own namespace, isolated from the machine's network. */
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmdirSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import {dirname} from 'node:path';
import {LabError} from './failure.ts';
import type {Inventory, Node} from './inventory.ts';
import {bridgeNetns, cableOutFile, labName, netnsDir, netnsOf, netnsPath, operatorNetns} from './paths.ts';
import {run} from './run.ts';

const nsfsMagic = 0x6e736673;
/** Marks that a lab mounted /run/netns, so that the last lab unmounts it. */
const mountMarker = '/run/pgha-lab.made-netns-mount';

/** Creates the bridge and the operator's link to it; idempotent. */
export async function ensureNetwork(inventory: Inventory, someNodeIsOn: boolean): Promise<void> {
	if (!isMounted(netnsDir)) writeFileSync(mountMarker, `${labName}\n`);
	const bridgeIsThere = netnsExists(bridgeNetns) && (await hasLink(bridgeNetns, 'bridge'));
	if (!bridgeIsThere) {
		if (someNodeIsOn) {
			throw new LabError(
				`the network namespace ${bridgeNetns} is gone while nodes still run; take the lab down and up again`,
			);
		}

		await freshNetns(bridgeNetns);
		const bridge = ['-n', bridgeNetns, 'link'];
		await run('ip', [
			...bridge,
			'add',
			'bridge',
			'type',
			'bridge',
			'forward_delay',
			'0',
			'mcast_snooping',
			'0',
		]);
		await run('ip', [...bridge, 'set', 'bridge', 'up']);
	}

	if (netnsExists(operatorNetns) && bridgeIsThere) {
		const addresses = await addressesIn(operatorNetns);
		if (addresses.includes(inventory.operator) && (await hasLink(bridgeNetns, 'operator'))) return;
	}

	await freshNetns(operatorNetns);
	if (await hasLink(bridgeNetns, 'operator')) await run('ip', ['-n', bridgeNetns, 'link', 'del', 'operator']);
	await run('ip', [
		...['-n', bridgeNetns, 'link', 'add', 'operator', 'type', 'veth'],
		...['peer', 'name', 'eth0', 'netns', operatorNetns],
	]);
	await run('ip', ['-n', bridgeNetns, 'link', 'set', 'operator', 'master', 'bridge', 'up']);
	await run('ip', ['-n', operatorNetns, 'link', 'set', 'lo', 'up']);
	const address = `${inventory.operator}/${inventory.prefix}`;
	await run('ip', ['-n', operatorNetns, 'address', 'add', address, 'brd', '+', 'dev', 'eth0']);
	await run('ip', ['-n', operatorNetns, 'link', 'set', 'eth0', 'up']);
}

/** Removes all namespaces of the lab, and the mount /run/netns if a lab made it and it is unused. */
export async function removeNetwork(nodes: readonly Node[]): Promise<void> {
	for (const netns of [...nodes.map(node => netnsOf(node.name)), operatorNetns, bridgeNetns]) {
		await removeNetns(netns);
	}

	if (existsSync(mountMarker) && existsSync(netnsDir) && readdirSync(netnsDir).length === 0) {
		while (isMounted(netnsDir)) await run('umount', [netnsDir]);
		rmdirSync(netnsDir);
		rmSync(mountMarker);
	}
}

/** After a reboot of the machine the file may remain without a namespace. */
export function netnsExists(netns: string): boolean {
	const path = netnsPath(netns);
	return existsSync(path) && statfsSync(path).type === nsfsMagic;
}

/** Processes of this machine in the namespace, e.g. a shell that `exec` started. */
export async function processesIn(netns: string): Promise<number[]> {
	if (!netnsExists(netns)) return [];
	const pids = await run('ip', ['netns', 'pids', netns]);
	return pids.split('\n').filter(Boolean).map(Number);
}

/** The IPv4 addresses that are configured in a namespace. */
export async function addressesIn(netns: string): Promise<string[]> {
	if (!netnsExists(netns)) return [];
	const links: {addr_info?: {local?: string}[]}[] = JSON.parse(
		await run('ip', ['-n', netns, '-json', '-4', 'address', 'show']),
	);
	return links.flatMap(link => (link.addr_info ?? []).flatMap(info => info.local ?? []));
}

/** Sets the bridge's side of the node's link; the position persists across reboots, as with a real cable. */
export async function setCable(node: string, position: 'in' | 'out'): Promise<void> {
	const file = cableOutFile(node);
	if (position === 'out') {
		mkdirSync(dirname(file), {recursive: true});
		writeFileSync(file, '');
	} else {
		rmSync(file, {force: true});
	}

	await setPort(node, position === 'in' ? 'up' : 'down');
}

/** Sets the bridge's side of the node's link, if the node is on. */
export async function setPort(node: string, state: 'up' | 'down'): Promise<void> {
	if (netnsExists(bridgeNetns) && (await hasLink(bridgeNetns, node))) {
		await run('ip', ['-n', bridgeNetns, 'link', 'set', node, state]);
	}
}

/** Without VRRP's multicast a backup takes the address over while its holder still has it. */
export async function setMulticast(node: string, position: 'passes' | 'lost'): Promise<void> {
	const flood = position === 'passes' ? 'on' : 'off';
	await run('ip', [
		'-n',
		bridgeNetns,
		'link',
		'set',
		'dev',
		node,
		'type',
		'bridge_slave',
		'mcast_flood',
		flood,
	]);
}

export const cableIsOut = (node: string) => existsSync(cableOutFile(node));

/** The same at every boot, as with a real network card: neighbours cache it. */
export function macOf(address: string): string {
	const parts = address.split('.').map(part => Number(part).toString(16).padStart(2, '0'));
	return ['02', '00', ...parts].join(':');
}

async function freshNetns(netns: string): Promise<void> {
	await removeNetns(netns);
	await run('ip', ['netns', 'add', netns]);
}

export async function removeNetns(netns: string): Promise<void> {
	if (netnsExists(netns)) await run('ip', ['netns', 'del', netns]);
	else rmSync(netnsPath(netns), {force: true});
}

async function hasLink(netns: string, link: string): Promise<boolean> {
	const links: {ifname: string}[] = JSON.parse(await run('ip', ['-n', netns, '-json', 'link', 'show']));
	return links.some(({ifname}) => ifname === link);
}

function isMounted(path: string): boolean {
	return readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.some(line => line.split(' ')[4] === path);
}
