import {afterEach, beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest';
import {type EtcdConnection, EtcdGrpc} from '../../source/connections/etcd-grpc.ts';
import {EtcdHttp} from '../../source/connections/etcd-http.ts';
import {emptyCluster} from '../../source/domain/cluster/cluster.ts';
import {leaderKey} from '../../source/domain/cluster/keys.ts';
import {foldCluster} from '../../source/domain/cluster/reducer.ts';
import type {ClusterEvent, Event} from '../../source/domain/events.ts';
import {ownTime} from '../../source/lib/own-time.ts';
import {DcsEntries} from '../../source/sources/dcs-values.ts';
import {etcdSource} from '../../source/sources/etcd.ts';
import {newOrder, Pulse} from '../../source/sources/source.ts';
import {EtcdServer} from '../support/etcd-server.ts';

const prefix = '/service/main/';

// A stall of the test machine would become the reason of each loss.
beforeEach(() => {
	vi.spyOn(ownTime, 'hasStalledWithin').mockReturnValue(false);
});
afterEach(() => {
	vi.restoreAllMocks();
});

/** The source on a small etcd, all events that it emits, and a way to wait for one. */
async function following(server: EtcdServer, connect: (url: string) => EtcdConnection) {
	const pulse = new Pulse();
	const controller = new AbortController();
	const events: Event[] = [];
	let look: () => void = () => undefined;
	const done = etcdSource(() => connect(server.url), server.url, {
		prefix,
		order: newOrder(),
		entries: new DcsEntries(),
		watch: true,
	})({
		emit(event) {
			events.push(event);
			look();
		},
		signal: controller.signal,
		pause: pulse.pause,
		untilPoll: pulse.untilPoll,
		pauseByCalm: pulse.pauseByCalm,
	});
	onTestFinished(async () => {
		controller.abort();
		await done;
		server.close();
	});
	const until = async <T extends Event['type']>(
		type: T,
		from = 0,
		where: (event: Event & {type: T}) => boolean = () => true,
	): Promise<Event & {type: T}> =>
		new Promise(resolve => {
			look = () => {
				const found = events
					.slice(from)
					.find(
						(event): event is Event & {type: T} => event.type === type && where(event as Event & {type: T}),
					);
				if (found !== undefined) {
					resolve(found);
				}
			};
			look();
		});
	return {events, until, refresh: () => pulse.refresh()};
}

const isWatch = ({source}: {source: string}) => source.startsWith('watch:');
const cluster = (events: readonly Event[]) =>
	events.reduce((all, event, index) => foldCluster(all, event as ClusterEvent, index), emptyCluster);

describe.each([
	['gRPC', {}, (url: string) => new EtcdGrpc(url, {deadline: 5000})],
	[
		'the JSON gateway',
		{gateway: true as const},
		(url: string) =>
			new EtcdHttp(url, {deadline: 5000}, async () => {
				throw new Error('gRPC was asked for');
			}),
	],
])('by %s', (_way, kind, connect) => {
	it('a rebuilt etcd is found by the next read, and watched by a new connection', async () => {
		const server = await new EtcdServer(kind).listen();
		server.content = {revision: 120, keys: {[`${prefix}leader`]: {value: 'pgdb1', revision: 100}}};
		const {events, until, refresh} = await following(server, connect);
		const first = await until('dcs.snapshot');
		await until('source.alive', 0, isWatch);
		server.reportPut(`${prefix}failover`, '{}', 121);
		const put = await until('dcs.put');
		expect(put.began).toBe(first.began);

		server.content = {revision: 7, keys: {[`${prefix}leader`]: {value: 'pgdb2', revision: 5}}};
		const from = events.length;
		refresh();
		// An open read may still have the old content.
		const second = await until('dcs.snapshot', from, ({revision}) => revision === 7);
		expect(second.began).toBeGreaterThan(first.ended ?? Number.POSITIVE_INFINITY);
		const lost = await until('source.lost', from, isWatch);
		expect(lost).toMatchObject({source: `watch:${server.url}`, reason: 'etcd was rebuilt or restored'});
		await until('source.alive', from, isWatch);
		const state = cluster(events);
		expect(leaderKey(state)?.member).toBe('pgdb2');
		expect([...state.keys.keys()]).toEqual(['leader']);
		expect(state.store.rebuilt).toMatchObject({from: 120, to: 7});

		server.reportPut(`${prefix}leader`, 'pgdb1', 8);
		await until('dcs.put', from);
		expect(leaderKey(cluster(events))?.member).toBe('pgdb1');
	});

	it('a snapshot is emitted before the events of its watch', async () => {
		const server = await new EtcdServer(kind).listen();
		server.content = {revision: 3, keys: {[`${prefix}leader`]: {value: 'pgdb1', revision: 2}}};
		const {events, until} = await following(server, connect);
		await until('source.alive', 0, isWatch);
		server.reportPut(`${prefix}leader`, 'pgdb2', 4);
		await until('dcs.put');
		const types = events.map(({type}) => type);
		expect(types.indexOf('dcs.snapshot')).toBeLessThan(types.indexOf('dcs.put'));
	});

	it('a watch that reports without end is dropped, and the keys are read again', async () => {
		const server = await new EtcdServer(kind).listen();
		server.content = {revision: 3, keys: {[`${prefix}leader`]: {value: 'pgdb1', revision: 2}}};
		const {events, until} = await following(server, connect);
		await until('source.alive', 0, isWatch);
		const from = events.length;
		server.reportPuts(
			Array.from({length: 6000}, (_, index) => [`${prefix}status`, '{}', index + 4] as const),
		);
		const lost = await until('source.lost', from, isWatch);
		expect(lost).toMatchObject({reason: 'the watch reports more than 5000 changes at once'});
		expect(events.slice(from).filter(({type}) => type === 'dcs.put').length).toBeLessThanOrEqual(5000);
		await until('dcs.snapshot', events.indexOf(lost));
		await until('source.alive', events.indexOf(lost), isWatch);
	});

	it('a watch that is open but reports nothing of what reads show is replaced', async () => {
		const server = await new EtcdServer(kind).listen();
		const content = (revision: number) => ({
			revision,
			keys: {[`${prefix}leader`]: {value: 'pgdb1', revision}},
		});
		server.content = content(3);
		const {events, until, refresh} = await following(server, connect);
		await until('source.alive', 0, isWatch);
		const from = events.length;
		server.content = content(4);
		refresh();
		const lost = await until('source.lost', from, isWatch);
		expect(lost.reason).toBe('the watch lags: a change that was read 5 s ago is missing');
		await until('source.alive', events.indexOf(lost), isWatch);
		// The reads go on all the time.
		expect(events.filter(({type}) => type === 'source.lost')).toEqual([lost]);
	});
});
