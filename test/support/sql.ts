/** Answers of PostgreSQL 17 to the SQL questions, as facts. */
import type {SqlDetails, SqlStatus} from '../../source/domain/cluster/postgres.ts';
import type {Event} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {parseDetails, parseStatus} from '../../source/sources/sql/parse.ts';
import {capture} from './captures.ts';
import {target} from './session.ts';

/** The cluster that the console was made for, with SQL. */
export const sqlTarget: Target = {...target, monitor: {user: 'monitor', database: 'postgres'}};

/** The system identifier of the healthy captures. */
const systemId = undefined;

export function sqlFact(
	member: string,
	role: 'primary' | 'standby',
	changed: Partial<SqlStatus> = {},
): Event & {type: 'sql.status'} {
	const status = parseStatus(capture('trixie', `sql-status-${role}`), 170_012, []);
	return {
		type: 'sql.status',
		source: `sql:${member}`,
		member,
		status: {...status, systemId, ...changed},
		tookMs: 5,
	};
}

export function detailsFact(
	member: string,
	changed: Partial<SqlDetails> = {},
): Event & {type: 'sql.details'} {
	const details = parseDetails(capture('trixie', 'sql-details-primary'), []);
	return {type: 'sql.details', source: `details:${member}`, member, details: {...details, ...changed}};
}
