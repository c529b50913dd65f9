/** `pgha-top autopsy --logs`: what it prints, and the recording that it writes. */
import {copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {beforeEach, describe, expect, it, vi} from 'vitest';
import {autopsyCommand} from '../../source/autopsy/command.ts';
import {logsOfFolder} from '../../source/autopsy/folder.ts';
import type {jsonOf} from '../../source/autopsy/words.ts';
import {schema} from '../../source/autopsy/words.ts';
import {UsageError} from '../../source/cli/parse-flags.ts';
import {leaderKey} from '../../source/domain/cluster/keys.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {readReport, textOf as reportText} from '../../source/report/command.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('autopsy-command');
const captures = path.join(import.meta.dirname, '../captures/logs/trixie');
const time = ['--since', '2026-11-27 11:00Z', '--until', '2026-11-27 14:00Z'];
let count = 0;
let home: string;

beforeEach(() => {
	home = path.join(folder, `home-${count++}`);
	mkdirSync(home);
	vi.stubEnv('HOME', home);
	vi.stubEnv('XDG_CONFIG_HOME', home);
	vi.stubEnv('XDG_STATE_HOME', home);
	vi.stubEnv('PATRONICTL_CONFIG_FILE', undefined);
});

function output(): string {
	return path.join(home, 'autopsy.ndjson.gz');
}

async function autopsyOf(logs: string, ...more: readonly string[]): Promise<ReturnType<typeof jsonOf>> {
	const done = await autopsyCommand(['--logs', logs, ...time, '--json', '--output', output(), ...more]);
	expect(done.complaint).toBeUndefined();
	return schema.parse(JSON.parse(done.text));
}

describe('of the journals of a switchover', () => {
	const logs = path.join(captures, 'switchover');

	it('says the same of a span of years, in a recording that is hardly longer', async () => {
		const eventsOf = async (since: string) => {
			const file = path.join(home, `since-${since}.ndjson.gz`);
			const more = ['--since', `${since} 00:00Z`, '--json', '--output', file];
			const {text} = await autopsyCommand(['--logs', logs, ...time.slice(2), ...more]);
			const recording = await openRecording(file);
			const events = [...recording.replay()].filter(({stamped}) => stamped.event.type !== 'tick').length;
			const ticks = [...recording.replay()].length - events;
			recording.close();
			return {incidents: schema.parse(JSON.parse(text)).incidents, events, ticks};
		};
		const [years, day] = [await eventsOf('2020-01-01'), await eventsOf('2026-11-27')];
		expect(years.incidents).toEqual(day.incidents);
		expect(years.events).toBe(day.events);
		// Each second near what was said, and 2000 of the rest.
		expect(years.ticks).toBeLessThan(2000 + 1000);
	});

	it('names the cause, the chain and the bounds, and writes a recording that plays', async () => {
		const {incidents, lines, understood, recording} = await autopsyOf(logs, '--nodes', 'pgdb1,pgdb2,etcd1');
		expect(recording).toBe(output());
		expect(understood).toBeGreaterThan(40);
		expect(lines).toBeGreaterThan(understood);
		expect(incidents).toMatchObject([
			{
				title: 'switchover pgdb1 → pgdb2',
				first_cause: {
					node: 'pgdb1',
					kind: 'patroni.switchover',
					line: expect.stringMatching(/^received switchover request/),
				},
				leader_changes: [{from: 'pgdb1', to: 'pgdb2'}],
				timelines: [{node: 'pgdb2', timeline: 2}],
			},
		]);
		const played = await openRecording(output());
		const leaders = new Set<string | undefined>();
		for (const {after} of played.replay()) {
			leaders.add(leaderKey(after.cluster)?.member);
		}

		played.close();
		expect([...leaders].filter(Boolean)).toEqual(['pgdb1', 'pgdb2']);
		expect(played.header.reconstructed?.nodes.map(({node}) => node)).toContain('pgdb1');
	});

	it('is reported as put together from logs, with bounds', async () => {
		await autopsyOf(logs);
		const report = await readReport(output());
		const text = await reportText(report, 'md');
		expect(text).toMatch(/Put together from logs at .* not recorded as it happened/);
		expect(text).toMatch(/clocks of the nodes were not compared/);
		expect(report.recording.reconstructed).not.toBeNull();
		expect(await reportText(report, 'html')).toContain('Put together from logs');
	});

	it('prints the same as text', async () => {
		const {text, exitCode} = await autopsyCommand(['--logs', logs, ...time, '--output', output()]);
		expect(exitCode).toBe(0);
		expect(text).toContain('switchover pgdb1 → pgdb2');
		expect(text).toContain('First cause: a switchover was asked for from pgdb1 to pgdb2');
		expect(text).toContain(`pgha-top replay ${output()}`);
	});
});

describe('of other files', () => {
	/** As journalctl prints it, and as a colleague would send it. */
	function syslogOf(journal: string, host: string): string {
		return gunzipSync(readFileSync(path.join(captures, journal)))
			.toString()
			.split('\n')
			.filter(Boolean)
			.map(json => JSON.parse(json) as Record<string, string>)
			.map(
				({__REALTIME_TIMESTAMP: at, SYSLOG_IDENTIFIER: name = 'unknown', _PID: pid = '1', MESSAGE: text}) => {
					const stamp = new Date(Number(at) / 1000).toISOString().replace('Z', '+00:00');
					return `${stamp} ${host} ${name}[${pid}]: ${text}`;
				},
			)
			.join('\n');
	}

	it('reads syslog, packed and rotated, and no more than there is', async () => {
		const logs = path.join(home, 'sent');
		for (const node of ['pgdb1', 'pgdb2']) {
			mkdirSync(path.join(logs, node), {recursive: true});
			const all = syslogOf(`switchover/${node}.json.gz`, node).split('\n');
			const half = Math.floor(all.length / 2);
			writeFileSync(path.join(logs, node, 'syslog.1.gz'), gzipSync(all.slice(0, half).join('\n')));
			writeFileSync(path.join(logs, node, 'syslog'), all.slice(half).join('\n'));
		}

		const {incidents, nodes} = await autopsyOf(logs);
		expect(nodes.map(({node}) => node).toSorted()).toEqual(['pgdb1', 'pgdb2']);
		expect(incidents).toMatchObject([{title: 'switchover pgdb1 → pgdb2', leader_changes: [{to: 'pgdb2'}]}]);
	});

	it('takes the node from the name of a file', async () => {
		const logs = path.join(home, 'flat');
		mkdirSync(logs);
		copyFileSync(path.join(captures, 'switchover/pgdb1.json.gz'), path.join(logs, 'pgdb1.json.gz'));
		writeFileSync(
			path.join(logs, 'pgdb2-patroni.log'),
			'2026-11-27 11:49:24,365 INFO: promoted self to leader by acquiring session lock\n',
		);
		expect((await autopsyOf(logs)).nodes.map(({node}) => node).toSorted()).toEqual(['pgdb1', 'pgdb2']);
	});

	it('reads what is there of a damaged file, and says so', async () => {
		const logs = path.join(home, 'damaged');
		mkdirSync(logs);
		const packed = readFileSync(path.join(captures, 'switchover/pgdb1.json.gz'));
		writeFileSync(path.join(logs, 'pgdb1.json.gz'), packed.subarray(0, packed.length - 200));
		const {text, exitCode} = await autopsyCommand(['--logs', logs, ...time, '--output', output()]);
		expect(exitCode).toBe(1);
		expect(text).toMatch(/pgdb1\.json\.gz: it is not read to its end/);
	});

	const loop = (second: number) =>
		`2026-11-27 11:49:${second},000 INFO: no action. I am (pgdb1), the leader with the lock\n`;

	it.each([
		['packed with bzip2', Buffer.from('BZh91AY&SY'), /it is packed with bzip2/],
		["journald's own", Buffer.from('LPKSHHRH\0\0'), /one of journald's own files/],
		['without a time', Buffer.from('a line\nanother\n'), /no line of it begins with a time: it is not read/],
	])('names a file that it does not read: %s', async (_, content, words) => {
		const logs = path.join(home, 'unread');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'pgdb1-patroni.log'), loop(20));
		writeFileSync(path.join(logs, 'pgdb2-patroni.log'), content);
		const {text, exitCode} = await autopsyCommand(['--logs', logs, ...time, '--output', output()]);
		expect(exitCode).toBe(1);
		expect(text).toMatch(words);
	});

	it('names a symbolic link, and no name reaches the terminal as it is', async () => {
		const logs = path.join(home, 'odd\u001B[31m');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'pgdb1-\u001B[2Jpatroni.log'), loop(20));
		writeFileSync(path.join(logs, 'pgdb1-\u001B[2Jnotes'), 'no time\n');
		symlinkSync('/etc/passwd', path.join(logs, 'pgdb2-patroni.log'));
		const {text, exitCode} = await autopsyCommand(['--logs', logs, ...time, '--output', output()]);
		expect(exitCode).toBe(1);
		expect(text).toMatch(/pgdb2-patroni\.log: it is a symbolic link/);
		expect(text).not.toContain('\u001B');
		expect(gunzipSync(readFileSync(output())).toString()).not.toContain('\\u001b');
	});

	it('reads rotated files with dates in the order of time', async () => {
		const logs = path.join(home, 'dates');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'pgdb1-patroni.log'), loop(40));
		writeFileSync(path.join(logs, 'pgdb1-patroni.log-20261127'), loop(30));
		writeFileSync(path.join(logs, 'pgdb1-patroni.log-20261126.gz'), gzipSync(loop(20)));
		const [read] = await logsOfFolder(logs, {since: 0, until: Date.parse('2026-11-28')});
		const seconds: number[] = [];
		for (const log of read?.logs ?? []) {
			for await (const {at} of log) {
				seconds.push(new Date(at).getSeconds());
			}
		}

		expect(seconds).toEqual([20, 30, 40]);
	});

	it('takes the service from the last name in that of the file, and skips what journalctl writes first', async () => {
		const logs = path.join(home, 'names');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'etcd1-haproxy.log'), '2026-11-27T11:49:20+00:00 Server primary/a is UP\n');
		writeFileSync(
			path.join(logs, 'pgdb1.txt'),
			'-- Logs begin at Fri 2026-11-27 --\nNov 27 11:49:20 pgdb1 patroni[7]: promoted self to leader by acquiring session lock\n',
		);
		const read = await logsOfFolder(logs, {since: 0, until: Date.parse('2026-11-28')});
		const services: string[] = [];
		for (const log of read.flatMap(one => one.logs)) {
			for await (const {line} of log) {
				services.push(`${line.node} ${line.service}`);
			}
		}

		expect(services).toEqual(['etcd1 haproxy', 'pgdb1 patroni']);
	});

	it("takes nothing of another cluster's configuration", async () => {
		const logs = path.join(home, 'of-a-colleague');
		mkdirSync(logs);
		mkdirSync(path.join(home, 'patroni'));
		writeFileSync(
			path.join(home, 'patroni/patronictl.yaml'),
			'scope: my-own\netcd3:\n  hosts: [10.9.9.9:2379]\n',
		);
		vi.stubEnv('PATRONICTL_CONFIG_FILE', path.join(home, 'patroni/patronictl.yaml'));
		writeFileSync(path.join(logs, 'pgdb1-patroni.log'), loop(20));
		expect((await autopsyOf(logs)).scope).toBe('of-a-colleague');
		expect(gunzipSync(readFileSync(output())).toString()).not.toMatch(/my-own|10\.9\.9\.9/);
	});

	it('masks a password in a line', async () => {
		const logs = path.join(home, 'secret');
		mkdirSync(logs);
		writeFileSync(
			path.join(logs, 'pgdb1-patroni.log'),
			[
				'2026-11-27 11:49:20,000 INFO: no action. I am (pgdb1), the leader with the lock',
				'2026-11-27 11:49:24,365 ERROR: Error communicating with DCS: http://root:hunter22@10.0.0.1:2379',
			].join('\n'),
		);
		await autopsyOf(logs);
		expect(gunzipSync(readFileSync(output())).toString()).not.toContain('hunter22');
	});
});

describe('of what it cannot read', () => {
	it('a folder that is not there', async () => {
		const {exitCode, complaint} = await autopsyCommand(['--logs', '/nonexistent', '--output', output()]);
		expect(exitCode).toBe(66);
		expect(complaint).toMatch(/^\/nonexistent: /);
	});

	it('a time of which no line is', async () => {
		const logs = path.join(home, 'other');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'pgdb1-patroni.log'), '2026-11-27 11:49:20,000 INFO: x\n');
		const span = ['--since', '2020-01-01 00:00Z', '--until', '2020-01-01 01:00Z'];
		const {exitCode, complaint} = await autopsyCommand(['--logs', logs, ...span, '--output', output()]);
		expect(exitCode).toBe(2);
		expect(complaint).toMatch(/no line of any log/);
	});

	it.each([
		[['--since', 'yesterday'], /--since: "yesterday" is not a time/],
		[['--since', '-1h', '--until', '-2h'], /--since must be before --until/],
		[['--logs', captures, 'more'], /unexpected argument/],
		[['--logs', path.join(captures, 'switchover'), '--nodes', 'pgdb9'], /has no logs of pgdb9, but of/],
	])('refuses %s', async (args, words) => {
		await expect(autopsyCommand(args)).rejects.toThrow(words);
		await expect(autopsyCommand(args)).rejects.toThrow(UsageError);
	});

	it('never overwrites a file', async () => {
		writeFileSync(output(), 'kept');
		const {exitCode} = await autopsyCommand([
			'--logs',
			path.join(captures, 'switchover'),
			...time,
			'--output',
			output(),
		]);
		expect(exitCode).toBe(73);
		expect(readFileSync(output(), 'utf8')).toBe('kept');
	});
});
