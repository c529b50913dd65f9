/** What members answer by SQL: the captured answers of a healthy primary and standby, with changes. */
import type {SqlDetails, SqlStatus} from '../../source/domain/cluster/postgres.ts';
import type {Fact} from '../../source/domain/events.ts';
import {parseDetails, parseStatus} from '../../source/sources/sql/parse.ts';
import {capture} from './captures.ts';
import {start, target} from './session.ts';

export type SqlRole = 'primary' | 'standby';

export const sqlTarget = {...target, monitor: {user: 'monitor', database: 'postgres'}};

/** @param seconds after the session's start, by the server's clock */
export function sqlStatus(role: SqlRole, changed: Partial<SqlStatus> = {}, seconds = 10): SqlStatus {
	const status = parseStatus(capture('trixie', `sql-status-${role}`), 170_006, []);
	// In the captures pgdb2 led: here pgdb1 does.
	const slots = status.slots?.map(slot => ({...slot, name: role === 'primary' ? 'pgdb2' : 'pgdb1'}));
	const senders = status.senders?.map(sender => ({
		...sender,
		application: 'pgdb2',
		address: '10.73.0.170',
	}));
	// The captures are of another cluster.
	return {...status, systemId: undefined, slots, senders, serverTime: start + seconds * 1000, ...changed};
}

export function sqlDetails(role: SqlRole, changed: Partial<SqlDetails> = {}): SqlDetails {
	return {...parseDetails(capture('trixie', `sql-details-${role}`), []), ...changed};
}

export function statusFact(member: string, status: SqlStatus): Fact {
	return {type: 'sql.status', source: `sql:${member}`, member, status, tookMs: 0};
}

export function detailsFact(member: string, details: SqlDetails): Fact {
	return {type: 'sql.details', source: `details:${member}`, member, details};
}

/** pgdb1 leads, pgdb2 follows. */
export function sqlFacts(): Fact[] {
	return [
		statusFact('pgdb1', sqlStatus('primary')),
		detailsFact('pgdb1', sqlDetails('primary')),
		statusFact('pgdb2', sqlStatus('standby')),
		detailsFact('pgdb2', sqlDetails('standby')),
	];
}

/** A PostgreSQL disk with much free space on each node. */
export function diskFact(node: string, usedPercent = 12, glibc = '2.41'): Fact & {type: 'disk.snapshot'} {
	return {
		type: 'disk.snapshot',
		source: `disk:${node}`,
		node,
		filesystems: [
			{
				mount: '/var/lib/postgresql',
				holds: ['postgresql'],
				size: 100 * 2 ** 30,
				used: usedPercent * 2 ** 30,
				usedPercent,
				readOnly: false,
			},
		],
		glibc,
	};
}

/** A member's answer, with changes. */
export function sqlFact(
	member: string,
	role: SqlRole,
	changed: Partial<SqlStatus> = {},
): Fact & {type: 'sql.status'} {
	const status = sqlStatus(role, changed, 0);
	return {type: 'sql.status', source: `sql:${member}`, member, status, tookMs: 5};
}
