/** `--watch`: one line at a time, until it is ended. */
import {getEventListeners} from 'node:events';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import {readSettings} from '../../source/config/settings.ts';
import {briefConnections} from '../../source/connections/connections.ts';
import {type WatchOptions, watchCluster, watchText} from '../../source/snapshot/watch.ts';
import {healthyFacts} from '../support/captures.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {liveCount} from '../support/live-objects.ts';
import {Session, target} from '../support/session.ts';

const folder = temporaryFolder('watch');

function configFor(hosts: string, scope = 'main') {
	const file = path.join(folder, 'patronictl.yaml');
	writeFileSync(file, `scope: ${scope}\netcd3: {hosts: "${hosts}"}\n`);
	return configOf(readSettings({configFile: file}, {}));
}

async function watch(
	options: Partial<WatchOptions>,
	signal: AbortSignal,
	hosts = '127.0.0.1:1',
	scope?: string,
) {
	const config = configFor(hosts, scope);
	return watchCluster(config, briefConnections(config), {
		format: 'json',
		everyMs: 1,
		timeoutMs: 60_000,
		write: async () => undefined,
		...options,
		signal,
	});
}

it('writes a whole line at a time, and the next one only when it is taken', async () => {
	const end = new AbortController();
	const lines: string[] = [];
	let [writing, most] = [0, 0];
	const write = async (text: string) => {
		writing += 1;
		most = Math.max(most, writing);
		lines.push(text);
		await new Promise(setImmediate);
		writing -= 1;
		if (lines.length === 5) {
			end.abort();
		}
	};
	expect(await watch({write}, end.signal)).toBeUndefined();
	expect(lines.length).toBe(5);
	expect(most).toBe(1);
	for (const line of lines) {
		expect(line.indexOf('\n')).toBe(line.length - 1);
		expect(JSON.parse(line)).toMatchObject({scope: 'main', verdict: 'unknown', store: {read: false}});
	}
});

it('keeps nothing of a round', async () => {
	const end = new AbortController();
	const counts: Record<'listeners' | 'promises' | 'signals' | 'maps', number>[] = [];
	let rounds = 0;
	const write = async () => {
		rounds += 1;
		// The first rounds load and compile.
		if (rounds === 200 || rounds === 1000) {
			counts.push({
				listeners: getEventListeners(end.signal, 'abort').length,
				promises: liveCount(Promise),
				signals: liveCount(AbortSignal),
				maps: liveCount(Map),
			});
		}

		if (rounds === 1000) {
			end.abort();
		}

		await new Promise(setImmediate);
	};
	await watch({write, format: 'text'}, end.signal);
	const [first, last] = counts;
	expect(last?.listeners).toBe(first?.listeners);
	for (const kind of ['promises', 'signals', 'maps'] as const) {
		// Sources poll meanwhile, and some promises are those of the moment.
		expect((last?.[kind] ?? 0) - (first?.[kind] ?? 0), kind).toBeLessThan(100);
	}
});

it('ends while a reader takes nothing', async () => {
	const end = new AbortController();
	let writes = 0;
	const write = async () => {
		writes += 1;
		setImmediate(() => end.abort());
		return new Promise<void>(() => undefined);
	};
	expect(await watch({write}, end.signal)).toBeUndefined();
	expect(writes).toBe(1);
});

it('ends while the first answers are awaited', async () => {
	expect(await watch({timeoutMs: 3_600_000}, AbortSignal.abort())).toBeUndefined();
});

it('fails with the error of the writer', async () => {
	const write = async () => {
		throw new Error('EPIPE');
	};
	await expect(watch({write}, new AbortController().signal)).rejects.toThrow('EPIPE');
});

it('reports a scope that etcd does not have, and writes nothing', async () => {
	const etcd = await new EtcdServer({keys: {'/service/orders/initialize': '8'}}).listen();
	let writes = 0;
	const write = async () => {
		writes += 1;
	};
	const hosts = etcd.url.replace('http://', '');
	const problem = await watch({write}, new AbortController().signal, hosts, 'mian');
	etcd.close();
	expect(problem).toMatch(/the scope mian does not exist; existing scopes: orders/);
	expect(writes).toBe(0);
});

it('as text has a line with time and summary, and one for each finding', () => {
	const healthy = new Session(target).at(0, ...healthyFacts('trixie'));
	expect(watchText(healthy.state, 'text')).toMatch(
		/^2026-11-23T00:00:00Z postgres-cluster: HEALTHY {2}Leader pgdb1 .*Sync pgdb2 .*pgdb1 running {2}pgdb2 streaming\n$/,
	);
	const ailing = healthy.at(1, {type: 'source.lost', source: 'patroni:pgdb2', reason: 'no route to host'});
	const [head, ...findings] = watchText(ailing.state, 'text').trimEnd().split('\n');
	expect(head).toMatch(/^2026-11-23T00:00:01Z postgres-cluster: /);
	expect(findings).toEqual([expect.stringMatching(/^ {2}(?:degraded|unknown): .*pgdb2/)]);
});
