import {leaderKey} from '../domain/cluster/keys.ts';
import {machines} from '../domain/cluster/machines.ts';
import {heldGoals} from '../domain/drill/goals.ts';
import {missingRedundancy} from '../domain/drill/redundancy.ts';
import type {Drill, Goals} from '../domain/drill/types.ts';
import {candidates} from '../domain/operations/menu.ts';
import {preconditionsOf} from '../domain/operations/preconditions.ts';
import {requestLines} from '../domain/operations/request.ts';
import type {Precondition} from '../domain/operations/types.ts';
import {isBlocked} from '../domain/operations/types.ts';
import {isSettled} from '../snapshot/look.ts';
import {operationContext} from '../state/operation-context.ts';
import type {State} from '../state/state.ts';
import {typedName} from '../state/update/dialog.ts';
import {checksIn, type Hand, HandError, handAt} from './hand.ts';
import {type Ended, failed} from './outcome.ts';
import {DrillRunner} from './runner.ts';
import type {DrillSession} from './session.ts';
import type {Waiting} from './wait-until.ts';

/** All has been seen once, ms. */
const settling = 20_000;
/** A cluster that is just coming back is waited for, ms. */
const toBeWhole = 60_000;

export type Words = {
	say: (text: string) => void;
	/** @returns whether the operator wants it. */
	agree: (question: string, name: string | undefined) => Promise<boolean>;
};

export type Wanted = {
	kind: Drill['kind'];
	target: string | undefined;
	goals: Goals;
	reason: string | undefined;
	/** ms. */
	within: number;
	logs: boolean;
};

export class Stages {
	readonly #session: DrillSession;
	readonly #wait: Waiting;
	readonly #words: Words;
	readonly #wanted: Wanted;
	readonly #hand: Hand;

	constructor(session: DrillSession, wait: Waiting, words: Words, wanted: Wanted) {
		this.#session = session;
		this.#wait = wait;
		this.#words = words;
		this.#wanted = wanted;
		this.#hand = handAt(session.runtime);
	}

	async run(): Promise<Ended> {
		const {kind, goals} = this.#wanted;
		const hindrance = await this.#whole();
		if (hindrance !== undefined) {
			return failed(hindrance);
		}

		const target = this.#wanted.target ?? this.#usualTarget();
		if (target === undefined) {
			return failed('there is nobody to do it to; name one with --target');
		}

		const drill: Drill = {kind, target, ...heldGoals(goals)};
		try {
			return kind === 'power-cut' ? await this.#powerCut(drill) : await this.#operation(drill);
		} catch (error) {
			if (error instanceof HandError) {
				return failed(error.message);
			}

			throw error;
		}
	}

	get #state(): State {
		return this.#session.runtime.state;
	}

	/** @returns why it can't begin */
	async #whole(): Promise<string | undefined> {
		const {say} = this.#words;
		say('looking at the cluster');
		await this.#wait(state => isSettled(state), settling);
		const lacks = (state: State) => missingRedundancy(operationContext(state));
		if (lacks(this.#state).length > 0) {
			say(`waiting until nothing is missing: ${lacks(this.#state).join(', ')}`);
		}

		const whole = await this.#wait(state => isSettled(state) && lacks(state).length === 0, toBeWhole);
		if (whole !== 'seen') {
			return `a drill begins with a cluster that is whole: ${lacks(this.#state).join(', ') || 'not all of it was seen'}`;
		}

		if (this.#session.config.probe === undefined) {
			say('no probe is configured: the time without writes can not be measured');
			return undefined;
		}

		const {tracks} = this.#session;
		const written = await this.#wait(() => tracks.acknowledged > 0, settling);
		return written === 'seen' ? undefined : `no write is acknowledged: ${this.#probeReason()}`;
	}

	#probeReason(): string {
		const {cluster, target} = this.#state;
		return cluster.probes.get(target.probe?.ports.write ?? 0)?.failing?.reason ?? 'the probe tells nothing';
	}

	/** The one who fits best takes over; the machine of the leader goes away. */
	#usualTarget(): string | undefined {
		const scene = operationContext(this.#state);
		const leader = leaderKey(scene.cluster)?.member;
		return this.#wanted.kind === 'switchover'
			? candidates(scene)[0]
			: machines(scene.cluster, scene.target, scene.now).find(({member}) => member === leader)?.name;
	}

	async #operation(drill: Drill): Promise<Ended> {
		const {say, agree} = this.#words;
		const dialog = this.#hand.ask(drill.kind === 'switchover' ? 'switchover' : 'poweroff', drill.target);
		const {checks, blocked} = checksIn(this.#state);
		this.#sayChecks(checks);
		for (const request of dialog.requests) {
			say(`would send: ${requestLines(request).join(' ')}`);
		}

		if (blocked) {
			return failed(`nothing was sent: ${checks.find(({level}) => level === 'blocking')?.text}`);
		}

		if (this.#state.target.operations !== 'enabled') {
			return failed(
				this.#state.target.operations === 'disabled'
					? 'read-only: nothing was sent'
					: 'dry run: nothing was sent',
			);
		}

		const name = typedName(dialog, this.#state);
		if (!(await agree('Send it?', name))) {
			return failed('it was not confirmed: nothing was sent');
		}

		this.#begin(drill);
		const {id} = this.#hand.confirm(this.#wanted.reason, name);
		this.#logs();
		return this.#course().operation(drill, id);
	}

	async #powerCut(drill: Drill): Promise<Ended> {
		const {agree} = this.#words;
		const scene = operationContext(this.#state);
		const machine = machines(scene.cluster, scene.target, scene.now).find(
			({name, member}) => name === drill.target || member === drill.target,
		);
		if (machine === undefined) {
			return failed(`${drill.target} is no machine of this cluster`);
		}

		const named = {...drill, target: machine.name};
		const checks = preconditionsOf({kind: 'poweroff', node: machine.name}, scene);
		this.#sayChecks(checks);
		if (isBlocked(checks)) {
			return failed(`not now: ${checks.find(({level}) => level === 'blocking')?.text}`);
		}

		if (!(await agree(`Will you pull the plug of ${machine.name}?`, machine.name))) {
			return failed('it was not confirmed');
		}

		this.#begin(named);
		this.#logs();
		return this.#course().powerCut(named);
	}

	#course(): DrillRunner {
		const {runtime, tracks, config} = this.#session;
		const {within} = this.#wanted;
		return new DrillRunner({
			runtime,
			tracks,
			probe: config.probe,
			wait: this.#wait,
			stageMaxMs: {cluster: within, hand: within},
		});
	}

	#begin(drill: Drill): void {
		this.#session.runtime.dispatch({type: 'drill.begun', drill});
	}

	/** Opened late: the question must not lie below them. What was said before is in the journals. */
	#logs(): void {
		if (this.#wanted.logs) {
			this.#hand.openLogs();
		}
	}

	#sayChecks(checks: readonly Precondition[]): void {
		const words = {ok: 'ok', warning: 'WARNING', blocking: 'BLOCKED'} as const;
		for (const {level, text, rule} of checks) {
			this.#words.say(`${words[level].padEnd(8)} ${text}${rule === undefined ? '' : ` (${rule})`}`);
		}
	}
}
