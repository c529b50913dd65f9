import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readConfig} from '../../source/config/config.ts';
import {targetOf} from '../../source/config/target.ts';
import {briefConnections, type Connections} from '../../source/connections/connections.ts';
import {reasonOf} from '../../source/connections/error-reason.ts';
import type {Event} from '../../source/domain/events.ts';
import {catchFaults, faultWords, runAsSource} from '../../source/lib/faults.ts';
import {Runtime} from '../../source/runtime.ts';
import {Sources} from '../../source/sources/manager.ts';
import {initialState} from '../../source/state/state.ts';
import {subscriptions} from '../../source/state/subscriptions.ts';
import {Session} from '../support/session.ts';

type Listener = (...args: unknown[]) => void;

/** Vitest's own handlers, which would count each of these as a failure of the test. */
let listeners: [string, Listener[]][] = [];

beforeEach(() => {
	listeners = ['uncaughtException', 'unhandledRejection'].map(name => [
		name,
		process.listeners(name as 'uncaughtException') as Listener[],
	]);
	for (const [name] of listeners) {
		process.removeAllListeners(name);
	}
});

afterEach(() => {
	for (const [name, all] of listeners) {
		for (const one of all) {
			process.on(name, one);
		}
	}
});

const ways: readonly (readonly [string, (error: Error) => void])[] = [
	[
		'a timer',
		error => {
			setTimeout(() => {
				throw error;
			});
		},
	],
	[
		'a promise that is waited for by none',
		error => {
			void Promise.reject(error);
		},
	],
	[
		'the next turn of the loop',
		error => {
			setImmediate(() => {
				throw error;
			});
		},
	],
];

describe('a fault of this program', () => {
	it.each(ways)('in %s is a loss of that source, and the others continue', async (_, fail) => {
		const config = readConfig(
			{},
			{XDG_CONFIG_HOME: '/nonexistent', PATRONI_SCOPE: 'main', PATRONI_ETCD3_HOSTS: "'127.0.0.1:1'"},
		);
		const facts: Event[] = [];
		const {promise: lost, resolve, reject} = Promise.withResolvers<Event>();
		const runtime = new Runtime({
			state: initialState(targetOf(config), 0),
			now: () => 0,
			perform: () => undefined,
		});
		const error = new TypeError('x is not a function');
		const connections: Connections = {
			...briefConnections(config),
			etcd: url => ({
				url,
				status: async () => {
					fail(error);
					return new Promise(() => undefined);
				},
				read: async () => new Promise(() => undefined),
				keys: async () => [],
				members: async () => ({members: [], alarms: []}),
				leaseTimeToLive: async () => ({ttl: 0, grantedTtl: 0}),
				watch: async () => undefined,
				close: () => undefined,
			}),
		};
		const sources = new Sources(
			config,
			event => {
				facts.push(event);
				runtime.dispatch(event);
				if (event.type === 'source.lost') {
					resolve(event);
				}
			},
			reject,
			connections,
		);
		const uncaught = catchFaults(reject);
		sources.follow(subscriptions(runtime.state), runtime.state.cluster.store);
		expect(await lost).toMatchObject({
			source: 'etcd:http://127.0.0.1:1',
			fault: true,
			reason: expect.stringMatching(
				/^a fault of pgha-top, please report it: x is not a function \(.*faults\.test\.ts:\d+\)/,
			),
		});
		await sources.close();
		uncaught();
	});

	it('outside of a source ends the session', async () => {
		const {promise: ended, resolve} = Promise.withResolvers<unknown>();
		const uncaught = catchFaults(resolve);
		const error = new Error('unexpected');
		setImmediate(() => {
			throw error;
		});
		expect(await ended).toBe(error);
		uncaught();
	});

	it('in a source that has ended ends the session', async () => {
		const {promise: ended, resolve} = Promise.withResolvers<unknown>();
		const uncaught = catchFaults(resolve);
		const error = new Error('unexpected');
		runAsSource(
			() => false,
			() => {
				setImmediate(() => {
					throw error;
				});
			},
		);
		expect(await ended).toBe(error);
		uncaught();
	});

	it('is never reported as a loss of etcd', () => {
		const fault = {reason: faultWords(new TypeError('x')), fault: true};
		const session = new Session().at(1, {
			type: 'source.lost',
			source: 'etcd:http://10.73.0.160:2379',
			...fault,
		});
		expect(session.state.timeline.at(-1)?.text).toMatch(
			/ not watched: a fault of pgha-top, please report it: x/,
		);
		expect(reasonOf(new Error('x'))).toBe('x');
	});
});
