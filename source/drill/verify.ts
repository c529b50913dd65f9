/** Whether every write that was acknowledged is there: asked of the table, as a client, where it now is primary. */

import type {ProbeAccess} from '../config/probe.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {PostgresConnection} from '../connections/postgres.ts';
import type {Verified} from '../domain/drill/types.ts';

/**
 * @param acknowledged the numbers of all writes that were
 * @param patience ms for all of it
 */
export async function verify(
	probe: ProbeAccess | undefined,
	acknowledged: ReadonlySet<number>,
	patience: number,
): Promise<Verified> {
	const told = {acknowledged: acknowledged.size, lost: []};
	if (probe === undefined) {
		return {...told, problem: 'no probe wrote anything'};
	}

	const {rows} = probe;
	if (rows === undefined) {
		return {...told, problem: 'no table is configured to look for them in (probe.table)'};
	}

	try {
		const there = await numbersIn(
			probe,
			rows,
			{acknowledged, patience},
			probe.ssl.mode !== 'disable' && probe.ssl.mode !== 'allow',
		);
		return {...told, lost: [...acknowledged].filter(number => !there.has(number)), problem: undefined};
	} catch (error) {
		return {...told, problem: reasonOf(error)};
	}
}

async function numbersIn(
	probe: ProbeAccess,
	{table, drill}: {table: string; drill: string},
	asked: {acknowledged: ReadonlySet<number>; patience: number},
	tls: boolean,
): Promise<Set<number>> {
	const connection = new PostgresConnection(probe, {tls});
	// Closed, the question that waits is answered with the reason.
	const timer = setTimeout(() => {
		connection.close();
	}, asked.patience);
	try {
		await connection.connect();
		const {row} = await connection.ask(
			`SELECT coalesce(string_agg(number::text, ','), '') AS numbers FROM ${table} WHERE drill = '${drill}'`,
		);
		const there = new Set(String(row.numbers).split(',').filter(Boolean).map(Number));
		// Where one is lost, the rest stays: somebody will want to look at it.
		if ([...asked.acknowledged].every(number => there.has(number))) {
			await connection.ask(`DELETE FROM ${table} WHERE drill = '${drill}'`);
		}

		return there;
	} catch (error) {
		if (tls && probe.ssl.mode === 'prefer' && /does not support SSL/.test(String(error))) {
			return numbersIn(probe, {table, drill}, asked, false);
		}

		throw error;
	} finally {
		clearTimeout(timer);
		connection.close();
	}
}
