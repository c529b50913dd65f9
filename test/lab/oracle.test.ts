/** The oracle on the real cluster: the state of each node, without a gap while a node is frozen, reboots or is off. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {beforeAll, expect, it} from 'vitest';
import {freeze, thaw} from '../../lab/cgroup.ts';
import {power} from '../../lab/lab.ts';
import type {Header, Look} from '../../lab/oracle/look.ts';
import {watch} from '../../lab/oracle/oracle.ts';
import {holds} from '../../lab/wait-until.ts';
import {untilHealthy} from '../support/lab.ts';

beforeAll(untilHealthy);

/** What was written so far, without an incomplete last line. */
function read(file: string): {header: Header; looks: Look[]} {
	const [header = '', ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1);
	return {header: JSON.parse(header) as Header, looks: lines.map(line => JSON.parse(line) as Look)};
}

it('writes the state of each node, of one that is frozen or off too', async () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'pgha-oracle-'));
	const file = path.join(folder, 'oracle.ndjson');
	const stop = new AbortController();
	const watching = watch(file, stop.signal);
	const seen = async (what: string, is: (look: Look) => boolean) => {
		const after = Date.now();
		const found = await holds(() => read(file).looks.some(look => look.at >= after && is(look)), 30_000, 200);
		expect(found, what).toBe(true);
	};
	try {
		await holds(() => {
			try {
				return read(file).looks.length > 0;
			} catch {
				return false;
			}
		}, 10_000);
		const has = (look: Look, part: 'etcd' | 'haproxy' | 'units') => {
			const value = look[part];
			return value !== undefined && !('error' in value);
		};
		await seen('a primary that takes writes', ({postgres}) => {
			const sql = postgres !== undefined && 'sql' in postgres ? postgres.sql : undefined;
			return sql !== undefined && 'inRecovery' in sql && !sql.inRecovery && !sql.readOnly;
		});
		await seen('a replica that streams', ({postgres}) => {
			const sql = postgres !== undefined && 'sql' in postgres ? postgres.sql : undefined;
			return sql !== undefined && 'inRecovery' in sql && sql.inRecovery && sql.receiver === 'streaming';
		});
		await seen(
			'etcd, HAProxy and systemd',
			look => has(look, 'etcd') && has(look, 'haproxy') && has(look, 'units'),
		);
		await seen('a quorum', ({node, quorum}) => node === 'etcd1' && quorum === true);
		const {vip} = read(file).header;
		await seen('the VIP', ({addresses}) => addresses?.includes(vip) ?? false);

		freeze('etcd1');
		try {
			await seen('that it is frozen', ({node, frozen}) => node === 'etcd1' && frozen === true);
			await seen(
				'that its etcd does not answer',
				({node, etcd}) => node === 'etcd1' && etcd !== undefined && 'error' in etcd,
			);
		} finally {
			thaw('etcd1');
		}

		await power('cut', 'etcd1');
		await seen('that it is off', ({node, on}) => node === 'etcd1' && !on);
		await power('on', 'etcd1');
		await seen('that its etcd is back', look => look.node === 'etcd1' && has(look, 'etcd'));
	} finally {
		stop.abort();
		await watching;
	}

	const {looks} = read(file);
	rmSync(folder, {recursive: true});
	for (const name of ['pgdb1', 'pgdb2', 'etcd1']) {
		const times = looks.filter(({node}) => node === name).map(({at}) => at);
		const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
		// On a busy machine a sample may be late, but none may be missing.
		expect(Math.max(...gaps), `the longest time without a line of ${name}, ms`).toBeLessThan(4000);
	}
});
