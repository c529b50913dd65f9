/**
 * An application that is independent of the console: inserts a row through the VIP twenty times a second, without
 * waiting for
 * earlier inserts, and reports each acknowledgement.
 */
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';

const [host = '', port = '5000'] = process.argv.slice(2);
const interval = 50;
/** ms; timeouts of a pool that neither hangs nor reconnects all at once. */
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
	// Aligned to twentieths of a second, as in the console, so that both measure at the same times.
	await delay((Math.floor((Date.now() + interval / 4) / interval) + 1) * interval - Date.now());
	// A failed write may still have been done: an application does not know either.
	pool.query('INSERT INTO written VALUES (now())').then(
		() => process.stdout.write(`${Date.now()}\n`),
		() => undefined,
	);
}
