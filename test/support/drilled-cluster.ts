/** A cluster without a network that switches over as soon as it is asked to. */
import type {Event, Stamped} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {Target} from '../../source/domain/target.ts';
import {ObservationRecorder} from '../../source/drill/taking.ts';
import {Runtime} from '../../source/runtime.ts';
import type {Effect} from '../../source/state/effects.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {haproxyFact, healthyFacts} from './captures.ts';
import {Operator} from './operator.ts';
import {start, target as usual} from './session.ts';

/** The cluster answers what is sent as soon as it is sent. */
export class DrilledCluster {
	now = start;
	sent: Effect[] = [];
	readonly #taking = new ObservationRecorder();
	/** Effects go here, too, and events before they are worked on. */
	also: {perform: (effect: Effect) => void; take: (stamped: Stamped, before: State) => void} | undefined;
	readonly runtime: Runtime;
	/** Makes facts out of the state that it is given. */
	readonly #facts = new Operator('trixie');

	constructor(target: Target = usual) {
		this.runtime = new Runtime({
			state: initialState(target, start),
			now: () => this.now,
			perform: effect => {
				this.sent.push(effect);
				this.also?.perform(effect);
				if (effect.type === 'operation.send') {
					// As an answer comes: not before the question was sent.
					setImmediate(() => {
						this.switchOver();
					});
				}
			},
			record: (stamped, before) => {
				this.#taking.take(stamped, before);
				this.also?.take(stamped, before);
			},
		});
		this.runtime.subscribe(this.#taking.told);
		const whole = ['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, 'pgdb1'));
		this.tell(1, ...healthyFacts('trixie'), ...whole);
		for (const name of ['pgdb1', 'pgdb2', 'etcd1']) {
			this.tell(0, {type: 'source.alive', source: `disk:${name}`});
		}
	}

	get tracks() {
		return this.#taking.tracks;
	}

	/** So many seconds later. */
	tell(seconds: number, ...events: readonly Event[]): void {
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
		this.tell(0.5, facts.gone('leader'));
		this.tell(
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
		this.tell(
			3,
			facts.says('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming', replication: []}),
			facts.member('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming'}),
			facts.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1'], quorum: 0}),
			...['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, 'pgdb2')),
		);
		for (let second = 0; second < 6; second++) {
			this.tell(1);
		}
	}

	get requests(): string[] {
		return this.sent.flatMap(effect =>
			effect.type === 'operation.send' && effect.request.via === 'rest' ? [effect.request.url] : [],
		);
	}
}
