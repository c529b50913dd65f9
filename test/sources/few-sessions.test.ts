/** The sources of a node whose sshd allows two sessions on a connection, with programs of the test. */
import {appendFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect, it, onTestFinished} from 'vitest';
import {releaseChannel} from '../../source/connections/ssh/channel.ts';
import type {Event} from '../../source/domain/events.ts';
import {addressesSource} from '../../source/sources/addresses.ts';
import type {Source} from '../../source/sources/source.ts';
import {systemdSource} from '../../source/sources/systemd.ts';
import {temporaryFolder} from '../support/folder.ts';
import {host, quiet, realShell, sshNode} from '../support/ssh-node.ts';

const services = [
	{service: 'patroni', unit: 'patroni', isOptional: false},
	{service: 'etcd', unit: 'etcd', isOptional: false},
] as const;

function programs(): {folder: string; addAddress: (ip: string) => void} {
	const folder = temporaryFolder('programs');
	const changes = path.join(folder, 'changes');
	const script = (name: string, text: string) => {
		writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, {mode: 0o755});
	};
	writeFileSync(changes, '');
	script(
		'ip',
		`case "$*" in *monitor*) exec tail -n 0 -f ${changes};; *) echo '[{"ifname":"eth0","addr_info":[{"local":"10.73.0.1"}]}]';; esac`,
	);
	script(
		'systemctl',
		services
			.map(({unit}) => `echo Id=${unit}.service; echo ActiveState=active; echo MainPID=1; echo`)
			.join('; '),
	);
	return {
		folder,
		addAddress(ip) {
			appendFileSync(changes, `2: eth0    inet ${ip}/24 scope global eth0\n`);
		},
	};
}

/** Runs the sources until the test ends. */
function run(sources: readonly Source[]): Event[] {
	const events: Event[] = [];
	const controller = new AbortController();
	const {signal} = controller;
	const pause = async (milliseconds: number, until: AbortSignal) => {
		await delay(Math.min(milliseconds, 50), undefined, {signal: until}).catch((error: unknown) => {
			if (!until.aborted) {
				throw error;
			}
		});
	};
	const ended = Promise.all(
		sources.map(async source =>
			source({
				emit(event) {
					events.push(event);
				},
				signal,
				pause,
				untilPoll: async (_, until) => pause(50, until),
				pauseByCalm: async (_, until) => pause(50, until),
			}),
		),
	);
	onTestFinished(async () => {
		controller.abort();
		await ended;
	});
	return events;
}

/** A node with both sources that poll all the time. */
async function watched(deadline?: number) {
	const {folder, addAddress} = programs();
	const traffic = quiet();
	const node = await sshNode(realShell(traffic, {programs: folder}), {
		sessionsMax: 2,
		...(deadline === undefined ? {} : {deadline}),
	});
	const events = run([
		addressesSource(node.ssh, 'pgdb1', host, {watch: true}),
		systemdSource(node.ssh, 'pgdb1', host, {units: services, watch: true, pulse: {refreshes: 0}}),
	]);
	const count = (type: Event['type']) => events.filter(event => event.type === type).length;
	const polled = async () => {
		const [addresses, units] = [count('addresses.snapshot'), count('units.snapshot')];
		await expect.poll(() => count('addresses.snapshot'), {timeout: 20_000}).toBeGreaterThan(addresses + 2);
		await expect.poll(() => count('units.snapshot'), {timeout: 20_000}).toBeGreaterThan(units + 2);
	};
	return {...node, traffic, events, count, polled, addAddress};
}

it('answer and follow changes beside an operation; the stream of changes ends while a log is followed', async () => {
	const {ssh, server, traffic, events, count, polled, addAddress} = await watched();
	const seeChange = async () => {
		const before = count('addresses.added');
		await expect
			.poll(
				() => {
					// Again, since the program may have started after it.
					addAddress('10.73.0.2');
					return count('addresses.added');
				},
				{timeout: 20_000},
			)
			.toBeGreaterThan(before);
	};
	const monitors = () => traffic.commands.filter(command => command.includes('ip -o monitor')).length;
	await polled();
	await seeChange();
	const {signal} = new AbortController();
	expect(await ssh.execute(host, 'echo restarted', signal)).toEqual({code: 0, text: 'restarted\n'});
	await seeChange();
	const before = monitors();

	const log = await ssh.stream(host, 'cat');
	await polled();
	expect(await ssh.execute(host, 'echo restarted', signal)).toEqual({code: 0, text: 'restarted\n'});
	expect(monitors()).toBe(before);

	releaseChannel(log);
	await expect.poll(monitors, {timeout: 20_000}).toBe(before + 1);
	await seeChange();
	expect(events.filter(({type}) => type === 'source.lost')).toEqual([]);
	expect(server.logins).toBe(1);
});

it('answer beside an operation that takes longer than their deadline, and leave the connection to two of them', async () => {
	const {ssh, server, events, polled} = await watched(1000);
	await polled();
	const hold = path.join(temporaryFolder('hold'), 'hold');
	writeFileSync(hold, '');
	const {signal} = new AbortController();
	const command = `while [ -e ${hold} ]; do sleep 0.05; done; echo done`;
	const one = ssh.execute(host, command, signal);
	for (const until = performance.now() + 2500; performance.now() < until; ) {
		await polled();
	}

	const lost = (source?: string) =>
		events.flatMap(event =>
			event.type === 'source.lost' && (source ?? event.source) === event.source ? [event.reason] : [],
		);
	expect(lost()).toEqual([]);
	const other = ssh.execute(host, command, signal);
	for (const source of ['vip:pgdb1', 'units:pgdb1']) {
		await expect.poll(() => lost(source).length, {timeout: 20_000}).toBeGreaterThan(1);
	}

	expect(new Set(lost())).toEqual(new Set(['no session is free: sshd allows 2 on a connection']));
	rmSync(hold);
	expect(await Promise.all([one, other])).toEqual([
		{code: 0, text: 'done\n'},
		{code: 0, text: 'done\n'},
	]);
	await polled();
	expect(server.logins).toBe(1);
});
