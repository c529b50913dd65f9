/**
 * Delays packets from and to one node: moves its port to a bridge of its own, and relays packets late between the
 * bridges.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {isOn} from '../cgroup.ts';
import {LabError} from '../failure.ts';
import {bridgeNetns, netnsPath} from '../paths.ts';
import {run} from '../run.ts';
import type {Fault, Scene} from './fault.ts';

/** The bridge of the delayed node. */
const aside = 'chaos';
const taps = ['chaos0', 'chaos1'] as const;
const relays = new Map<string, ChildProcess>();

const ip = async (...args: readonly string[]) => run('ip', ['-n', bridgeNetns, ...args]);

/** Milliseconds from the node and to it; a third of the delays affect only one direction. */
function delaysOf({strength}: Scene): {outMs: number; inMs: number} {
	const ms = Math.round(100 + 1400 * ((strength * 3) % 1));
	return {outMs: strength < 1 / 3 ? 0 : ms, inMs: strength > 2 / 3 ? 0 : ms};
}

/** Moves the node's port back; idempotent. */
export async function clearDelay(node: string): Promise<void> {
	const links: {ifname: string; master?: string}[] = JSON.parse(await ip('-json', 'link', 'show'));
	const has = (name: string) => links.some(({ifname}) => ifname === name);
	if (links.some(({ifname, master}) => ifname === node && master === aside)) {
		await ip('link', 'set', node, 'master', 'bridge');
	}

	const relay = relays.get(node);
	relays.delete(node);
	if (relay !== undefined && relay.exitCode === null) {
		relay.kill('SIGKILL');
		await once(relay, 'exit');
	}

	if (
		has(aside) &&
		!links.some(({ifname, master}) => master === aside && ifname !== node && ifname !== taps[0])
	) {
		await ip('link', 'del', aside);
	}
}

export const delayFault: Fault = {
	kind: 'delay',
	places: ['leader', 'replica', 'third'],
	holdSeconds: [6, 30],
	detail: scene => {
		const {outMs, inMs} = delaysOf(scene);
		return `${outMs} ms from it, ${inMs} ms to it`;
	},
	do: async scene => {
		const {node} = scene;
		const {outMs, inMs} = delaysOf(scene);
		const relay = spawn(
			'nsenter',
			[
				`--net=${netnsPath(bridgeNetns)}`,
				'--',
				...['perl', join(import.meta.dirname, 'delay.pl'), ...taps, String(outMs), String(inMs)],
			],
			{stdio: ['pipe', 'pipe', 'inherit']},
		);
		relays.set(node, relay);
		const [answer] = await Promise.race([once(relay.stdout, 'data'), once(relay, 'exit')]);
		if (!Buffer.isBuffer(answer))
			throw new LabError('the relay that delays packets did not start (delay.pl)');
		await ip('link', 'add', aside, 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0');
		await ip('link', 'set', aside, 'up');
		await ip('link', 'set', taps[0], 'master', aside, 'up');
		await ip('link', 'set', taps[1], 'master', 'bridge', 'up');
		if (isOn(node)) await ip('link', 'set', node, 'master', aside);
	},
	undo: async ({node}) => clearDelay(node),
};
