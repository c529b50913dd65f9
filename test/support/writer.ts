/**
 * An application that shares nothing with the console: begins to insert a row through the VIP twenty times a second, whether the
 * ones before it were done or not, and reports when each was acknowledged.
 */
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';

const [host = '', port = '5000'] = process.argv.slice(2);
const interval = 50;
/** Timeouts of an application's pool that does not hang, and does not reconnect in a crowd; ms. */
const limitsMs = {connection: 500, write: 2000};

const pool = new pg.Pool({
	host,
	port: Number(port),
	user: 'app',
	password: 'lab-app',
	database: 'app',
	max: 20,
	connectionTimeoutMillis: limitsMs.connection,
	query_timeout: limitsMs.write,
});
pool.on('error', () => undefined);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
await pool.query('CREATE TABLE IF NOT EXISTS written (at timestamptz NOT NULL)');
for (;;) {
	// At each twentieth of a second of the clock, as the console does, so that both measure at the same times.
	await delay((Math.floor((Date.now() + interval / 4) / interval) + 1) * interval - Date.now());
	// A failed write may have been done or not: an application does not know either.
	pool.query('INSERT INTO written VALUES (now())').then(
		() => process.stdout.write(`${Date.now()}\n`),
		() => undefined,
	);
}
