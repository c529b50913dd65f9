/** `pgha-top watch` as a process, and `pgha-top replay --live` in a terminal beside it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {LiveRecording} from '../../source/recording/read/live-recording.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {watchFiles} from '../../source/recording/watch-files.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

const folder = temporaryFolder('watch-command');
let etcd: EtcdServer;
let hosts: string;
let folders = 0;
const running = new Set<ChildProcess>();
const terminals = new Set<Terminal>();

beforeAll(async () => {
	etcd = await new EtcdServer().listen();
	hosts = etcd.url.replace('http://', '');
});

afterAll(() => {
	etcd.close();
});

afterEach(async () => {
	for (const child of running) {
		child.kill('SIGKILL');
	}

	running.clear();
	await Promise.all([...terminals].map(async terminal => terminal.kill()));
	terminals.clear();
});

type Running = {
	child: ChildProcess;
	output: () => string;
	until: (pattern: RegExp) => Promise<void>;
	exit: Promise<number | null>;
};

/** With a folder of its own for the state, and a configuration. */
function place(config = ''): {state: string; configFile: string} {
	const state = path.join(folder, String(++folders));
	mkdirSync(state);
	const configFile = path.join(state, 'patronictl.yaml');
	writeFileSync(configFile, `scope: main\netcd3: {hosts: "${hosts}"}\n${config}`);
	return {state, configFile};
}

function environment(state: string) {
	return {...process.env, TZ: 'UTC', HOME: state, XDG_STATE_HOME: state, XDG_CONFIG_HOME: '/nonexistent'};
}

function watch(
	{state, configFile}: ReturnType<typeof place>,
	args: readonly string[] = [],
	env: Record<string, string> = {},
): Running {
	const child = spawn(node, [program, 'watch', '-c', configFile, ...args], {
		env: {...environment(state), ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	running.add(child);
	let text = '';
	const waiting = new Set<() => void>();
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (part: string) => {
			text += part;
			for (const look of waiting) {
				look();
			}
		});
	}

	const exit = once(child, 'close').then(([code]) => code as number | null);
	return {
		child,
		output: () => text,
		exit,
		until: async pattern =>
			new Promise((resolve, reject) => {
				const look = () => {
					if (pattern.test(text)) {
						waiting.delete(look);
						resolve();
					}
				};
				waiting.add(look);
				look();
				void exit.then(code => reject(new Error(`ended with ${code} before ${pattern}\n${text}`)));
			}),
	};
}

function recordings(state: string): string {
	const base = path.join(state, 'pgha-top', 'watch');
	return path.join(base, readdirSync(base)[0] ?? '');
}

describe('watch', () => {
	it('records until SIGTERM, and prints what begins', async () => {
		const where = place();
		const one = watch(where);
		await one.until(/recording main to .*main-[\da-f]{8}, at most 1 GiB and 168 h/);
		await one.until(/ critical began: /);
		one.child.kill('SIGTERM');
		expect(await one.exit).toBe(0);
		expect(one.output()).toMatch(/ended \(SIGTERM\)\n$/);
		const files = recordings(where.state);
		const [file, more] = watchFiles(files);
		expect(more).toBeUndefined();
		expect(statSync(path.join(files, file?.name ?? '')).mode & 0o777).toBe(0o600);
		expect(statSync(files).mode & 0o777).toBe(0o700);
		const recording = await openRecording(path.join(files, file?.name ?? ''));
		expect(recording.cutShort).toBe(false);
		expect(recording.header).toMatchObject({scope: 'main', reason: 'pgha-top watch'});
		expect(recording.header.target.operations).toBe('disabled');
		expect([...recording.replay()].at(-1)?.after.cluster.read?.value).toBe(7);
		recording.close();
		expect(JSON.parse(readFileSync(path.join(files, 'watch.json'), 'utf8'))).toMatchObject({
			ended: {why: 'SIGTERM'},
		});
	});

	it.each([
		['SIGINT', 130],
		['SIGHUP', 129],
	] as const)('ends by %s with %i, and a complete recording', async (signal, code) => {
		const where = place();
		const one = watch(where);
		await one.until(/recording main/);
		one.child.kill(signal);
		expect(await one.exit).toBe(code);
		const files = recordings(where.state);
		const recording = await openRecording(path.join(files, watchFiles(files)[0]?.name ?? ''));
		expect(recording.cutShort).toBe(false);
		recording.close();
	});

	it('is refused beside another one of the same cluster, and takes over from one that was killed', async () => {
		const where = place();
		const one = watch(where);
		await one.until(/ critical began: /);
		const second = watch(where);
		expect(await second.exit).toBe(73);
		expect(second.output()).toMatch(/: another watch records there; end it, or name another folder/);
		expect(JSON.parse(readFileSync(path.join(recordings(where.state), 'watch.json'), 'utf8'))).toMatchObject({
			pid: one.child.pid,
			ended: null,
		});
		one.child.kill('SIGKILL');
		await one.exit;
		const third = watch(where);
		await third.until(/ critical began: /);
		third.child.kill('SIGTERM');
		expect(await third.exit).toBe(0);
		const whole = await LiveRecording.open(recordings(where.state));
		expect(whole.places.filter(({isNewSession}) => isNewSession).length).toBe(1);
		whole.close();
	});

	it('under systemd has its folder, and lines with a priority for the journal', async () => {
		const where = place();
		const service = path.join(where.state, 'service');
		mkdirSync(service);
		const one = watch(where, [], {STATE_DIRECTORY: service, JOURNAL_STREAM: '0:0'});
		await one.until(/ critical began: /);
		const [name = ''] = readdirSync(path.join(service, 'watch'));
		const files = path.join(service, 'watch', name);
		expect(statSync(files).mode & 0o777).toBe(0o750);
		expect(statSync(path.join(files, 'watch.socket')).mode & 0o777).toBe(0o660);
		expect(statSync(path.join(files, watchFiles(files)[0]?.name ?? '')).mode & 0o777).toBe(0o640);
		one.child.kill('SIGTERM');
		expect(await one.exit).toBe(0);
	});

	it.each<[string, readonly string[], number, RegExp]>([
		['a folder that is a file', ['--dir', '/dev/null/x'], 73, /\/dev\/null\/x\/.*not a folder/],
		['an interval', ['5'], 64, /watch takes no interval; .* pgha-top --watch 5/],
		['a size without a unit', ['--keep-size', '5'], 64, /--keep-size must be a size/],
		['a short age', ['--keep-age', '5m'], 64, /--keep-age must be a time of at least 1h/],
		['nothing to test', ['--test-notify'], 64, /--test-notify needs notify\.command/],
	])('refuses %s', async (_, args, code, words) => {
		const one = watch(place(), args);
		expect(await one.exit).toBe(code);
		expect(one.output()).toMatch(words);
	});

	it('refuses a folder where it may not write', async () => {
		const where = place();
		const closed = path.join(where.state, 'closed');
		mkdirSync(closed);
		chmodSync(closed, 0o500);
		// Root may write anywhere, but not make a folder in /sys.
		const one = watch(where, ['--dir', process.getuid?.() === 0 ? '/sys/pgha-top' : closed]);
		expect(await one.exit).toBe(73);
		expect(one.output()).toMatch(/permission denied/);
	});

	it('notifies a command and a webhook of what begins, and shows no secret of them', async () => {
		const posts: unknown[] = [];
		const server = createServer((request, response) => {
			let text = '';
			request.on('data', part => {
				text += part;
			});
			request.on('end', () => {
				posts.push(JSON.parse(text));
				response.writeHead(posts.length < 3 ? 503 : 200).end();
			});
		});
		await new Promise<void>(resolve => {
			server.listen(0, '127.0.0.1', resolve);
		});
		const {port} = server.address() as AddressInfo;
		const out = path.join(folder, 'notified');
		const where = place(
			[
				'pgha-top:',
				'  notify:',
				`    command: [sh, -c, 'cat >> "$0"', ${out}]`,
				`    webhook: {url: "http://127.0.0.1:${port}/a/s3cret-path-of-it", headers: {x-key: h3ader-s3cret}}`,
				'    after: 0s',
				'',
			].join('\n'),
		);
		const test = watch(where, ['--test-notify']);
		expect(await test.exit).toBe(0);
		expect(test.output()).toBe(`command sh: delivered\nwebhook http://127.0.0.1:${port}/…: delivered\n`);
		expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({test: true, cluster: 'main'});
		const one = watch(where);
		await expect
			.poll(() => posts.at(-1), {timeout: 30_000})
			.toMatchObject({test: false, phase: 'began', severity: 'critical'});
		one.child.kill('SIGTERM');
		expect(await one.exit).toBe(0);
		server.close();
		const config = spawn(node, [program, '--print-config', '-c', where.configFile], {
			env: environment(where.state),
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let printed = '';
		config.stdout.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
		});
		await once(config, 'close');
		expect(printed).toContain('keep_size: 1GiB # default');
		for (const text of [printed, one.output(), test.output()]) {
			expect(text).not.toMatch(/s3cret/);
		}

		const files = recordings(where.state);
		const recording = await openRecording(path.join(files, watchFiles(files)[0]?.name ?? ''));
		expect(recording.header.config).not.toMatch(/s3cret/);
		recording.close();
	});
});

describe('replay --live', () => {
	function follow(state: string, args: readonly string[] = []): Terminal {
		const terminal = new Terminal(node, [program, 'replay', '--live', ...args], {env: environment(state)});
		terminals.add(terminal);
		return terminal;
	}

	it('shows what the watch records, marks it when it hangs, rewinds, and says when it was killed', async () => {
		const where = place();
		const one = watch(where);
		await one.until(/ critical began: /);
		const terminal = follow(where.state);
		await terminal.until('the watch', text => /main {2}LIVE, as the watch sees it/.test(text));
		await terminal.until('etcd', text => text.includes('no such cluster in etcd'));
		expect(terminal.text()).not.toContain('S switchover');
		const files = recordings(where.state);
		const size = statSync(path.join(files, watchFiles(files)[0]?.name ?? '')).size;
		await expect
			.poll(() => statSync(path.join(files, watchFiles(files)[0]?.name ?? '')).size, {timeout: 20_000})
			.toBeGreaterThan(size);
		one.child.kill('SIGSTOP');
		await terminal.until('the hang', text => /NOT LIVE: the watch has recorded nothing for \d+s/.test(text));
		expect(terminal.text()).toContain('UNKNOWN');
		one.child.kill('SIGCONT');
		await terminal.until('the watch again', text => /LIVE, as the watch sees it/.test(text));
		terminal.press('\u001B[H');
		await terminal.until('the beginning', text => /REPLAY of the watch, \d+s ago/.test(text));
		terminal.press('\u001B[F');
		await terminal.until('the end', text => /LIVE, as the watch sees it/.test(text));
		one.child.kill('SIGKILL');
		await terminal.until('its end', text => /NOT LIVE: the watch was killed \d+s ago/.test(text));
		const next = watch(where);
		await terminal.until('the next watch', text => /LIVE, as the watch sees it/.test(text), 30_000);
		next.child.kill('SIGTERM');
		await next.exit;
		await terminal.until('its end', text =>
			/NOT LIVE: the watch ended at [\d:]+, \d+s ago \(SIGTERM\)/.test(text),
		);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
	});

	it('says where it looked when no watch runs', async () => {
		const where = place();
		const none = follow(where.state);
		expect(await none.exited).toBe(66);
		const words = none.text().replaceAll('\n', '');
		expect(words).toContain('no watch found on this machine');
		expect(words).toContain(path.join(where.state, 'pgha-top', 'watch'));
		const one = watch(where);
		await one.until(/recording main/);
		one.child.kill('SIGTERM');
		await one.exit;
		const ended = follow(where.state, ['main']);
		expect(await ended.exited).toBe(66);
		expect(ended.text().replaceAll('\n', '')).toMatch(
			/no watch of main runs on this machine: that of main ended 20.*\(SIGTERM\)/,
		);
		const misused = new Terminal(node, [program, 'replay', '--dir', '/tmp', 'x'], {
			env: environment(where.state),
		});
		terminals.add(misused);
		expect(await misused.exited).toBe(64);
		expect(misused.text()).toContain('--dir needs --live');
	});
});
