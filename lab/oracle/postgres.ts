/**
 * A node's PostgreSQL: its postmaster by process and pid file, and SQL on the node's loopback as the user of
 * PGUSER and PGPASSWORD.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import pg from 'pg';
import {hasCode} from '../failure.ts';
import type {PostgresLook} from './look.ts';
import {Part} from './part.ts';

type Row = {
	recovery: boolean;
	read_only: boolean;
	timeline: number | null;
	lsn: string | null;
	receiver: string | null;
	senders: {name: string; state: string; sync: string}[] | null;
	sync_names: string;
};

const question = {
	name: 'oracle',
	text: `
SELECT pg_is_in_recovery() AS recovery,
       current_setting('transaction_read_only')::bool AS read_only,
       CASE WHEN pg_is_in_recovery()
            THEN (SELECT nullif(received_tli, 0) FROM pg_stat_wal_receiver)
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
       END AS timeline,
       CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END::text AS lsn,
       (SELECT status FROM pg_stat_wal_receiver) AS receiver,
       (SELECT json_agg(json_build_object('name', application_name, 'state', state, 'sync', sync_state))
          FROM pg_stat_replication) AS senders,
       current_setting('synchronous_standby_names') AS sync_names`,
};

export class Postgres {
	/** The node's root directory, seen from this machine. */
	readonly #root: string;
	readonly #pidFile: string;
	readonly #sql = new Part(signal => this.#ask(signal));
	#client: pg.Client | undefined;

	constructor(root: string, dataDir: string) {
		this.#root = root;
		this.#pidFile = join(root, dataDir, 'postmaster.pid');
	}

	async look(): Promise<PostgresLook> {
		const lines = readOrEmpty(this.#pidFile).split('\n');
		const [, name, state] = /^\d+ \((.*)\) (\S)/.exec(readOrEmpty(this.#statFile(lines[0]))) ?? [];
		// After a power cut the pid file may name an unrelated process.
		if (name !== 'postgres' || state === undefined || state === 'Z') return {running: false};
		const status = lines[7]?.trim() ?? '';
		const look = {running: true, ...(state === 'T' ? {stopped: true} : {}), status};
		// In other states it refuses sessions and logs each attempt.
		return /^(ready|standby)$/.test(status) ? {...look, sql: await this.#sql.look()} : look;
	}

	#statFile(pid: string | undefined): string {
		return join(this.#root, 'proc', String(Number(pid)), 'stat');
	}

	async #ask(signal: AbortSignal): Promise<Exclude<PostgresLook['sql'], undefined>> {
		let client = this.#client;
		const drop = () => {
			this.#client = undefined;
			void client?.end().catch(() => {});
		};

		signal.addEventListener('abort', drop, {once: true});
		try {
			if (client === undefined) {
				client = new pg.Client({
					host: '127.0.0.1',
					port: 5432,
					database: 'postgres',
					application_name: 'pgha-oracle',
					connectionTimeoutMillis: 3000,
				});
				// The query that fails, or the next one, reports the error.
				client.on('error', drop);
				client.on('end', drop);
				await client.connect();
				this.#client = client;
			}

			const {rows} = await client.query<Row>(question);
			const [row] = rows;
			if (row === undefined) throw new Error('PostgreSQL answers with no row');
			return {
				inRecovery: row.recovery,
				readOnly: row.read_only,
				timeline: row.timeline,
				lsn: row.lsn,
				receiver: row.receiver,
				senders: row.senders ?? [],
				syncNames: row.sync_names,
			};
		} catch (error) {
			drop();
			throw error;
		} finally {
			signal.removeEventListener('abort', drop);
		}
	}
}

function readOrEmpty(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (['ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES'].some(code => hasCode(error, code))) return '';
		throw error;
	}
}
