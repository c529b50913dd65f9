/** The audit log: readable by its owner only, one record a line, in order, with the user; failures are reported. */
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {homedir, hostname, userInfo} from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';
import type {AuditRecord} from '../../source/domain/operations/run.ts';
import {AuditLog, auditFile, whoIsThere, writeLogs} from '../../source/effects/audit-log.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = () => temporaryFolder('test');
const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

function record(id: number, changed: Partial<AuditRecord> = {}): AuditRecord {
	return {
		version: 1,
		at: '2026-11-23T00:00:00.000Z',
		operation_id: `2026-11-23T00:00:00.000Z/${id}`,
		phase: 'confirmed',
		scope: 'main',
		what: 'pause',
		operation: {kind: 'pause'},
		reason: undefined,
		requests: ['PATCH http://10.73.0.160:8008/config', '{"pause":true}'],
		leader: 'pgdb1',
		leader_revision: 7,
		checks: [],
		answers: [],
		steps: [],
		outcome: undefined,
		...changed,
	};
}

const lines = (file: string) =>
	readFileSync(file, 'utf8')
		.split('\n')
		.slice(0, -1)
		.map(line => JSON.parse(line) as Record<string, unknown>);

describe('the audit log', () => {
	it('is below XDG_STATE_HOME, if that is absolute, else below the home folder', () => {
		expect(auditFile({XDG_STATE_HOME: '/var/state'})).toBe('/var/state/pgha-top/audit.ndjson');
		const own = path.join(homedir(), '.local/state/pgha-top/audit.ndjson');
		expect(auditFile({XDG_STATE_HOME: 'state'})).toBe(own);
		expect(auditFile({XDG_STATE_HOME: ''})).toBe(own);
		expect(auditFile({})).toBe(own);
	});

	it('is readable by its owner only: 0700 and 0600, whatever the umask', async () => {
		const state = folder();
		const file = auditFile({XDG_STATE_HOME: path.join(state, 'new')});
		const umask = process.umask(0);
		try {
			await new AuditLog(file).append(record(1));
		} finally {
			process.umask(umask);
		}

		expect(mode(file)).toBe('600');
		expect(mode(path.dirname(file))).toBe('700');
		expect(mode(path.join(state, 'new'))).toBe('700');
	});

	it('has one record a line, in order, after those of earlier sessions', async () => {
		const file = path.join(folder(), 'audit.ndjson');
		writeFileSync(file, '{"from":"before"}\n');
		const log = new AuditLog(file);
		await Promise.all(
			Array.from({length: 50}, async (_, id) =>
				log.append(record(id, {reason: 'two\nlines "quoted" \u2028'})),
			),
		);
		const [before, ...written] = lines(file);
		expect(before).toEqual({from: 'before'});
		expect(written.map(line => line.operation_id)).toEqual(
			Array.from({length: 50}, (_, id) => `2026-11-23T00:00:00.000Z/${id}`),
		);
		expect(written[0]).toMatchObject({version: 1, reason: 'two\nlines "quoted" \u2028'});
	});

	it('keeps whole lines when several consoles write at once', async () => {
		const file = path.join(folder(), 'audit.ndjson');
		const logs = [new AuditLog(file), new AuditLog(file), new AuditLog(file)];
		const checks = Array.from({length: 40}, () => ({level: 'ok', text: 'x'.repeat(100)}));
		await Promise.all(
			logs.flatMap(log => Array.from({length: 20}, async (_, id) => log.append(record(id, {checks})))),
		);
		expect(lines(file)).toHaveLength(60);
	});

	it("names the user, sudo's user, the host and the SSH client", async () => {
		expect(whoIsThere({})).toEqual({
			user: userInfo().username,
			sudo_user: undefined,
			host: hostname(),
			ssh_client: undefined,
		});
		const who = whoIsThere({
			SUDO_USER: 'anna',
			SSH_CONNECTION: '192.0.2.7 51000 10.73.0.1 22',
			SSH_CLIENT: '192.0.2.8 51000 22',
		});
		expect(who).toMatchObject({sudo_user: 'anna', ssh_client: '192.0.2.7'});
		expect(whoIsThere({SSH_CLIENT: '192.0.2.8 51000 22'}).ssh_client).toBe('192.0.2.8');
		const file = path.join(folder(), 'audit.ndjson');
		await new AuditLog(file, who).append(record(1));
		expect(lines(file)[0]).toMatchObject({who: {sudo_user: 'anna', ssh_client: '192.0.2.7'}});
	});

	it('reports a record that could not be written, and writes the next one', async () => {
		const state = folder();
		const file = path.join(state, 'pgha-top', 'audit.ndjson');
		// A file in the place of the folder.
		writeFileSync(path.dirname(file), '');
		const log = new AuditLog(file);
		await expect(log.append(record(1))).rejects.toThrow(/ENOTDIR|EEXIST/);
		await log.settled();
		const other = new AuditLog(path.join(state, 'later', 'audit.ndjson'));
		mkdirSync(path.join(state, 'later', 'audit.ndjson'), {recursive: true});
		const [first, second] = [other.append(record(1)), other.append(record(2))];
		await expect(first).rejects.toThrow('EISDIR');
		await expect(second).rejects.toThrow('EISDIR');
		await other.settled();
	});
});

describe('written log lines', () => {
	const line: LogLine = {
		at: 1_795_711_201_597_236,
		order: 1_795_711_201_597_236,
		node: 'pgdb1',
		service: 'haproxy',
		level: 4,
		word: 'WARNING',
		text: 'Server pg/pgdb2 is DOWN',
	};

	it('have the time of the node to the microsecond, and say how many equal ones they stand for', async () => {
		const state = folder();
		const notice = await writeLogs([line, {...line, times: 2}], {XDG_STATE_HOME: state});
		const written = path.join(state, 'pgha-top/logs');
		const file = path.join(written, readdirSync(written)[0] ?? '');
		expect(notice).toEqual({text: `2 lines written to ${file}`, tone: 'dim'});
		expect(readFileSync(file, 'utf8')).toBe(
			'2026-11-26T16:40:01.597236Z pgdb1 haproxy WARNING Server pg/pgdb2 is DOWN\n' +
				'2026-11-26T16:40:01.597236Z pgdb1 haproxy WARNING ×2 Server pg/pgdb2 is DOWN\n',
		);
		expect(mode(file)).toBe('600');
	});
});
