/** Verifies that every acknowledged write exists: queries the table as a client, on the present primary. */
import type {ProbeAccess} from '../config/probe.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {PostgresConnection} from '../connections/postgres.ts';
import type {Verified} from '../domain/drill/types.ts';

/** @param acknowledged numbers of the acknowledged writes */
export async function verify(
	probe: ProbeAccess | undefined,
	acknowledged: ReadonlySet<number>,
	maxMs: number,
): Promise<Verified> {
	const none = {acknowledged: acknowledged.size, lost: []};
	if (probe === undefined) {
		return {...none, problem: 'no probe is configured, so nothing was written'};
	}

	const {rows, ssl} = probe;
	if (rows === undefined) {
		return {...none, problem: 'no table is configured for the writes (probe.table)'};
	}

	try {
		const useTls = ssl.mode !== 'disable' && ssl.mode !== 'allow';
		const found = await readNumbers(probe, rows, {acknowledged, maxMs}, useTls);
		return {...none, lost: [...acknowledged].filter(number => !found.has(number)), problem: undefined};
	} catch (error) {
		return {...none, problem: reasonOf(error)};
	}
}

async function readNumbers(
	probe: ProbeAccess,
	{table, drill}: {table: string; drill: string},
	{acknowledged, maxMs}: {acknowledged: ReadonlySet<number>; maxMs: number},
	tls: boolean,
): Promise<Set<number>> {
	const connection = new PostgresConnection(probe, {tls});
	// Closing the connection ends a query that waits, and its reason is reported.
	const timer = setTimeout(() => {
		connection.close();
	}, maxMs);
	try {
		await connection.connect();
		const {row} = await connection.ask(
			`SELECT coalesce(string_agg(number::text, ','), '') AS numbers FROM ${table} WHERE drill = '${drill}'`,
		);
		const found = new Set(String(row.numbers).split(',').filter(Boolean).map(Number));
		// If a row is lost, the others are kept for an investigation.
		if ([...acknowledged].every(number => found.has(number))) {
			await connection.ask(`DELETE FROM ${table} WHERE drill = '${drill}'`);
		}

		return found;
	} catch (error) {
		if (tls && probe.ssl.mode === 'prefer' && /does not support SSL/.test(String(error))) {
			return readNumbers(probe, {table, drill}, {acknowledged, maxMs}, false);
		}

		throw error;
	} finally {
		clearTimeout(timer);
		connection.close();
	}
}
