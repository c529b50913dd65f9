/**
 * An operator at a console without a network: asks and answers by commands, while the test reports the cluster step by
 * step.
 */
import {keyOf} from '../../source/domain/cluster/cluster.ts';
import type {DcsValue, MemberKey} from '../../source/domain/cluster/dcs.ts';
import type {Command} from '../../source/domain/commands.ts';
import type {Event, Fact, Reported} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {Precondition, Request, Run} from '../../source/domain/operations/types.ts';
import type {Target} from '../../source/domain/target.ts';
import {selectedRow} from '../../source/state/selection.ts';
import type {Dialog, State} from '../../source/state/state.ts';
import {topOverlay} from '../../source/state/state.ts';
import {dialogPreconditions} from '../../source/state/update/dialog.ts';
import {operationPane} from '../../source/state/view/operations.ts';
import {endpoints, healthyFacts, patroniFact, type Suite, shareEvent} from './captures.ts';
import {Session, target as usual} from './session.ts';

const alive = new Map<SourceId, Event>();

function aliveFact(source: SourceId): Event {
	const fact = alive.get(source) ?? shareEvent<Event>({type: 'source.alive', source});
	alive.set(source, fact);
	return fact;
}

export class Operator extends Session {
	readonly suite: Suite;
	#seconds = 0;
	#revision = 100_000;
	readonly #blind = new Set<SourceId>();

	constructor(suite: Suite = 'trixie', target: Target = usual, facts: readonly Fact[] = healthyFacts(suite)) {
		super(target);
		this.suite = suite;
		this.at(0, ...facts);
	}

	/** At this many seconds after the session's start every fresh source reports, and then these events arrive. */
	after(seconds: number, ...events: readonly Event[]): this {
		this.#seconds = seconds;
		const reports = ([...this.state.cluster.sourceStatuses.keys()] as SourceId[])
			.filter(source => !this.#blind.has(source) && this.repeats(source))
			.map(aliveFact);
		this.at(seconds, ...reports, ...events);
		expectTimesOfSteps(this.state);
		return this;
	}

	/** Whether the source reports again by itself. */
	protected repeats(_: SourceId): boolean {
		return true;
	}

	/** Loses these sources from now on. */
	blind(...sources: readonly SourceId[]): this {
		for (const source of sources) {
			this.#blind.add(source);
		}

		return this.at(
			this.#seconds,
			...sources.map((source): Event => ({type: 'source.lost', source, reason: 'no answer in time'})),
		);
	}

	seesAgain(...sources: readonly SourceId[]): this {
		for (const source of sources) {
			this.#blind.delete(source);
		}

		return this.after(this.#seconds);
	}

	press(...commands: readonly Command[]): this {
		return this.at(this.#seconds, ...commands.map((command): Event => ({type: 'command', command})));
	}

	types(text: string): this {
		return this.at(this.#seconds, {type: 'typed', text});
	}

	select(name: string): this {
		for (let step = 0; selectedRow(this.state) !== name; step++) {
			if (step > 5) {
				throw new Error(`${name} is in no row`);
			}

			this.press('select.down');
		}

		return this;
	}

	/** Opens the menu on the selected row and goes down to the offer. */
	choose(id: string): this {
		this.press('menu.open');
		for (let step = 0; step < 20; step++) {
			const overlay = topOverlay(this.state.view);
			if (overlay?.kind !== 'menu' || overlay.selected === id) {
				break;
			}

			this.press(step === 0 ? 'select.up' : 'select.down');
		}

		return this.press('menu.choose');
	}

	/** Presses Tab until the field has the focus. */
	focus(field: Dialog['focus']): this {
		for (let step = 0; this.dialog.focus !== field && step < 10; step++) {
			this.press('dialog.next');
		}

		return this;
	}

	put(path: string, value: DcsValue, {recreated = false} = {}): Fact {
		const revision = ++this.#revision;
		return {
			type: 'dcs.put',
			source: `watch:${endpoints[0]}`,
			entry: {
				path,
				value,
				createRevision: recreated
					? revision
					: (this.state.cluster.keys.get(path)?.createRevision ?? revision),
				modRevision: revision,
				lease: path === 'leader' ? '1' : undefined,
			},
		};
	}

	gone(path: string): Fact {
		return {type: 'dcs.deleted', source: `watch:${endpoints[0]}`, path, revision: ++this.#revision};
	}

	leads(member: string): Fact {
		return this.put('leader', {kind: 'leader', member}, {recreated: true});
	}

	member(name: string, changed: Partial<MemberKey>): Fact {
		const data = keyOf(this.state.cluster, `members/${name}`, 'member')?.value.data;
		if (data === undefined) {
			throw new Error(`${name} has no key`);
		}

		return this.put(`members/${name}`, {kind: 'member', name, data: {...data, ...changed}});
	}

	configured(changed: {pause?: boolean; ttl?: number}): Fact {
		const config = keyOf(this.state.cluster, 'config', 'config')?.value.config;
		if (config === undefined) {
			throw new Error('no configuration');
		}

		return this.put('config', {kind: 'config', config: {...config, ...changed}});
	}

	/** The member's REST answer: the captured one of a healthy member, with changes. */
	says(name: string, changed: Partial<(Fact & {type: 'patroni.status'})['status']>): Fact {
		const fact = patroniFact(this.suite, name, `${name}-patroni`);
		return {...fact, status: {...fact.status, ...changed}};
	}

	/** Answers the last request. */
	answer(answer: Reported): Event {
		return {type: 'operation.report', run: this.run.id, answer};
	}

	get dialog(): Dialog {
		const overlay = topOverlay(this.state.view);
		if (overlay?.kind !== 'dialog') {
			throw new Error(`no question is open: ${this.state.view.notice?.text}`);
		}

		return overlay;
	}

	get checks(): Precondition[] {
		return dialogPreconditions(this.dialog, this.state);
	}

	get run(): Run {
		const run = this.state.runs.at(-1);
		if (run === undefined) {
			throw new Error('nothing was confirmed');
		}

		return run;
	}

	/** Each step with its seconds after the confirmation; undefined if it was not seen. */
	get steps(): Record<string, number | undefined> {
		const {steps, confirmedAt} = this.run;
		return Object.fromEntries(
			steps.map(({id, at}) => [id, at === undefined ? undefined : (at - confirmedAt) / 1000]),
		);
	}

	get sent(): Request[] {
		return this.effects.flatMap(effect => (effect.type === 'operation.send' ? [effect.request] : []));
	}

	/** Phase and outcome of each record of the audit log. */
	get audit(): string[] {
		return this.effects.flatMap(effect =>
			effect.type === 'audit'
				? [[effect.record.phase, effect.record.outcome?.kind].filter(Boolean).join(' ')]
				: [],
		);
	}
}

/** The time in the first line of a done operation stands in the table, beside the step that the line names. */
function expectTimesOfSteps(state: State): void {
	for (const {id, outcome} of state.runs) {
		const {lines, table} = operationPane(state, id);
		const words = lines[0]?.map(({text}) => text).join('') ?? '';
		const [, what = '', time] =
			/^(?:DONE (?:writes stopped for [^;]+; )?(.*)|\S+ LEADS) after (\d+\.\d s)/.exec(words) ?? [];
		const isThere = table?.rows.some(
			({cells: [mark, step, seen]}) =>
				mark?.text === '✓' && seen?.text === time && (what === '' || what === step?.text),
		);
		if (outcome?.kind === 'done' && isThere !== true) {
			throw new Error(`no step has the time of: ${words}`);
		}
	}
}
