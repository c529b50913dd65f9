import {existsSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal, type TerminalOptions} from '../support/terminal.ts';

/** Colours are SGR 30 to 49 and 90 to 107; bold, dim and inverse are not colours. */
const colour = /\u001B\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10[0-7])(?:;\d+)*m/;

let silent: Server;
let configFile: string;
let mouseFile: string;
const open = new Set<Terminal>();

/** An endpoint that accepts connections and never answers, so that every request hangs. */
beforeAll(async () => {
	silent = createServer(socket => {
		socket.on('error', () => undefined);
	});
	await new Promise<void>(resolve => {
		silent.listen(0, '127.0.0.1', resolve);
	});
	const address = silent.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const folder = temporaryFolder('test');
	configFile = path.join(folder, 'patronictl.yaml');
	mouseFile = path.join(folder, 'mouse.yaml');
	writeFileSync(mouseFile, 'mouse: true\n');
	writeFileSync(
		configFile,
		`scope: postgres-cluster\netcd3: {hosts: "127.0.0.1:${port}"}\npgha-top: {vip: 10.73.0.172}\n`,
	);
});

afterAll(() => {
	silent.close();
});

afterEach(async () => {
	await Promise.all([...open].map(async terminal => terminal.kill()));
	open.clear();
});

function start(options: TerminalOptions = {}, args: readonly string[] = []): Terminal {
	const terminal = new Terminal(node, [program, '-c', configFile, ...args], {
		...options,
		env: {XDG_CONFIG_HOME: '/nonexistent', ...options.env},
	});
	open.add(terminal);
	return terminal;
}

/** Whether the terminal reports the mouse. */
function hasMouse({raw}: Terminal): boolean {
	return raw.lastIndexOf('\u001B[?1000h') > raw.lastIndexOf('\u001B[?1000l');
}

const title = /^ ?pgha-top/;
const standing = (text: string) => text.includes('VIP 10.73.0.172') && text.includes('q quit');

describe('the console in a terminal', () => {
	it('draws its first frame before any source has answered, in the alternate buffer', async () => {
		const terminal = start();
		const text = await terminal.until('the panes', standing);
		expect(terminal.alternateBuffer).toBe(true);
		expect(text).toContain('connecting');
	});

	it('has its lines in place, whatever was typed before it started', async () => {
		const terminal = start();
		terminal.press('jjj');
		const text = await terminal.until('the panes', standing);
		expect(text.split('\n')[0]).toMatch(title);
		expect(text).not.toContain('jjj');
	});

	it('is redrawn on Ctrl-L, whatever else wrote to the terminal', async () => {
		const terminal = start({columns: 80, rows: 24});
		await terminal.until('the panes', standing);
		writeFileSync(`/proc/${terminal.pid}/fd/1`, '\u001B[5;7Hbroadcast message\n\n');
		await terminal.until('the message', text => text.includes('broadcast message'));
		terminal.press('\u000C');
		const text = await terminal.until(
			'the panes, and nothing else',
			seen => standing(seen) && !seen.includes('broadcast message'),
		);
		expect(text.split('\n')[0]).toMatch(title);
		expect(text.split('\n')[23]).toContain('q quit');
	});

	it('takes keys while an endpoint hangs, and shows that it hangs', async () => {
		const terminal = start();
		await terminal.until('the loss', text => text.includes('no answer in time'));
		terminal.press('?');
		await terminal.until('the help', text => text.includes('Poll all sources now'));
		terminal.press('\u001B');
		await terminal.until('the panes', standing);
	});

	it.each([
		['q', 'q'],
		['Ctrl-C', '\u0003'],
	])('restores the terminal on %s', async (_, key) => {
		const terminal = start();
		await terminal.until('the panes', standing);
		terminal.press(key);
		expect(await terminal.exited).toBe(0);
		expect(terminal.alternateBuffer).toBe(false);
		expect(terminal.text().trim()).toBe('');
		expect(terminal.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001B[?25l'));
	});

	it.each(['SIGTERM', 'SIGHUP'] as const)('restores the terminal on %s', async signal => {
		const terminal = start();
		await terminal.until('the panes', standing);
		terminal.signal(signal);
		await terminal.exited;
		expect(terminal.alternateBuffer).toBe(false);
		expect(terminal.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001B[?25l'));
	});

	it('is suspended on Ctrl-Z, with the terminal restored for the shell, and resumes on fg', async () => {
		const shell = new Terminal('bash', ['--norc', '--noprofile', '-i'], {
			env: {PS1: 'shell$ ', XDG_CONFIG_HOME: '/nonexistent'},
		});
		open.add(shell);
		await shell.until('the prompt', text => text.includes('shell$'));
		shell.press(`${node} ${program} -c ${configFile}\r`);
		await shell.until('the panes', standing);
		shell.press('\u001A');
		await shell.until('the shell', text => text.includes('Stopped') && !standing(text));
		expect(shell.alternateBuffer).toBe(false);
		// The terminal is restored: input is echoed and executed.
		shell.press('echo $((6 * 7))\r');
		await shell.until('the answer', text => text.split('\n').includes('42'));
		shell.press('fg\r');
		await shell.until('the panes again', standing);
		shell.press('q');
		await shell.until('the prompt again', text => !standing(text) && text.trimEnd().endsWith('shell$'));
		shell.press('echo code $?\r');
		await shell.until('exit code 0', text => text.includes('code 0'));
	});

	it('ends when its terminal is closed', async () => {
		// A terminal that the test can close: script(1) owns it, and is killed.
		const holder = new Terminal('script', ['-qec', `${node} ${program} -c ${configFile}`, '/dev/null'], {
			env: {XDG_CONFIG_HOME: '/nonexistent'},
		});
		open.add(holder);
		await holder.until('the panes', standing);
		const pid = Number((await execa('pgrep', ['-n', '-x', 'pgha-top'])).stdout);
		holder.signal('SIGKILL');
		await vi.waitUntil(() => !existsSync(`/proc/${pid}`), {timeout: 5000, interval: 20});
	});

	it('restores the terminal when a component throws', async () => {
		const terminal = new Terminal(node, [fileURLToPath(new URL('../support/throwing.js', import.meta.url))]);
		open.add(terminal);
		expect(await terminal.exited).toBe(70);
		expect(terminal.alternateBuffer).toBe(false);
		expect(terminal.text()).toContain('caught: Cannot convert a Symbol');
		expect(terminal.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001B[?25l'));
		expect(hasMouse(terminal)).toBe(false);
	});

	it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gives the mouse back at %s', async signal => {
		const terminal = start({env: {PGHA_TOP_CONFIG_FILE: mouseFile}});
		await terminal.until('the panes', standing);
		expect(hasMouse(terminal)).toBe(true);
		terminal.signal(signal);
		await terminal.exited;
		expect(hasMouse(terminal)).toBe(false);
	});

	it('gives the mouse back while it is suspended, and selects by a click', async () => {
		const shell = new Terminal('bash', ['--norc', '--noprofile', '-i'], {
			env: {PS1: '$ ', XDG_CONFIG_HOME: '/nonexistent', PGHA_TOP_CONFIG_FILE: mouseFile},
		});
		open.add(shell);
		await shell.until('the prompt', text => text.includes('$'));
		shell.press(`${node} ${program} -c ${configFile}\r`);
		await shell.until('the panes', standing);
		const row =
			shell
				.text()
				.split('\n')
				.findIndex(line => line.includes(' VIP 10.73.0.172')) + 1;
		const column = (shell.text().split('\n')[row - 1] ?? '').indexOf('VIP 10.73') + 1;
		shell.press(`\u001B[<0;${column};${row}M`);
		await shell.until('the focus', text => text.includes('▸ VIP'));
		shell.press('\u001A');
		await shell.until('the shell', text => text.includes('Stopped'));
		expect(hasMouse(shell)).toBe(false);
		shell.press('fg\r');
		await shell.until('the panes again', standing);
		expect(hasMouse(shell)).toBe(true);
	});

	it('leaves the mouse to the terminal without the setting', async () => {
		const terminal = start();
		await terminal.until('the panes', standing);
		expect(terminal.raw).not.toContain('\u001B[?1000');
	});

	it('draws complete frames under many resizes', async () => {
		const terminal = start({columns: 80, rows: 24});
		await terminal.until('the panes', standing);
		for (let step = 0; step < 50; step++) {
			terminal.resize(60 + ((step * 37) % 140), 16 + ((step * 23) % 44));
		}

		terminal.resize(100, 30);
		const text = await terminal.until('one whole frame of 100 x 30', seen => {
			const lines = seen.split('\n');
			return (
				standing(seen) &&
				(lines[0]?.includes('pgha-top') ?? false) &&
				(lines[29]?.includes('q quit') ?? false)
			);
		});
		expect(text.match(/VIP 10\.73\.0\.172/g)).toHaveLength(1);
		expect(text.match(/pgha-top/g)).toHaveLength(1);
	});

	it('reports why it cannot start in a terminal without cursor movement', async () => {
		const terminal = start({env: {TERM: 'dumb'}});
		expect(await terminal.exited).toBe(64);
		expect(terminal.text()).toContain('TERM=dumb');
	});

	it('follows the size of the terminal', async () => {
		const terminal = start({columns: 80, rows: 24});
		await terminal.until('the panes', standing);
		terminal.resize(120, 40);
		await terminal.until(
			'the footer on the last of 40 lines',
			text => text.split('\n')[39]?.includes('q quit') ?? false,
		);
		terminal.resize(50, 10);
		await terminal.until('the complaint', text => text.includes('50x10 is too small'));
		terminal.resize(80, 24);
		const text = await terminal.until('the panes again', standing);
		expect(text.split('\n').filter(line => line.includes('too small'))).toEqual([]);
	});

	it('sends no colour under NO_COLOR', async () => {
		const terminal = start({env: {NO_COLOR: '1'}});
		await terminal.until('the loss', text => text.includes('no answer in time'));
		expect(terminal.raw).not.toMatch(colour);
	});

	it('shows the selection on a terminal without known colours', async () => {
		const terminal = start({env: {TERM: 'foot', COLORTERM: undefined}});
		await terminal.until('the panes', text => text.includes('q quit'));
		terminal.press('m');
		await terminal.until('the selected entry', () => /\w/.test(terminal.selected() ?? ''));
		expect(terminal.raw).not.toMatch(colour);
	});
});
