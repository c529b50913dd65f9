import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {ErrorCode, ProbePurpose} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {clientPathLines} from '../../../source/state/view/client-path.ts';
import {haproxyFact, healthyFacts} from '../../support/captures.ts';
import {Session, start, target} from '../../support/session.ts';

const closed = 'connection closed at once';

function failed(
	at: number,
	{purpose = 'write' as ProbePurpose, code = 'closed' as ErrorCode, reason = closed} = {},
): Event {
	const port = purpose === 'write' ? 5000 : 5001;
	return {
		type: 'probe.failed',
		source: `probe:${port}`,
		port,
		purpose,
		startedAt: start + at * 1000,
		reason,
		code,
	};
}

/** pgdb1 holds the VIP. */
const healthy = () =>
	new Session({
		...target,
		probe: {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true},
	}).at(0, ...healthyFacts('trixie'));
const lines = ({state}: Session) => clientPathLines(state).map(cells => cells.map(({text}) => text).join(''));
const found = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now, [], []).find(({id}) => id === 'path.failing');

describe('a probe whose connection is closed', () => {
	const empty = () => healthy().at(1, haproxyFact('trixie', 'pgdb1', 'none'));
	const words = 'HAProxy on pgdb1 has no server for :5000';

	it('names HAProxy where its statistics on the holder of the VIP show no server, in pane and finding', () => {
		const session = empty().at(2, failed(2));
		expect(lines(session)[0]).toContain(`FAILING: ${words} (${closed})`);
		expect(found(session)).toMatchObject({
			text: `writes through 10.73.0.172:5000 fail since 00:00:02: ${words} (${closed})`,
		});
		expect(found(session)?.evidence.map(({text}) => text)).toEqual([
			closed,
			expect.stringContaining('pgdb1 DOWN'),
			expect.stringContaining('pgdb2 DOWN'),
		]);
	});

	it.each<[string, Session]>([
		['has a server there', healthy().at(2, failed(2))],
		[
			'has none on another node only',
			healthy()
				.at(1, haproxyFact('trixie', 'pgdb2', 'none'))
				.at(2, failed(2)),
		],
		['was read too long ago', empty().at(9, failed(9))],
		[
			'was lost',
			empty().at(1.5, {type: 'source.lost', source: 'haproxy:pgdb1', reason: 'x'}).at(2, failed(2)),
		],
		['has none, but nothing closed the connection', empty().at(2, failed(2, {code: 'timeout'}))],
		[
			'is on a node that may not be the only holder',
			empty()
				.at(1.5, {
					type: 'addresses.added',
					source: 'vip:pgdb2',
					node: 'pgdb2',
					address: {ip: '10.73.0.172', interface: 'host0'},
				})
				.at(2, failed(2)),
		],
	])('names the connection alone where HAProxy %s', (_, session) => {
		expect(lines(session)[0]).not.toContain('HAProxy');
		expect(lines(session)[0]).toContain(closed);
	});

	it('judges the port of readers by the servers of readers', () => {
		const session = empty().at(2, failed(2, {purpose: 'read'}));
		expect(lines(session).find(line => line.startsWith('Reads'))).not.toContain('HAProxy');
	});
});
