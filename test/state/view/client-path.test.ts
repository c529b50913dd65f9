import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {checksCell, clientPathLines, routeCell} from '../../../source/state/view/client-path.ts';
import {vipPane} from '../../../source/state/view/vip.ts';
import {layTable} from '../../../source/ui/table-layout.ts';
import {haproxyFact, healthyFacts} from '../../support/captures.ts';
import {statsOf} from '../../support/haproxy.ts';
import {healthySession, Session, start, target} from '../../support/session.ts';

const port = 5000;
const source = 'probe:5000' as const;

/** One attempt a second, each with its latency; undefined if it fails. */
function lines(latencies: readonly (number | undefined)[]): string[] {
	const session = new Session({...target, probe: {host: '10.73.0.172', ports: {write: port}, write: true}});
	for (const [second, latency] of latencies.entries()) {
		const common = {source, port, purpose: 'write' as const, startedAt: start + second * 1000};
		session.at(
			second,
			latency === undefined
				? {type: 'probe.failed', ...common, reason: 'no answer in time'}
				: {
						type: 'probe.answered',
						...common,
						server: '10.73.0.160:5432',
						inRecovery: false,
						latency,
						write: true,
					},
		);
	}

	return clientPathLines(session.state).map(cells => cells.map(({text}) => text).join(''));
}

const line = (latencies: readonly (number | undefined)[]) => lines(latencies)[0] ?? '';

describe('the line of a healthy client path', () => {
	it('has a bar for each past five seconds, and the longest wait of the last ones', () => {
		expect(line([1, 1, 3, 1, 1, 1, 1, 12, 1, 1, 1])).toBe('Writes    ok  12 ms pgdb1 ▂▄');
	});

	it('does not change while the next five seconds are no worse', () => {
		const ten = [1, 1, 3, 1, 1, 1, 1, 12, 1, 1];
		const lines = [[1], [1, 2], [1, 2, 13], [1, 2, 13, 1]].map(more => line([...ten, ...more]));
		expect(new Set(lines).size).toBe(1);
	});

	it('shows a worse value at once', () => {
		expect(line([1, 1, 1, 1, 1, 1, 250])).toBe('Writes    ok 250 ms pgdb1 ▁█');
		expect(line([1, 1, 1, 1, 1, undefined, 1])).toMatch(/ ▁×$/);
	});

	it('has a bounded number of bars', () => {
		expect(line(Array.from({length: 61}, () => 1))).toMatch(/ ▁{10}$/);
	});
});

describe("the writers of the VIP's holder", () => {
	const watched = {...target, probe: {host: '10.73.0.172', ports: {write: port}, write: true}};
	const attempt = (session: Session, seconds: number, isAnswered: boolean) =>
		session.at(seconds, {
			source,
			port,
			purpose: 'write',
			startedAt: start + seconds * 1000,
			...(isAnswered
				? {type: 'probe.answered', server: '10.73.0.160:5432', inRecovery: false, latency: 3, write: true}
				: {type: 'probe.failed', reason: 'closed at once', code: 'closed'}),
		} as Event);
	const shown = ({state}: Session) => {
		const {cluster, now} = state;
		return {
			cell: routeCell(state, 'pgdb1', 'primary').text,
			findings: findFindings(cluster, watched, now).map(({id}) => id),
		};
	};

	it('have a server again once the probe has connected since the statistics were requested', () => {
		const session = new Session(watched).at(0, ...healthyFacts('trixie'));
		attempt(attempt(session, 1, true), 1.5, false).at(2, haproxyFact('trixie', 'pgdb1', 'none of them'));
		expect(shown(session)).toMatchObject({
			cell: 'NOWHERE',
			findings: expect.arrayContaining(['vip.no-primary']),
		});
		attempt(session, 2.5, true);
		expect(shown(session).cell).toBe('nowhere?');
		expect(shown(session).findings).not.toContain('vip.no-primary');
		session.at(3, haproxyFact('trixie', 'pgdb1', 'none of them'));
		// HAProxy keeps a connection to a server that is down: its answers prove nothing.
		attempt(session, 3.5, true);
		expect(shown(session)).toMatchObject({
			cell: 'NOWHERE',
			findings: expect.arrayContaining(['vip.no-primary']),
		});
	});
});

describe('the last write outage', () => {
	const [well, fails] = [[1], [undefined]];
	const last = (...seconds: (number | undefined)[][]) => lines(seconds.flat())[1];

	it('is shown beside the longest one of the session, if that was another one', () => {
		expect(last(well, fails, fails, well)).toMatch(
			/^Last {6}write outage 3.00 s at 00:00:00: no answer in time$/,
		);
		expect(last(well, fails, fails, well, fails, well)).toMatch(
			/^Last {6}write outage 2.00 s, longest 3.00 s at 00:00:03: no answer in time$/,
		);
		expect(last(well, fails, well, fails, fails, well)).toMatch(/^Last {6}write outage 3.00 s at 00:00:02/);
	});

	it('is an upper limit if the probe did not run for a part of it', () => {
		const outages = [
			{port, write: true, from: start, to: start + 2000, reason: 'closed', stalled: 600},
			{port, write: true, from: start - 9000, to: start - 6000, reason: 'closed', stalled: 700},
			{port, write: true, from: start - 20_000, to: start - 19_000, reason: 'closed'},
		];
		const lastOf = (shown: typeof outages) => {
			const session = new Session({
				...target,
				probe: {host: '10.73.0.172', ports: {write: port}, write: true},
			});
			const {cluster} = session.state;
			const probe = {
				port,
				purpose: 'write' as const,
				answer: undefined,
				since: undefined,
				failing: undefined,
			};
			const probes = new Map([
				[port, {...probe, at: start, outages: shown, longest: undefined, seconds: []}],
			]);
			const state = {...session.state, cluster: {...cluster, probes}};
			return clientPathLines(state).map(cells => cells.map(({text}) => text).join(''))[1];
		};
		expect(lastOf(outages)).toMatch(/^Last {6}write outage ≤ 2.00 s, longest ≤ 3.00 s at /);
		expect(lastOf(outages.slice(2))).toMatch(/^Last {6}write outage 1.00 s at /);
	});
});

describe('the table of nodes in the VIP pane', () => {
	it.each([56, 60, 70, 96])('keeps the route of readers beside a long reason, %i wide', width => {
		const reason = 'no answer in time, and more of a reason than fits beside the other columns';
		const {state} = healthySession('trixie').at(3, {type: 'source.lost', source: 'vip:pgdb2', reason});
		const {table} = vipPane(state);
		const text = (cells: readonly {text: string}[]) => cells.map(({text}) => text).join('');
		const laid = table && layTable(table, width);
		expect(text(laid?.header ?? [])).toMatch(/Services by SSH +Readers/);
		expect(table?.rows.map(row => text(laid?.row(row) ?? []))).toEqual([
			expect.stringMatching(/4 of 4 up +pgdb2/),
			expect.stringMatching(/LOST.*… +pgdb2/),
		]);
	});
});

it('says how long ago HAProxy saw a check change only where HAProxy says so', () => {
	const checks = (lastChange: number | undefined) => {
		const stats = statsOf({primary: ['+pgdb2']});
		const servers = stats.servers.map(server => ({...server, lastChange}));
		const session = healthySession('trixie');
		const fact = {type: 'haproxy.stats', source: 'haproxy:pgdb1', node: 'pgdb1', ...stats, servers} as const;
		return checksCell(session.at(0, fact).state, 'pgdb1').text;
	};

	expect(checks(3)).toBe('pgdb2 UP L7OK 200 3s');
	expect(checks(undefined)).toBe('pgdb2 UP L7OK 200');
});
