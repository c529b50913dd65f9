/** Members whose nodes have different versions of glibc: what is found depends on what is known of the databases. */
import {describe, expect, it} from 'vitest';
import type {Event, Fact} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {eventOf, snapshotOf} from '../../../source/recording/read/lines.ts';
import {stateJson} from '../../../source/recording/state-json.ts';
import {diskFact, healthyFacts} from '../../support/captures.ts';
import {Session, target} from '../../support/session.ts';
import {detailsFact, sqlDetails, sqlStatus, sqlTarget, statusFact} from '../../support/sql-facts.ts';

const details = (member: string, libcDatabases: readonly string[] | undefined): Fact =>
	detailsFact(member, sqlDetails(member === 'pgdb1' ? 'primary' : 'standby', {libcDatabases}));

/** pgdb1 leads; pgdb2 has another glibc, unless it is said. */
function seen({
	glibc = ['2.41', '2.36'],
	more = [],
	monitored = true,
}: {
	glibc?: readonly [string | undefined, string | undefined];
	more?: readonly Event[];
	monitored?: boolean;
} = {}): Session {
	const [one, other] = glibc;
	return new Session(monitored ? sqlTarget : target)
		.at(0, ...healthyFacts('trixie'))
		.at(1, {...diskFact('pgdb1'), glibc: one} as Fact, {...diskFact('pgdb2'), glibc: other} as Fact, ...more);
}

function found(session: Session, id = 'glibc.differs') {
	const {cluster, target: of, now} = session.state;
	return findFindings(cluster, of, now).filter(finding => finding.id === id);
}

describe('another glibc than the leader', () => {
	it('is worth knowing where no SQL says whether a database sorts by it', () => {
		expect(found(seen({monitored: false}))).toMatchObject([
			{severity: 'notice', about: 'pgdb2', text: expect.stringContaining('is not known')},
		]);
		expect(found(seen({more: [details('pgdb1', undefined)]}))).toMatchObject([{severity: 'notice'}]);
	});

	it('degrades where a database sorts by it, as either member says', () => {
		for (const member of ['pgdb1', 'pgdb2']) {
			expect(found(seen({more: [details(member, ['a', 'b', 'c', 'd'])]}))).toMatchObject([
				{
					severity: 'degraded',
					text: 'pgdb2 has glibc 2.36, the leader pgdb1 has 2.41: indexes on text may be wrong on one of them (a, b, c, …)',
					evidence: [
						{source: 'disk:pgdb2', text: 'getconf GNU_LIBC_VERSION on pgdb2: glibc 2.36', fresh: true},
						{source: 'disk:pgdb1', text: 'getconf GNU_LIBC_VERSION on pgdb1: glibc 2.41', fresh: true},
					],
				},
			]);
		}
	});

	it('is the cause of a collation version that changed there', () => {
		const changed = {
			libcDatabases: ['app'],
			collations: [{database: 'app', recorded: '2.41', actual: '2.36'}],
		};
		const session = seen({
			more: [statusFact('pgdb2', sqlStatus('standby')), detailsFact('pgdb2', sqlDetails('standby', changed))],
		});
		expect(found(session, 'collation.changed')).toMatchObject([
			{cause: expect.stringContaining('glibc.differs')},
		]);
	});

	it('is not found where no database sorts by it, the versions are the same, one is not known, or an answer is old', () => {
		expect(found(seen({more: [details('pgdb1', [])]}))).toEqual([]);
		expect(found(seen({glibc: ['2.41', '2.41']}))).toEqual([]);
		expect(found(seen({glibc: ['2.41', undefined]}))).toEqual([]);
		const lost: Event = {type: 'source.lost', source: 'disk:pgdb2', reason: 'timed out'};
		expect(found(seen({more: [lost]}))).toEqual([]);
	});

	it('is recorded, and is of the wrong type nowhere', () => {
		const text = `{"at": 1, "state": ${stateJson(seen().state, {logs: false})}}`;
		expect(snapshotOf(text).state.cluster.disks.get('pgdb2')?.glibc).toBe('2.36');
		expect(() => snapshotOf(text.replaceAll('"2.36"', '236'))).toThrow();
		const event = {at: 1, event: diskFact('pgdb1', {}, '2.36')};
		expect(eventOf(JSON.stringify(event)).event).toEqual(event.event);
		expect(() => eventOf(JSON.stringify(event).replace('"2.36"', '236'))).toThrow();
	});
});
