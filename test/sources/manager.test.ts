import {expect, it, vi} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import {targetOf} from '../../source/config/target.ts';
import {
	briefConnections,
	type Connections,
	lastingConnections,
} from '../../source/connections/connections.ts';
import {firstStore} from '../../source/domain/cluster/cluster.ts';
import type {Event} from '../../source/domain/events.ts';
import {Runtime} from '../../source/runtime.ts';
import {Sources} from '../../source/sources/manager.ts';
import {initialState} from '../../source/state/state.ts';
import {isSettled, subscriptions} from '../../source/state/subscriptions.ts';

it('starts each source once, though its first event changes the state', async () => {
	// Nothing listens on port 1.
	const config = readConfig(
		{},
		{
			XDG_CONFIG_HOME: '/nonexistent',
			PATRONI_SCOPE: 'main',
			PATRONI_ETCD3_HOSTS: "'127.0.0.1:1'",
		},
	);
	const events: Event[] = [];
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const runtime = new Runtime({
		state: initialState(targetOf(config), 0),
		now: () => 0,
		perform: () => undefined,
	});
	const sources = new Sources(
		config,
		event => {
			events.push(event);
			runtime.dispatch(event);
		},
		reject,
		await lastingConnections(config, async () => undefined),
	);
	runtime.subscribe(state => {
		sources.follow(subscriptions(state), state.cluster.store);
		if (isSettled(state)) {
			resolve();
		}
	});
	sources.follow(subscriptions(runtime.state), runtime.state.cluster.store);
	await settled;
	await sources.close();
	// One clock, which ticks at once (it also reports stalls of a busy machine); a second one would tick before the others begin, too.
	const first = events.findIndex(({type}) => type === 'source.connecting');
	const before = events.slice(0, first).filter(({type}) => type !== 'console.stalled');
	expect(before).toEqual([{type: 'tick'}]);
	const connecting = events.flatMap(event => (event.type === 'source.connecting' ? [event.source] : []));
	expect(connecting).toEqual(['etcd:http://127.0.0.1:1', 'dcs:http://127.0.0.1:1']);
});

it('starts again what depends on a changed configuration, and nothing else', async () => {
	const config = readConfig(
		{},
		{XDG_CONFIG_HOME: '/nonexistent', PATRONI_SCOPE: 'main', PATRONI_ETCD3_HOSTS: 'a:1'},
	);
	const asked: string[] = [];
	const connections = {
		...briefConnections(config),
		rest: {
			async get(url: string, signal: AbortSignal) {
				asked.push(url);
				return new Promise<never>((_, reject) => {
					signal.addEventListener('abort', () => reject(new Error('aborted')));
				});
			},
			close: async () => undefined,
		},
	} as unknown as Connections;
	const closed: string[] = [];
	const sources = new Sources(
		config,
		event => {
			if (event.type === 'source.closed') {
				closed.push(event.source);
			}
		},
		() => undefined,
		connections,
	);
	const follow = () => {
		sources.follow(
			[
				{kind: 'haproxy', node: 'pg1', host: '10.0.0.1', withUser: false},
				{kind: 'patroni', member: 'pg1', url: 'http://10.0.0.1:8008/patroni'},
			],
			firstStore,
		);
	};
	follow();
	await vi.waitUntil(() => asked.length === 2);
	sources.configure({
		...config,
		haproxy: {...config.haproxy, port: 9000, path: '/ha;csv', isPageFound: true},
	});
	follow();
	await vi.waitUntil(() => asked.length === 3);
	sources.configure({
		...config,
		haproxy: {...config.haproxy, port: 9000, path: '/ha;csv', isPageFound: true},
	});
	follow();
	// The answer of the page at the former port no longer counts.
	expect(closed).toEqual(['haproxy:pg1']);
	await sources.close();
	expect(asked.toSorted()).toEqual([
		'http://10.0.0.1:7000/;csv',
		'http://10.0.0.1:8008/patroni',
		'http://10.0.0.1:9000/ha;csv',
	]);
});

it('keeps what was confirmed by the nodes: the same pages of HAProxy, and the same path of the probe', async () => {
	const config = readConfig(
		{},
		{XDG_CONFIG_HOME: '/nonexistent', PATRONI_SCOPE: 'main', PATRONI_ETCD3_HOSTS: 'a:1'},
	);
	const probe = {
		...{host: '127.0.0.1', port: 1, readPort: 2, user: 'app', database: 'app'},
		...{ssl: {mode: 'disable' as const}, write: false, drill: false, assumed: ['read' as const]},
	};
	const usual = {...config.haproxy, backends: {}, foundBackends: []};
	const closed: string[] = [];
	const connections = {
		...briefConnections(config),
		rest: {
			get: async (_: string, signal: AbortSignal) =>
				new Promise<never>((_resolve, reject) => {
					signal.addEventListener('abort', () => reject(new Error('aborted')));
				}),
			close: async () => undefined,
		},
	} as unknown as Connections;
	const sources = new Sources(
		{...config, probe, haproxy: usual},
		event => {
			if (event.type === 'source.closed') {
				closed.push(event.source);
			}
		},
		() => undefined,
		connections,
	);
	sources.follow(
		[
			{kind: 'haproxy', node: 'pg1', host: '10.0.0.1', withUser: false},
			{kind: 'probe', purpose: 'read', port: 2},
		],
		firstStore,
	);
	const confirmed = {
		...usual,
		...{port: 7000, path: '/;csv', isPageFound: true},
		...{foundBackends: ['primary' as const], backends: {primary: 'rw'}, ports: {primary: 5000}},
	};
	sources.configure({...config, probe: {...probe, assumed: []}, haproxy: confirmed});
	expect(closed).toEqual([]);
	sources.configure({...config, probe: {...probe, assumed: []}, haproxy: {...confirmed, path: '/stats;csv'}});
	expect(closed).toEqual(['haproxy:pg1']);
	sources.configure({
		...config,
		probe: {...probe, host: '127.0.0.2'},
		haproxy: {...confirmed, path: '/stats;csv'},
	});
	expect(closed).toEqual(['haproxy:pg1', 'probe:2']);
	await sources.close();
});
