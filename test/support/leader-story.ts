/** Changes of leader on a made cluster: what each member writes, answers and publishes, and who takes the leader key. */
import type {DcsValue, HistoryLine} from '../../source/domain/cluster/dcs.ts';
import type {LeaderChange} from '../../source/domain/cluster/loss.ts';
import type {Event} from '../../source/domain/events.ts';
import type {PatroniStatus} from '../../source/domain/facts.ts';
import {Session, start, target} from './session.ts';
import {madeFacts, memberKey, patroniStatus} from './synthetic-cluster.ts';

const watch = 'watch:http://10.73.0.160:2379';

export type StoryMember = 'pgdb1' | 'pgdb2' | 'pgdb3';

const names: readonly StoryMember[] = ['pgdb1', 'pgdb2', 'pgdb3'];

/** pgdb1 leads, on timeline 3, at 1,000,000. */
export class LeaderStory {
	readonly session = new Session({
		...target,
		nodes: [],
		probe: {host: '10.73.0.172', ports: {write: 5000}, write: true},
	});
	seconds = 0;
	#revision = 600;
	#history: readonly HistoryLine[] = [];

	constructor({sync}: {sync?: readonly StoryMember[]} = {}) {
		const facts = madeFacts({
			members: names.map((name, index) => ({
				name,
				key: {location: 1_000_000, ...(index === 0 ? {} : {role: 'replica'})},
				rest: index === 0 ? {location: 1_000_000} : {received: 1_000_000, replayed: 1_000_000},
			})),
			config: {synchronousMode: sync === undefined ? 'off' : 'on'},
			...(sync === undefined ? {} : {sync}),
		});
		this.session.at(
			0,
			...facts.map(fact =>
				fact.type === 'dcs.snapshot'
					? {...fact, entries: fact.entries.filter(({path}) => path !== 'status')}
					: fact,
			),
		);
	}

	get changes(): readonly LeaderChange[] {
		return this.session.state.cluster.leaders?.changes ?? [];
	}

	/** What the last change has cost. */
	get loss(): LeaderChange['loss'] {
		return this.changes.at(-1)?.loss;
	}

	get entries(): string[] {
		return this.session.state.timeline.map(({text}) => text);
	}

	emit(event: Event): this {
		this.session.at(this.seconds, event);
		return this;
	}

	after(seconds: number): this {
		this.seconds += seconds;
		return this;
	}

	/** The probe's write at this member is acknowledged, 10 ms after it was sent. */
	write(member: StoryMember, location: number, {startedAt = 0} = {}): this {
		const at = start + this.seconds * 1000;
		return this.emit({
			type: 'probe.answered',
			source: 'probe:5000',
			port: 5000,
			purpose: 'write',
			startedAt: at - 10,
			answeredAt: at,
			server: `10.73.1.${names.indexOf(member) + 1}:5432`,
			serverStartedAt: 1000 + startedAt,
			inRecovery: false,
			latency: 10,
			write: true,
			location,
		});
	}

	answer(member: StoryMember, status: Partial<PatroniStatus>): this {
		return this.emit({
			type: 'patroni.status',
			source: `patroni:${member}`,
			member,
			status: {...patroniStatus, name: member, ...status},
			tookMs: 20,
		});
	}

	put(path: string, value: DcsValue, {isNew = false} = {}): this {
		const modRevision = ++this.#revision;
		const known = this.session.state.cluster.keys.get(path)?.createRevision;
		const createRevision = isNew ? modRevision : (known ?? modRevision);
		return this.emit({
			type: 'dcs.put',
			source: watch,
			entry: {path, value, createRevision, modRevision, lease: path === 'leader' ? '1' : undefined},
		});
	}

	delete(path: string): this {
		return this.emit({type: 'dcs.deleted', source: watch, path, revision: ++this.#revision});
	}

	publish(optime: number): this {
		return this.put('status', {kind: 'status', optime, slots: {}});
	}

	/** The lease runs out: the leader key and the member's own key are gone. */
	expire(member: StoryMember): this {
		return this.delete('leader').delete(`members/${member}`);
	}

	lead(member: StoryMember): this {
		return this.put('leader', {kind: 'leader', member}, {isNew: true});
	}

	/** The member is primary now. */
	promote(member: StoryMember, timeline: number, location: number): this {
		const host = `10.73.1.${names.indexOf(member) + 1}`;
		return this.put(`members/${member}`, {
			kind: 'member',
			name: member,
			data: {
				...memberKey,
				host,
				apiUrl: `http://${host}:8008/patroni`,
				role: 'primary',
				replicationState: undefined,
				timeline,
				location,
			},
		}).answer(member, {role: 'primary', timeline, location, received: undefined, replayed: undefined});
	}

	history(...lines: readonly (readonly [number, number, string?])[]): this {
		this.#history = lines.map(([timeline, location, leader]) => ({
			timeline,
			location,
			reason: 'no recovery target specified',
			at: undefined,
			leader,
		}));
		return this.put('history', {kind: 'history', lines: this.#history});
	}
}
