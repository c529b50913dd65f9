/** A drill by command without a network: what it waits for, shows, asks, sends and measures. */
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {askForDrill, type DrillOutcome, type DrillWish} from '../../source/drill/ask.ts';
import {topOverlay} from '../../source/state/state.ts';
import {endpoints} from '../support/captures.ts';
import {DrillConsole} from '../support/drilled-cluster.ts';
import {temporaryFolder} from '../support/folder.ts';
import {target as usual} from '../support/session.ts';

const folder = temporaryFolder('ask');
let number = 0;

beforeEach(() => {
	vi.stubEnv('XDG_STATE_HOME', path.join(folder, String(number++)));
});

afterEach(() => {
	vi.unstubAllEnvs();
});

const wish: DrillWish = {kind: 'switchover', target: undefined, goals: {}, reason: 'a test', logs: false};

class Command extends DrillConsole {
	readonly printed: string[] = [];
	readonly asked: string[] = [];
	readonly aborted = new AbortController();

	constructor(target: Target = usual, stageMaxMs?: number) {
		super(path.join(folder, `recordings-${number}`), {
			target,
			...(stageMaxMs === undefined ? {} : {stageMaxMs}),
		});
	}

	async ask(
		changed: Partial<DrillWish> = {},
		{confirms = true, meanwhile = []}: {confirms?: boolean; meanwhile?: readonly Event[]} = {},
	): Promise<DrillOutcome> {
		return askForDrill(
			this.runtime,
			{
				print: text => this.printed.push(text),
				confirm: async (question, name) => {
					this.asked.push(`${question} ${name ?? ''}`.trim());
					this.emit(0, ...meanwhile);
					return confirms;
				},
			},
			{...wish, ...changed},
			this.aborted.signal,
		);
	}

	get effects(): string[] {
		return this.sent.map(({type}) => type).filter(type => type !== 'drill.prepare');
	}
}

describe('a drill by command', () => {
	it("asks the console's question, sends its request once, and measures", async () => {
		const command = new Command();
		const ending = command.ask({goals: {leader: 5000}});
		await command.watchBaseline();
		const {result, text, run} = await ending;
		expect({result, text, drill: run?.drill}).toEqual({
			result: 'met',
			text: expect.stringMatching(/one more goal met$/),
			drill: {kind: 'switchover', target: 'pgdb2', goal: undefined, goals: {leader: 5000}},
		});
		expect(command.asked).toEqual(['Send it?']);
		expect(command.requests).toEqual(['http://10.73.0.160:8008/switchover']);
		expect(command.printed).toContain(
			'would send: POST http://10.73.0.160:8008/switchover {"leader":"pgdb1","candidate":"pgdb2"}',
		);
		expect(command.printed).toContain('ok       full redundancy: nothing is missing');
		expect(Object.fromEntries(run?.measures.map(({id, value}) => [id, value]) ?? [])).toEqual({
			writes: undefined,
			leaderless: 1000,
			leader: 1500,
			vip: undefined,
			redundancy: 4500,
			lost: undefined,
		});
		const audit = command.sent.flatMap(effect => (effect.type === 'audit' ? [effect.record] : []));
		expect(audit.map(({phase, reason}) => [phase, reason])).toEqual([
			['confirmed', 'a test'],
			['outcome', 'a test'],
			['complete', 'a test'],
		]);
		const timeline = command.runtime.state.timeline.map(one => one.text);
		expect(timeline.some(one => one.startsWith('drill: switchover to pgdb2'))).toBe(true);
		expect(command.faults).toEqual([]);
	});

	it('sends nothing if the answer is no', async () => {
		const command = new Command();
		expect(await command.ask({}, {confirms: false})).toEqual({
			result: 'failed',
			text: 'nothing was sent: it was not confirmed',
			run: undefined,
		});
		expect(command.effects).toEqual([]);
	});

	it('requires the name of the machine that goes away', async () => {
		const command = new Command();
		await command.ask({kind: 'shutdown', target: 'pgdb1'}, {confirms: false});
		await command.ask({kind: 'shutdown', target: 'etcd1'}, {confirms: false});
		await command.ask({kind: 'power-cut'}, {confirms: false});
		expect(command.asked).toEqual([
			'Send it? pgdb1',
			'Send it? etcd1',
			'Will you pull the plug of pgdb1? pgdb1',
		]);
		expect(command.effects).toEqual([]);
	});

	it('sends nothing if what was shown has changed before the answer', async () => {
		const command = new Command();
		const gone: Event = {type: 'dcs.deleted', source: `watch:${endpoints[0]}`, path: 'leader', revision: 1e9};
		const {result, text, run} = await command.ask({target: 'pgdb2'}, {meanwhile: [gone]});
		expect({result, run}).toEqual({result: 'failed', run: undefined});
		expect(text).toMatch(/^nothing was sent: since the question was asked: /);
		expect(command.effects).toEqual([]);
	});

	it('accepts no other name, and no answer to another question', async () => {
		const command = new Command();
		await command.ask({kind: 'shutdown', target: 'pgdb1'}, {confirms: false});
		const {runtime} = command;
		const question = runtime.state.view.questions;
		for (const [answered, name] of [
			[question, ''],
			[question, 'pgdb2'],
			[question - 1, 'pgdb1'],
		] as const) {
			runtime.dispatch({type: 'drill.answer', question: answered, name});
			expect(runtime.state.drill).toBeUndefined();
		}

		expect(topOverlay(runtime.state.view)).toMatchObject({problem: expect.stringMatching(/^type pgdb1/)});
		runtime.dispatch({type: 'drill.answer', question, name: 'pgdb1'});
		expect(runtime.state.drill?.drill).toMatchObject({kind: 'shutdown', target: 'pgdb1'});
	});

	it.each([
		[{operations: 'disabled'} as const, 'read-only: nothing was sent'],
		[{operations: 'dry-run'} as const, 'dry run: nothing was sent'],
	])('with %j sends nothing', async (changed, text) => {
		const command = new Command({...usual, ...changed});
		expect(await command.ask({target: 'pgdb2'})).toMatchObject({result: 'failed', text});
		expect(command.asked).toEqual([]);
		expect(command.effects).toEqual([]);
	});

	it('names the wrong name', async () => {
		const command = new Command();
		expect((await command.ask({target: 'pgdb9'})).text).toBe('no member or node is called pgdb9');
		expect((await command.ask({target: 'pgdb1'})).text).toBe(
			'pgdb1 leads already: name another member with --target',
		);
		expect(command.asked).toEqual([]);
	});

	it('waits until nothing of the cluster is missing, and can be aborted meanwhile', async () => {
		const command = new Command();
		command.runtime.dispatch({type: 'source.lost', source: `etcd:${endpoints[2]}`, reason: 'gone'});
		command.runtime.dispatch({type: 'source.lost', source: `dcs:${endpoints[2]}`, reason: 'gone'});
		const ending = command.ask();
		command.aborted.abort();
		expect(await ending).toMatchObject({result: 'failed', text: 'nothing was sent: aborted'});
		expect(command.printed.at(-1)).toBe('waiting until nothing is missing: etcd 2 of 3');
		expect(command.effects).toEqual([]);
	});

	it.each([usual, {...usual, operations: 'disabled'} as const])(
		'asks the operator to pull the plug, also with --read-only, and sends nothing',
		async target => {
			const command = new Command(target, 300);
			const ending = command.ask({kind: 'power-cut'});
			await command.watchBaseline();
			expect(await ending).toMatchObject({
				result: 'failed',
				text: 'not in time: the plug was not pulled',
			});
			expect(command.runtime.state.timeline.map(({text}) => text)).toContain(
				'action needed: pull the plug of pgdb1 now',
			);
			expect(command.effects).toEqual(['drill.begin']);
		},
	);
});
