/** Sessions for reports: an operator's, with a probe that writes ten times a second and with the nodes' logs. */
import type {Event, Fact} from '../../source/domain/events.ts';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';
import {update} from '../../source/state/update.ts';
import {endpoints, haproxyFact, healthyFacts} from './captures.ts';
import {Operator} from './operator.ts';
import type {Live} from './recorded.ts';
import {start, target} from './session.ts';

export const probed = {...target, probe: {host: '10.73.0.172', ports: {write: 5000}, write: true}};

/** An operator that keeps every moment. */
export class RecordingOperator extends Operator {
	moments: Live[] = [];
	#number = 0;

	override at(seconds: number, ...events: readonly Event[]): this {
		// The constructor calls this before fields are initialized.
		this.moments ??= [];
		for (const event of [...events, {type: 'tick'} as const]) {
			const stamped = {at: start + Math.round(seconds * 1000), event};
			const before = this.state;
			const [after, effects] = update(before, stamped);
			this.state = after;
			this.effects.push(...effects);
			this.moments.push({before, stamped, after});
		}

		return this;
	}

	/** Acknowledged writes ten times a second, from one moment to another. */
	writes(from: number, to: number, server: string): this {
		for (let tenth = Math.ceil(from * 10); tenth <= to * 10; tenth++) {
			const seconds = tenth / 10;
			const latency = 3 + ((tenth * 7) % 5);
			this.emit(seconds + latency / 1000, {
				type: 'probe.answered',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: start + seconds * 1000,
				answeredAt: start + seconds * 1000 + latency,
				number: ++this.#number,
				server: `${server}:5432`,
				inRecovery: false,
				latency,
				write: true,
			});
			if (tenth % 10 === 0) {
				this.after(seconds);
			}
		}

		return this;
	}

	fails(from: number, to: number, reason: string): this {
		for (let tenth = Math.ceil(from * 10); tenth <= to * 10; tenth++) {
			this.emit(tenth / 10 + 0.05, {
				type: 'probe.failed',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: start + tenth * 100,
				reason,
			});
		}

		return this;
	}

	/** Emits an event without the tick and the facts that `after` adds. */
	emit(seconds: number, event: Event): void {
		const stamped = {at: start + Math.round(seconds * 1000), event};
		const before = this.state;
		const [after, effects] = update(before, stamped);
		this.state = after;
		this.effects.push(...effects);
		this.moments.push({before, stamped, after});
	}
}

export function logLines(node: string, seconds: number, ...texts: readonly string[]): Fact {
	const at = (start + seconds * 1000) * 1000;
	const lines = texts.map(
		(text, index): LogLine => ({
			at: at + index,
			order: at + index,
			node,
			service: 'patroni',
			level: 6,
			word: 'INFO',
			text,
		}),
	);
	return {type: 'logs.lines', source: `logs:${node}`, node, lines, skipped: 0};
}

/** A switchover drill from pgdb1 to pgdb2, as recorded: a write outage of 2.2 s. */
export function switchoverDrill(): RecordingOperator {
	const operator = new RecordingOperator('trixie', probed);
	const both = (leader: string) => ['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, leader));
	operator.at(
		0,
		{type: 'source.connecting', source: 'logs:pgdb1'},
		logLines('pgdb1', 0, 'no action. I am (pgdb1), the leader with the lock'),
	);
	operator.at(1, ...healthyFacts('trixie'), ...both('pgdb1'));
	operator.writes(1, 10, '10.73.0.160');
	operator.emit(10.01, {
		type: 'drill.begun',
		drill: {kind: 'switchover', target: 'pgdb2', goal: 5000},
	});
	operator.after(10.02).select('pgdb2').press('operation.switchover', 'dialog.yes');
	operator.writes(10.1, 10.5, '10.73.0.160');
	operator.after(
		10.6,
		operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: undefined}),
		logLines(
			'pgdb1',
			10.61,
			'received switchover request with leader=pgdb1 candidate=pgdb2',
			'stopping <postgresql> & "demoting"',
		),
	);
	operator.fails(10.7, 11.4, 'the connection was closed');
	operator.after(11.5, operator.gone('leader'), operator.gone('failover'));
	operator.fails(11.6, 12.4, 'closed at once: does HAProxy have no server for it?');
	operator.after(
		12.5,
		operator.leads('pgdb2'),
		operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}),
	);
	operator.after(12.6, ...both('pgdb2'), operator.member('pgdb2', {role: 'primary', timeline: 2}));
	operator.writes(12.7, 18, '10.73.0.170');
	operator.after(
		18.1,
		operator.member('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming'}),
		operator.says('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming', replication: []}),
		operator.says('pgdb2', {
			role: 'primary',
			timeline: 2,
			replicationState: undefined,
			replication: [{application: 'pgdb1', address: undefined, state: 'streaming', syncState: 'sync'}],
		}),
		operator.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1'], quorum: 0}),
	);
	operator.writes(18.2, 24, '10.73.0.170');
	operator.emit(24.1, {type: 'drill.verified', acknowledged: 207, lost: [], problem: undefined});
	operator.emit(24.2, {
		type: 'drill.ended',
		result: 'met',
		text: 'write outage 2.20 s, goal 5.00 s',
	});
	return operator.after(24.3);
}

/** A power cut of pgdb1, which leads and holds the VIP; it does not come back. */
export function powerCut(): RecordingOperator {
	const operator = new RecordingOperator('trixie', probed);
	const routes = (node: string, leader: string) => haproxyFact('trixie', node, leader);
	operator.at(1, ...healthyFacts('trixie'), routes('pgdb1', 'pgdb1'), routes('pgdb2', 'pgdb1'));
	operator.writes(1, 10, '10.73.0.160');
	operator.fails(10.2, 12, 'no connection in time');
	operator.after(12.5);
	operator.blind(
		'vip:pgdb1',
		'units:pgdb1',
		'disk:pgdb1',
		'haproxy:pgdb1',
		'patroni:pgdb1',
		`etcd:${endpoints[0]}`,
		`dcs:${endpoints[0]}`,
	);
	operator.after(13, {
		type: 'addresses.added',
		source: 'vip:pgdb2',
		node: 'pgdb2',
		address: {ip: '10.73.0.172', interface: 'host0'},
	});
	operator.fails(13, 30, 'closed at once: does HAProxy have no server for it?');
	for (let second = 14; second < 30; second++) {
		operator.after(second);
	}

	operator.after(30, operator.gone('leader'), operator.gone('members/pgdb1'));
	operator.after(
		30.8,
		operator.leads('pgdb2'),
		operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}),
		operator.member('pgdb2', {role: 'primary', timeline: 2}),
		routes('pgdb2', 'pgdb2'),
	);
	return operator.writes(31, 35, '10.73.0.170').after(35.5);
}
