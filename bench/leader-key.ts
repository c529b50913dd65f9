/** Measures from a put of the leader key in etcd to the changed screen, in a scope of its own. */
import {Etcd3} from 'etcd3';
import {Terminal} from '../test/support/terminal.ts';
import {latencies, latencyFigures} from './latency.ts';
import type {Figure} from './report.ts';

const prefix = '/service/bench/';
const samples = 200;
const members = ['bench1', 'bench2'] as const;
/** Seconds; etcd3 keeps the lease alive until it is revoked. */
const ttl = 30;

export async function leaderKey(endpoints: readonly string[]): Promise<Figure[]> {
	const client = new Etcd3({hosts: [...endpoints]});
	const lease = client.lease(ttl);
	try {
		await client.put(`${prefix}initialize`).value('7711145431619985524');
		await client.put(`${prefix}config`).value(JSON.stringify({ttl, loop_wait: 10, retry_timeout: 10}));
		for (const name of members) {
			const member = {state: 'running', role: 'replica', version: '4.0.7', timeline: 1};
			await lease.put(`${prefix}members/${name}`).value(JSON.stringify(member));
		}

		await lease.put(`${prefix}leader`).value(members[0]);
		const terminal = new Terminal('pgha-top', ['--scope', 'bench']);
		try {
			await terminal.until('the leader', holds(members[0]));
			const times = await latencies(terminal, samples, index => {
				const name = members[(index + 1) % 2] ?? members[0];
				return {
					make: () => {
						void lease.put(`${prefix}leader`).value(name).exec();
					},
					seen: holds(name),
				};
			});
			return latencyFigures('leader key in etcd to the screen', times, 100);
		} finally {
			await terminal.kill();
		}
	} finally {
		await lease.revoke();
		await client.delete().prefix(prefix);
		client.close();
	}
}

const holds = (name: string) => (screen: string) => new RegExp(`^[│┃] Holder +${name}\\b`, 'm').test(screen);
