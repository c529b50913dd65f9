/** A cluster without a network that switches over at once on request, and a console that runs drills on it. */
import path from 'node:path';
import {expect} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {Observations} from '../../source/domain/drill/observations.ts';
import type {Event} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {Target} from '../../source/domain/target.ts';
import {DrillController} from '../../source/drill/controller.ts';
import {type WaitUntil, waitUntil} from '../../source/drill/runner.ts';
import {SessionRecorder} from '../../source/recording/write/session-recorder.ts';
import {Runtime} from '../../source/runtime.ts';
import type {Effect} from '../../source/state/effects.ts';
import {type DrillRun, initialState, type State} from '../../source/state/state.ts';
import {haproxyFact, healthyFacts} from './captures.ts';
import {Operator} from './operator.ts';
import {start, target as usual} from './session.ts';

/** The cluster answers a request at once. */
export class DrilledCluster {
	now = start;
	sent: Effect[] = [];
	readonly observations = new Observations();
	readonly runtime: Runtime;
	/** Makes facts from the given state. */
	readonly #facts = new Operator('trixie');

	constructor(target: Target = usual) {
		this.runtime = new Runtime({
			state: initialState(target, start),
			now: () => this.now,
			perform: effect => {
				this.perform(effect);
			},
		});
		this.runtime.observe(({stamped, before, after}) => {
			this.observations.take(before, after, stamped);
		});
		const whole = ['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, 'pgdb1'));
		this.emit(1, ...healthyFacts('trixie'), ...whole);
		for (const name of ['pgdb1', 'pgdb2', 'etcd1']) {
			this.emit(0, {type: 'source.alive', source: `disk:${name}`});
		}
	}

	perform(effect: Effect): void {
		this.sent.push(effect);
		if (effect.type === 'operation.send') {
			// An answer cannot arrive before the request was sent.
			setImmediate(() => {
				this.switchOver();
			});
		}
	}

	/** Emits events this many seconds later. */
	emit(seconds: number, ...events: readonly Event[]): void {
		this.now += seconds * 1000;
		const sourceStatuses = [...this.runtime.state.cluster.sourceStatuses.keys()] as SourceId[];
		for (const event of [
			...sourceStatuses.map((source): Event => ({type: 'source.alive', source})),
			...events,
			{type: 'tick'} as const,
		]) {
			this.runtime.dispatch(event);
		}
	}

	switchOver(): void {
		const facts = this.#facts;
		this.emit(0.5, facts.gone('leader'));
		this.emit(
			1,
			facts.leads('pgdb2'),
			facts.says('pgdb2', {
				role: 'primary',
				timeline: 2,
				replicationState: undefined,
				replication: [{application: 'pgdb1', address: undefined, state: 'streaming', syncState: 'sync'}],
			}),
			facts.member('pgdb2', {role: 'primary', timeline: 2}),
		);
		this.emit(
			3,
			facts.says('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming', replication: []}),
			facts.member('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming'}),
			facts.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1'], quorum: 0}),
			...['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, 'pgdb2')),
		);
		for (let second = 0; second < 6; second++) {
			this.emit(1);
		}
	}

	get requests(): string[] {
		return this.sent.flatMap(effect =>
			effect.type === 'operation.send' && effect.request.via === 'rest' ? [effect.request.url] : [],
		);
	}
}

/** A console on that cluster that records and runs drills as the real one does. */
export class DrillConsole extends DrilledCluster {
	readonly recorder: SessionRecorder;
	readonly controller: DrillController;
	readonly faults: unknown[] = [];
	readonly #wait: WaitUntil = waitUntil(this.runtime, new AbortController().signal);

	/** @param folder for recordings */
	constructor(folder: string, {target = usual, stageMaxMs}: {target?: Target; stageMaxMs?: number} = {}) {
		super(target);
		const {runtime} = this;
		this.recorder = new SessionRecorder({
			program: '0.1.0',
			config: () => 'scope: postgres-cluster\n',
			who: {user: 'dba', host: 'ops'},
			reason: undefined,
			logs: false,
			folder,
			state: () => runtime.state,
			dispatch: runtime.dispatch,
			now: () => this.now,
		});
		runtime.observe(({stamped, before}) => {
			this.recorder.take(stamped, before);
		});
		this.controller = new DrillController({
			config: {scope: 'postgres-cluster'},
			runtime,
			recorder: this.recorder,
			folder: path.join(folder, 'drills'),
			stageMaxMs,
			onFault: fault => this.faults.push(fault),
		});
	}

	override perform(effect: Effect): void {
		super.perform(effect);
		if (effect.type === 'drill.prepare' || effect.type === 'drill.begin' || effect.type === 'drill.stop') {
			this.controller.perform(effect);
		}
	}

	press(...commands: readonly Command[]): void {
		for (const command of commands) {
			this.runtime.dispatch({type: 'command', command});
		}
	}

	async until(isSo: (state: State) => boolean): Promise<void> {
		expect(await this.#wait(isSo, 5000), JSON.stringify(this.runtime.state.drill)).toBe('seen');
	}

	get drill(): DrillRun | undefined {
		return this.runtime.state.drill;
	}

	/** Advances the time until the drill begins. */
	async watchBaseline(): Promise<void> {
		await this.until(({drill}) => drill?.stages.length === 1);
		for (let second = 0; second < 4; second++) {
			this.emit(1);
		}
	}
}
