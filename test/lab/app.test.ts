/** A real application: no acknowledged write is lost, whichever node fails. */
import {createHash, randomUUID} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest';
import {gapsIn, parseRecord} from '../../lab/app/record.ts';
import {applicationCommand, power, presentSetup, sshCommand, status, up} from '../../lab/lab.ts';
import {holds} from '../../lab/wait-until.ts';
import {console, onNode, patronictl, untilHealthy} from '../support/lab.ts';
import {isWritten, longestOf, outagesOnScreen} from '../support/outage.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgha-app-'));
const wasThere = presentSetup()?.app;

beforeAll(async () => {
	await up({...presentSetup(), app: true});
});

afterAll(async () => {
	await up({...presentSetup(), app: wasThere ?? false});
	rmSync(folder, {recursive: true});
});

function app(...args: readonly string[]) {
	const {file, args: argv, env} = applicationCommand(args);
	return execa(file, argv, {
		env,
		stdin: 'ignore',
		reject: false,
		encoding: 'buffer',
		stripFinalNewline: false,
	});
}

/** `app load`; resolves when this many more writes are acknowledged. */
function load(record: string) {
	const {file, args, env} = applicationCommand(['load']);
	const child = execa(file, args, {env, stdin: 'ignore', reject: false, stdout: ['pipe', {file: record}]});
	const waiting = new Set<() => void>();
	createInterface({input: child.stdout}).on('line', line => {
		if (line.includes('"ok":true')) for (const count of waiting) count();
	});
	const acknowledges = async (more: number) =>
		new Promise<void>((resolve, reject) => {
			let left = more;
			const count = () => {
				left--;
				if (left > 0) return;
				waiting.delete(count);
				resolve();
			};
			waiting.add(count);
			void child.then(({stderr}) => reject(new Error(`the load ended: ${stderr}`)));
		});
	return {child, acknowledges};
}

async function nodes(): Promise<{leader: string; other: string; holder: string}> {
	const {leader = '', vipHolders} = await status();
	return {leader, other: leader === 'pgdb1' ? 'pgdb2' : 'pgdb1', holder: vipHolders[0] ?? ''};
}

const isOff = async (name: string) =>
	(await status()).nodes.find(node => node.name === name)?.power === 'off';

describe('a wiki that keeps everything in the cluster', () => {
	it('connects to VIP:5000, and to no node of the cluster', async () => {
		const settings = await onNode('app', 'sudo', 'cat', '/etc/mediawiki/LocalSettings.php');
		expect(settings).toContain('$wgDBserver = "10.73.0.172";');
		expect(settings).toContain('$wgDBport = "5000";');
		const places = ['/etc', '/usr/local', '/var/lib/mediawiki/'];
		const {file, args, env} = sshCommand('app', [
			...['sudo', 'grep', '-rE', `'10[.]73[.]0[.]1(60|70|71)|pgdb|etcd1'`, ...places],
		]);
		const {exitCode, stdout} = await execa(file, args, {env, reject: false});
		expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''});
	});

	it('keeps all acknowledged writes over a switchover, a power-off of the VIP holder and an upload', async () => {
		const record = join(folder, 'load.ndjson');
		const upload = join(folder, 'test1.txt');
		const marker = `a file of ${randomUUID()}`;
		const content = Buffer.concat([Buffer.from(`${marker}\r\n\0`), Buffer.from([0xff, 0xfe, 0x0a])]);
		writeFileSync(upload, content);
		const {child, acknowledges} = load(record);
		await acknowledges(5);

		const terminal = console({columns: 160, rows: 50});
		onTestFinished(async () => terminal.kill());
		await terminal.until('a healthy cluster', text => text.includes('\n HEALTHY'), 30_000);

		const before = await nodes();
		const earlier = terminal.text();
		const switched = Date.now();
		await patronictl(
			before.leader,
			...['switchover', '--leader', before.leader, '--candidate', before.other, '--force'],
		);
		await acknowledges(5);
		await untilHealthy();
		expect((await nodes()).leader).toBe(before.other);
		const text = await terminal.until(
			'what the console measured',
			seen => isWritten(seen, before.other) && outagesOnScreen(seen, earlier).length > 0,
		);
		const {lengthMs: measured = 0} = longestOf(outagesOnScreen(text, earlier)) ?? {};

		const {holder} = await nodes();
		const {file, args, env} = sshCommand(holder, ['sudo', 'shutdown', '-P', 'now']);
		await execa(file, args, {env, reject: false}); // 0 or 255: sshd may be gone before it can say goodbye
		expect(await holds(() => isOff(holder), 60_000, 500)).toBe(true);
		const uploaded = await app('upload', upload);
		expect(uploaded).toMatchObject({exitCode: 0});
		await acknowledges(5);
		// The peers of the application's connections, recently closed ones included.
		const sockets = await onNode('app', 'ss', '-Htan', 'dport', '!=', '0');
		const peers = sockets
			.split('\n')
			.map(line => line.trim().split(/\s+/).slice(3, 5))
			.filter(([here]) => !/:(22|80)$/.test(here ?? ''))
			.map(([, there]) => there);
		expect(new Set(peers)).toEqual(new Set(['10.73.0.172:5000']));

		await power('on', holder);
		await untilHealthy();
		await acknowledges(5);
		child.kill('SIGINT');
		const {exitCode, stderr} = await child;
		expect(exitCode).toBe(0);
		expect(stderr).toContain('longest time between acknowledged writes: ');

		expect((await app('fetch', 'test1.txt')).stdout).toEqual(new Uint8Array(content));
		expect(await app('check', record)).toMatchObject({exitCode: 0});
		const {writes} = parseRecord(readFileSync(record, 'utf8'), record);
		expect(writes.filter(write => write.ok).length).toBeGreaterThanOrEqual(20);
		// The application's outage is compared with the console's. The application waits for an answer before
		// it writes again, and an open request may wait for longer than the path was closed: its outage may be longer,
		// but not shorter, within one interval.
		const [felt = 0] = gapsIn(writes)
			.filter(gap => gap.to > switched && gap.from < switched + measured + 5000)
			.map(gap => gap.ms)
			.toSorted((a, b) => b - a);
		process.stderr.write(`switchover: the console says ${measured} ms, the application felt ${felt} ms\n`);
		expect(felt).toBeGreaterThan(measured - 300);
		// The limit of the fast profile, which suffices for both.
		expect(Math.max(...gapsIn(writes).map(gap => gap.ms))).toBeLessThan(20_000);

		// The file's bytes are in PostgreSQL, and nowhere on the application's disk.
		const sql = `SELECT encode(sha256(fc_data), 'hex') FROM mediawiki.file_content WHERE fc_path LIKE '%/Test1.txt'`;
		const {leader} = await nodes();
		expect(
			await onNode(leader, 'sudo', '-u', 'postgres', 'psql', '-d', 'mediawiki', '-Atc', `"${sql}"`),
		).toBe(createHash('sha256').update(content).digest('hex'));
		// The journal is left out, since sudo logs this command there.
		const search = sshCommand('app', [
			...['sudo', 'grep', '-rlaF', '--exclude-dir=journal', `'${marker}'`, '/etc', '/home', '/tmp', '/var'],
		]);
		expect(await execa(search.file, search.args, {env, reject: false})).toMatchObject({
			exitCode: 1,
			stdout: '',
		});
	}, 300_000);

	it('survives a power cycle', async () => {
		await power('off', 'app');
		expect(await status()).toMatchObject({healthy: false});
		expect(() => applicationCommand(['load'])).toThrow(
			'app is off; switch it on: npm run lab -- power on app',
		);
		await power('on', 'app');
		await up(presentSetup());
		expect((await status()).conditions.at(-1)).toMatchObject({name: 'application', met: true});
		expect(await app('fetch', 'test1.txt')).toMatchObject({exitCode: 0});
	});
});
