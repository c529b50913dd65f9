/**
 * The table of faults: how each is injected and reverted, on which node, and what it requires. A new fault is one entry
 * here.
 */
import {freeze, isOn, thaw} from '../cgroup.ts';
import {nodesOf} from '../inventory.ts';
import {cableIsOut, setMulticast} from '../network.ts';
import {cable, power} from '../verbs.ts';
import {consoleFaults} from './console-faults.ts';
import {delayFault} from './delay.ts';
import {diskFull} from './disk-faults.ts';
import {etcdFaults} from './etcd-faults.ts';
import type {Fault, Place, Scene} from './fault.ts';
import {inside, patronictl, systemctl} from './inside.ts';
import {clearNetworkFaults, type Direction, dropPackets, limitRate} from './network-faults.ts';
import {postgresFaults} from './postgres-faults.ts';

/** Database nodes; `third` has only etcd. */
const databases = ['leader', 'replica'] as const;
const anyNode = ['leader', 'replica', 'third'] as const;
const nothing = async () => {};

const between = (from: number, to: number, strength: number) => Math.round(from + (to - from) * strength);

const directions: readonly Direction[] = ['in', 'out', 'both'];
const directionOf = ({strength}: Scene) => directions[Math.min(2, Math.floor(strength * 3))] ?? 'both';
const oneWay = (scene: Scene): Direction => (scene.strength < 0.5 ? 'in' : 'out');

function addressOf({inventory}: Scene, name: string): string {
	return nodesOf(inventory).find(node => node.name === name)?.address ?? '';
}

/** The other end of a separated pair: the other database node, or etcd's third member. */
const peerOf = (scene: Scene) =>
	scene.node === scene.third || scene.strength < 0.5
		? scene.node === scene.leader
			? scene.replica
			: scene.leader
		: scene.third;

function stopService(service: string, places: readonly Place[]): Fault {
	return {
		kind: `${service}-stopped`,
		places,
		holdSeconds: [4, 20],
		// sshd's socket unit would start it again.
		do: async ({node}) => {
			if (service === 'ssh') await systemctl(node, 'stop', 'ssh.socket');
			await systemctl(node, 'stop', service);
			// Existing sessions survive a stop of sshd.
			if (service === 'ssh') await inside(node, ['loginctl', 'terminate-user', 'dba']).catch(nothing);
		},
		undo: async ({node}) => {
			await systemctl(node, 'start', service);
		},
	};
}

/** SIGSTOP for all processes of a unit, or only for its main process. */
function freezeProgram(unit: string, places: readonly Place[], whom: 'main' | 'all' = 'all'): Fault {
	const send = async (node: string, signal: string) =>
		systemctl(node, 'kill', `--kill-whom=${whom}`, '--signal', signal, unit);
	return {
		kind: whom === 'main' ? `${unit}-main-frozen` : `${unit}-frozen`,
		places,
		holdSeconds: [3, 30],
		do: async ({node}) => {
			await send(node, 'STOP');
		},
		undo: async ({node}) => {
			await send(node, 'CONT');
		},
	};
}

const powerFaults: readonly Fault[] = [
	{
		kind: 'power-off',
		places: anyNode,
		holdSeconds: [3, 20],
		do: async ({node}) => power('off', node),
		undo: switchOn,
	},
	{
		kind: 'power-cut',
		places: anyNode,
		holdSeconds: [3, 30],
		do: async ({node}) => power('cut', node),
		undo: switchOn,
	},
	{
		kind: 'reboot',
		places: anyNode,
		holdSeconds: [0, 1],
		do: async ({node}) => power('reboot', node),
		undo: switchOn,
	},
	{
		kind: 'node-frozen',
		places: anyNode,
		holdSeconds: [2, 35],
		do: async ({node}) => freeze(node),
		undo: async ({node}) => thaw(node),
	},
];

async function switchOn({node}: Scene): Promise<void> {
	if (!isOn(node)) await power('on', node);
}

const networkFaults: readonly Fault[] = [
	{
		kind: 'cable-out',
		places: anyNode,
		holdSeconds: [3, 35],
		do: async ({node}) => cable('out', node),
		undo: async ({node}) => {
			if (cableIsOut(node)) await cable('in', node);
		},
	},
	{
		kind: 'cable-one-way',
		places: anyNode,
		holdSeconds: [4, 30],
		detail: scene => `nothing ${oneWay(scene) === 'in' ? 'comes in' : 'goes out'}`,
		do: async scene => dropPackets(scene.node, oneWay(scene)),
		undo: async ({node}) => clearNetworkFaults(node),
	},
	{
		kind: 'pair-parted',
		places: anyNode,
		holdSeconds: [4, 30],
		detail: scene => `from ${peerOf(scene)}`,
		do: async scene => dropPackets(scene.node, 'both', {peer: addressOf(scene, peerOf(scene))}),
		undo: async ({node}) => clearNetworkFaults(node),
	},
	{
		kind: 'loss',
		places: anyNode,
		holdSeconds: [6, 30],
		detail: scene => `${lossOf(scene)} % ${directionOf(scene)}`,
		do: async scene => dropPackets(scene.node, directionOf(scene), {percent: lossOf(scene)}),
		undo: async ({node}) => clearNetworkFaults(node),
	},
	{
		kind: 'slow-link',
		places: anyNode,
		holdSeconds: [6, 30],
		detail: scene => `${rateOf(scene)} kbit/s`,
		do: async scene => limitRate(scene.node, rateOf(scene)),
		undo: async ({node}) => clearNetworkFaults(node),
	},
	{
		kind: 'vrrp-lost',
		places: ['backup'],
		holdSeconds: [5, 20],
		do: async ({node}) => setMulticast(node, 'lost'),
		undo: async ({node}) => {
			if (isOn(node)) await setMulticast(node, 'passes');
		},
	},
];

const lossOf = ({strength}: Scene) => between(5, 60, strength);
const rateOf = ({strength}: Scene) => between(512, 48, strength);

const patroniFaults: readonly Fault[] = [
	{
		kind: 'switchover',
		places: ['leader'],
		weight: 4,
		holdSeconds: [1, 10],
		do: async ({leader, replica}) => {
			await patronictl(replica, 'switchover', '--leader', leader, '--candidate', replica, '--force');
		},
		undo: nothing,
	},
	{
		kind: 'restart',
		places: databases,
		holdSeconds: [1, 6],
		do: async ({node, inventory}) => {
			await patronictl(node, 'restart', '--force', inventory.scope, node);
		},
		undo: nothing,
	},
	{
		kind: 'pause',
		places: ['leader'],
		holdSeconds: [6, 20],
		do: async ({node}) => {
			await patronictl(node, 'pause');
		},
		undo: async ({node}) => {
			await patronictl(node, 'resume').catch(nothing); // not paused
		},
	},
	{
		kind: 'config-changed',
		places: ['leader'],
		holdSeconds: [4, 15],
		detail: scene => configOf(scene),
		do: async scene => {
			await patronictl(scene.node, 'edit-config', '--force', '--quiet', '-p', configOf(scene));
		},
		undo: async ({node, strength}) => {
			const [name = ''] = configOf({strength}).split('=');
			await patronictl(node, 'edit-config', '--force', '--quiet', '-p', `${name}=null`);
		},
	},
];

/** A PostgreSQL parameter that a reload applies, or one that requires a restart. */
const configOf = ({strength}: Pick<Scene, 'strength'>) =>
	strength < 0.5
		? `work_mem=${between(1, 9, strength) + 4}MB`
		: `max_prepared_transactions=${between(1, 9, strength)}`;

export const faults: readonly Fault[] = [
	...patroniFaults,
	...powerFaults,
	...networkFaults,
	delayFault,
	freezeProgram('patroni', databases, 'main'),
	freezeProgram('patroni', databases),
	freezeProgram('etcd', anyNode),
	freezeProgram('haproxy', ['holder', 'backup']),
	freezeProgram('keepalived', ['holder', 'backup']),
	stopService('ssh', anyNode),
	stopService('haproxy', ['holder', 'backup']),
	stopService('keepalived', ['holder', 'backup']),
	stopService('patroni', databases),
	stopService('etcd', anyNode),
	...etcdFaults,
	...postgresFaults,
	diskFull,
	...consoleFaults,
];
