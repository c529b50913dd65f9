/** A drill without a network: what is told to it as the sources would, what it asks, sends, and makes of it. */
import {describe, expect, it} from 'vitest';
import type {Config} from '../../source/config/config.ts';
import {handAt} from '../../source/drill/hand.ts';
import type {Ended} from '../../source/drill/outcome.ts';
import {Stages, type Wanted} from '../../source/drill/stages.ts';
import {waitUntil} from '../../source/drill/wait-until.ts';
import {endpoints} from '../support/captures.ts';
import {DrilledCluster} from '../support/drilled-cluster.ts';
import {target as usual} from '../support/session.ts';

const wanted: Wanted = {
	kind: 'switchover',
	target: undefined,
	goals: {},
	reason: 'a test',
	within: 2000,
	logs: false,
};

class Drilled extends DrilledCluster {
	said: string[] = [];
	asked: string[] = [];
	readonly broken = new AbortController();

	async run(changed: Partial<Wanted> = {}, agrees = true): Promise<Ended> {
		return new Stages(
			{
				runtime: this.runtime,
				tracks: this.tracks,
				config: {} as Config,
				recording: '',
				close: async () => undefined,
			},
			waitUntil(this.runtime, this.broken.signal),
			{
				say: text => this.said.push(text),
				agree: async (question, name) => {
					this.asked.push(`${question} ${name ?? ''}`.trim());
					return agrees;
				},
			},
			{...wanted, ...changed},
		).run();
	}
}

describe('a drill', () => {
	it('does what the keys of the console do, once, and measures it', async () => {
		const drilled = new Drilled();
		const {result, drill, measures} = await drilled.run();
		expect({result, drill}).toEqual({
			result: 'met',
			drill: {kind: 'switchover', target: 'pgdb2', goal: undefined},
		});
		expect(drilled.asked).toEqual(['Send it?']);
		expect(drilled.requests).toEqual(['http://10.73.0.160:8008/switchover']);
		expect(drilled.said).toContain(
			'would send: POST http://10.73.0.160:8008/switchover {"leader":"pgdb1","candidate":"pgdb2"}',
		);
		expect(Object.fromEntries(measures.map(({id, value}) => [id, value]))).toEqual({
			writes: undefined,
			leaderless: 1000,
			leader: 1500,
			vip: undefined,
			redundancy: 4500,
			lost: undefined,
		});
		const audit = drilled.sent.flatMap(effect => (effect.type === 'audit' ? [effect.record] : []));
		expect(audit.map(({phase, reason}) => [phase, reason])).toEqual([
			['confirmed', 'a test'],
			['outcome', 'a test'],
			['complete', 'a test'],
		]);
		expect(drilled.runtime.state.timeline.map(({text}) => text)).toContain('drill: switchover to pgdb2');
	});

	it('sends nothing where the answer is no', async () => {
		const drilled = new Drilled();
		expect(await drilled.run({}, false)).toMatchObject({
			result: 'failed',
			text: 'it was not confirmed: nothing was sent',
		});
		expect(drilled.sent).toEqual([]);
	});

	it('asks for the name of what goes away', async () => {
		const drilled = new Drilled();
		await drilled.run({kind: 'shutdown', target: 'pgdb1'}, false);
		await drilled.run({kind: 'shutdown', target: 'etcd1'}, false);
		await drilled.run({kind: 'power-cut'}, false);
		expect(drilled.asked).toEqual([
			'Send it? pgdb1',
			'Send it? etcd1',
			'Will you pull the plug of pgdb1? pgdb1',
		]);
		expect(drilled.sent).toEqual([]);
	});

	it('types no name that was not agreed to, and does not go without one that is asked for by now', () => {
		const {runtime, sent} = new Drilled();
		const hand = handAt(runtime);
		const more = /nothing was sent: it takes more by now/;
		hand.ask('poweroff', 'pgdb1');
		expect(() => hand.confirm(undefined, undefined)).toThrow(more);
		expect(() => hand.confirm(undefined, 'pgdb2')).toThrow(more);
		expect(sent).toEqual([]);
		hand.confirm(undefined, 'pgdb1');
		expect(sent.map(({type}) => type)).toContain('operation.send');
	});

	it.each([
		[{operations: 'disabled'} as const, /read-only/],
		[{operations: 'dry-run'} as const, /dry run: nothing was sent/],
		[{restUser: false}, /nothing was sent|^a user/],
	])('with %j sends nothing', async (changed, words) => {
		const drilled = new Drilled({...usual, ...changed});
		const {result, text} = await drilled.run({target: 'pgdb2'}, !('restUser' in changed));
		expect(result).toBe('failed');
		expect(text).toMatch(words);
		expect(drilled.requests).toEqual([]);
	});

	it('does not begin where anything is blocked, or is no member', async () => {
		const drilled = new Drilled();
		expect(await drilled.run({target: 'pgdb9'})).toMatchObject({
			result: 'failed',
			text: 'pgdb9 is no member and no machine of this cluster',
		});
		const paused = new Drilled();
		const {text} = await paused.run({kind: 'shutdown', target: 'pgdb1', within: 1}, false);
		expect(text).toBe('it was not confirmed: nothing was sent');
	});

	it('waits for a cluster that is whole, and can be broken off meanwhile', async () => {
		const drilled = new Drilled();
		drilled.runtime.dispatch({type: 'source.lost', source: `etcd:${endpoints[2]}`, reason: 'gone'});
		drilled.runtime.dispatch({type: 'source.lost', source: `dcs:${endpoints[2]}`, reason: 'gone'});
		const ended = drilled.run();
		drilled.broken.abort();
		expect(await ended).toMatchObject({
			result: 'failed',
			text: expect.stringContaining('a drill begins with a cluster that is whole: etcd 2 of 3'),
		});
		expect(drilled.sent).toEqual([]);
	});

	it('asks for the hand that pulls the plug, and for the one that switches on', async () => {
		const drilled = new Drilled();
		const ended = drilled.run({kind: 'power-cut', within: 300});
		expect(await ended).toMatchObject({result: 'failed', text: 'not in time: nobody pulled the plug'});
		expect(drilled.runtime.state.timeline.map(({text}) => text)).toContain(
			'the operator is asked: pull the plug of pgdb1 now',
		);
	});
});
