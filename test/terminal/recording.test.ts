import {mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

const folder = temporaryFolder('recordings');
let etcd: EtcdServer;
let configFile: string;
const open = new Set<Terminal>();

beforeAll(async () => {
	etcd = await new EtcdServer().listen();
	configFile = path.join(folder, 'patronictl.yaml');
	writeFileSync(configFile, `scope: main\netcd3: {hosts: "${etcd.url.replace('http://', '')}"}\n`);
});

afterAll(() => {
	etcd.close();
});

afterEach(async () => {
	await Promise.all([...open].map(async terminal => terminal.kill()));
	open.clear();
});

function start(args: readonly string[], state = folder): Terminal {
	const terminal = new Terminal(node, [program, '-c', configFile, ...args], {
		env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: state},
	});
	open.add(terminal);
	return terminal;
}

const standing = (text: string) => text.includes('q quit');

describe('recording in a terminal', () => {
	it('starts with --record, is shown, and is closed when the operator quits', async () => {
		const file = path.join(folder, 'session.ndjson.zst');
		const terminal = start(['--record', file, '--reason', 'CHG-1234']);
		await terminal.until('the sign', text => text.includes('main  ● REC'));
		await terminal.until('etcd', text => text.includes('no such cluster in etcd'));
		terminal.press('f');
		await terminal.until('the findings', text => text.includes('Findings'));
		terminal.press('q');
		await terminal.until('the panes', standing);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
		expect(terminal.text()).toContain(`pgha-top: recorded to ${file}`);
		const recording = await openRecording(file);
		expect(recording.cutShort).toBe(false);
		expect(recording.header).toMatchObject({scope: 'main', reason: 'CHG-1234', logs: false});
		expect(recording.header.config).toContain('namespace: /service # default');
		const all = [...recording.replay()];
		expect(all.map(({stamped}) => stamped.event)).toContainEqual({
			type: 'command',
			command: 'findings.toggle',
		});
		expect(all.at(-1)?.after.cluster.read?.value).toBe(7);
		recording.close();
	});

	it('starts and ends by key, in its own folder', async () => {
		const state = path.join(folder, 'state');
		const terminal = start([], state);
		await terminal.until('etcd', text => text.includes('no such cluster in etcd') && standing(text));
		terminal.press('\u0012');
		await terminal.until('the sign', text => text.includes('● REC') && text.includes('recording to'));
		terminal.press('j');
		await terminal.until('the end of the notice', text => !text.includes('recording to'));
		terminal.press('\u0012');
		await terminal.until('its end', text => text.includes('recorded to') && !text.includes('● REC'));
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
		const recordings = path.join(state, 'pgha-top', 'recordings');
		const [name = '', ...more] = readdirSync(recordings);
		expect(more).toEqual([]);
		expect(name).toMatch(/^main-\d{8}-\d{6}\.ndjson\.gz$/);
		expect(statSync(path.join(recordings, name)).mode & 0o777).toBe(0o600);
		expect(statSync(recordings).mode & 0o777).toBe(0o700);
		const recording = await openRecording(path.join(recordings, name));
		expect(recording.cutShort).toBe(false);
		expect(recording.segment(0).state.cluster.read?.value).toBe(7);
		recording.close();
	});

	it('that cannot be written ends with a message: before the screen, or on it after the key', async () => {
		const file = path.join(folder, 'there.ndjson');
		writeFileSync(file, 'mine\n');
		const refused = start(['--record', file]);
		expect(await refused.exited).toBe(73);
		expect(refused.text()).toContain('the file already exists; name another one');
		expect(refused.raw).not.toContain('\u001B[?1049h');

		const state = path.join(folder, 'not-a-folder');
		mkdirSync(state);
		writeFileSync(path.join(state, 'pgha-top'), '');
		const terminal = start([], state);
		await terminal.until('etcd', text => text.includes('no such cluster in etcd') && standing(text));
		terminal.press('\u0012');
		await terminal.until('why not', text => text.includes('part of its path is not a folder'));
		expect(terminal.text()).not.toContain('● REC');
	});

	it.each(['SIGHUP', 'SIGTERM', 'SIGKILL'] as const)(
		'survives %s: what was recorded before can be replayed',
		async signal => {
			const file = path.join(folder, `${signal}.ndjson.gz`);
			const terminal = start(['--record', file]);
			await terminal.until('etcd', text => text.includes('no such cluster in etcd'));
			terminal.signal(signal);
			await terminal.exited;
			const recording = await openRecording(file);
			expect(recording.cutShort).toBe(signal === 'SIGKILL');
			expect(recording.header.scope).toBe('main');
			recording.close();
		},
	);
});

describe('replay in a terminal', () => {
	const replay = (...args: readonly string[]) => {
		const terminal = new Terminal(node, [program, 'replay', ...args], {
			// Needs neither configuration nor network.
			env: {XDG_CONFIG_HOME: '/nonexistent', HOME: '/nonexistent'},
		});
		open.add(terminal);
		return terminal;
	};

	it('plays a recording, and restores the terminal', async () => {
		const file = path.join(folder, 'to-replay.ndjson.gz');
		const live = start(['--record', file]);
		await live.until('etcd', text => text.includes('no such cluster in etcd'));
		live.press('f');
		await live.until('the findings', text => text.includes('Findings'));
		live.press('\u0003');
		await live.exited;
		const terminal = replay(file);
		await terminal.until('the picture', text => text.includes('main  REPLAY') && text.includes('PLAYING 1x'));
		await terminal.until('its end', text => text.includes('END') && text.includes('the recording ends here'));
		expect(terminal.text()).toContain('no such cluster in etcd');
		terminal.press('V');
		await terminal.until('what the operator saw', text => text.includes('Findings'));
		terminal.press('\u001B[H');
		await terminal.until('the beginning', text => text.includes('event 0 /') && !text.includes('Findings'));
		terminal.press('\u001B[C');
		await terminal.until('an event', text => text.includes('event 1 /'));
		terminal.press('t');
		await terminal.until('the question', text => text.includes('Go to:'));
		terminal.press('-1q');
		await terminal.until('what is typed', text => text.includes('Go to: -1q'));
		terminal.press('\u001B');
		await terminal.until('the bar again', text => text.includes('PAUSED'));
		expect(terminal.text()).not.toContain('S switchover');
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
		expect(terminal.alternateBuffer).toBe(false);
		expect(terminal.text().trim()).toBe('');
	});

	it.each([
		[['/nonexistent.ndjson'], 66, '/nonexistent.ndjson: no such file'],
		[[], 64, 'name the recording to play'],
		[['a', 'b'], 64, 'unexpected argument "b"'],
		[['a', '--scope', 'main'], 64, '--scope is a flag of pgha-top'],
	])('reports what is wrong with %j', async (args, code, words) => {
		const terminal = replay(...args);
		expect(await terminal.exited).toBe(code);
		expect(terminal.text()).toContain(words);
	});
});

describe('the tour in a terminal', () => {
	const go = (...args: readonly string[]) => {
		const terminal = new Terminal(node, [program, 'tour', ...args], {env: {HOME: '/nonexistent'}});
		open.add(terminal);
		return terminal;
	};

	it('lists the recordings, and plays one', async () => {
		const list = go();
		expect(await list.exited).toBe(0);
		expect(list.text()).toMatch(/^│ power-cut +│ the plug of the leader is pulled/m);
		const terminal = go('switchover');
		await terminal.until('the picture', text => text.includes('REPLAY, as the operator saw it'));
		terminal.press('\u001B[F');
		await terminal.until(
			'its end',
			text => text.includes('the recording ends here') && text.includes(' HEALTHY'),
		);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
	});

	it('refuses another name', async () => {
		const terminal = go('nope');
		expect(await terminal.exited).toBe(64);
		expect(terminal.text()).toContain('the tour has no "nope"; pgha-top tour lists what it has');
	});
});
