/**
 * An application that is independent of the console: inserts a row through the VIP twenty times a second, without
 * waiting for
 * earlier inserts, and reports the outcome of each attempt.
 */
import {randomUUID} from 'node:crypto';
import {constants, setPriority} from 'node:os';
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';
import type {Attempt} from './attempts.ts';

const [host = '', port = '5000'] = process.argv.slice(2);
const interval = 50;
/**
 * ms; timeouts of a pool that neither hangs nor reconnects all at once. A busy machine needs most of a second for a login: with
 * half a second this application gave up one connection after the other to a server that took writes.
 */
const limitsMs = {connection: 1500, write: 2000};
/** As many as begin within the time of a connection, and some that write. */
const connectionsMax = 40;

// What this process waits for a processor would count as an outage.
setPriority(constants.priority.PRIORITY_HIGHEST);

const pool = new pg.Pool({
	host,
	port: Number(port),
	user: 'app',
	password: 'lab-app',
	database: 'app',
	max: connectionsMax,
	connectionTimeoutMillis: limitsMs.connection,
	query_timeout: limitsMs.write,
});
pool.on('error', () => undefined);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
await pool.query('CREATE TABLE IF NOT EXISTS keyed (key text NOT NULL, at timestamptz NOT NULL)');
const run = randomUUID();
let count = 0;
for (;;) {
	// Aligned to twentieths of a second, as in the console, so that both measure at the same times.
	await delay((Math.floor((Date.now() + interval / 4) / interval) + 1) * interval - Date.now());
	void write();
}

async function write(): Promise<void> {
	const began = Date.now();
	const key = `${run} ${++count}`;
	let outcome: Pick<Attempt, 'server' | 'error'>;
	try {
		const {rows} = await pool.query<{server: string}>(
			'INSERT INTO keyed VALUES ($1, now()) RETURNING host(inet_server_addr()) AS server',
			[key],
		);
		outcome = {server: rows[0]?.server ?? ''};
	} catch (error) {
		// A failed write may still have been done: an application does not know either.
		outcome = {error: error instanceof Error ? error.message : String(error)};
	}

	process.stdout.write(`${JSON.stringify({began, ended: Date.now(), key, ...outcome} satisfies Attempt)}\n`);
}
