/**
 * Operations in a real terminal, without a cluster: an etcd and the REST APIs of two members with fixed answers that
 * note requests.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {captureText} from '../support/captures.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

const password = 's3cret-of-rest';
const dynamic = {ttl: 30, loop_wait: 10, retry_timeout: 10, postgresql: {parameters: {max_connections: 100}}};
const esc = '\u001B';
const enter = '\r';

const servers: Server[] = [];
let etcd: EtcdServer;
let folder: string;
let configFile: string;
let terminal: Terminal;
/** All requests except reads. */
let asked: string[];

/** A member that answers reads, but never an operation. */
async function member(status: string): Promise<string> {
	const server = createServer(({method, url}, response) => {
		if (method === 'GET') {
			response.end(url === '/config' ? JSON.stringify(dynamic) : status);
		} else {
			asked.push(`${method} ${url}`);
		}
	});
	servers.push(server);
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/patroni`;
}

beforeAll(async () => {
	const [primary, replica] = [
		await member(captureText('trixie', 'pgdb1-patroni.json')),
		await member(captureText('trixie', 'pgdb2-patroni.json')),
	];
	const key = (apiUrl: string, role: string) =>
		JSON.stringify({
			conn_url: 'postgres://192.0.2.1:5432/postgres',
			api_url: apiUrl,
			state: 'running',
			role,
			version: '4.0.7',
			xlog_location: 50_331_784,
			timeline: 1,
		});
	etcd = await new EtcdServer({
		keys: {
			'/service/main/config': JSON.stringify(dynamic),
			'/service/main/initialize': '7711145431619985524',
			'/service/main/leader': 'pgdb1',
			'/service/main/members/pgdb1': key(primary, 'primary'),
			'/service/main/members/pgdb2': key(replica, 'replica'),
		},
	}).listen();
});

afterAll(() => {
	etcd.close();
	for (const server of servers) {
		server.closeAllConnections();
		server.close();
	}
});

beforeEach(() => {
	asked = [];
	folder = temporaryFolder('operations');
	configFile = path.join(folder, 'patronictl.yaml');
	writeFileSync(
		configFile,
		`scope: main\netcd3: {hosts: "${etcd.url.replace('http://', '')}"}\nrestapi: {authentication: {username: rest, password: ${password}}}\n`,
	);
});

afterEach(async () => {
	await terminal.kill();
	expect(terminal.raw).not.toContain(password);
});

const auditFile = () => path.join(folder, 'pgha-top', 'audit.ndjson');
const audit = () => {
	const text = readFileSync(auditFile(), 'utf8');
	expect(text).not.toContain(password);
	return text
		.trim()
		.split('\n')
		.map(line => (JSON.parse(line) as {phase: string; what: string}).phase);
};

const see = async (what: string, pattern: RegExp) => terminal.until(what, text => pattern.test(text));

async function start(args: readonly string[] = [], env: Record<string, string> = {}): Promise<void> {
	terminal = new Terminal(node, [program, '-c', configFile, ...args], {
		env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: folder, TMPDIR: folder, ...env},
	});
	await see('the leader, by etcd and by its REST', /pgdb1 (?:! )? *\S+ +Leader +running /);
}

/** Presses keys one by one, each after the screen has handled the one before, as a person does. */
async function press(...keys: readonly (readonly [key: string, shows: RegExp])[]): Promise<void> {
	for (const [key, shows] of keys) {
		terminal.press(key);
		await see(`what ${JSON.stringify(key)} does`, shows);
	}
}

describe('$EDITOR', () => {
	/** An editor of the test: reports its input, and writes the file when the test requests it. */
	function editor(): string {
		const file = path.join(folder, 'editor.mjs');
		writeFileSync(
			file,
			[
				"import {readFileSync, writeFileSync} from 'node:fs';",
				'const [,, file] = process.argv;',
				"process.on('SIGINT', () => { console.log('the editor was interrupted'); });",
				"console.log('the editor is open');",
				"process.stdin.setEncoding('utf8').on('data', text => {",
				"	console.log('the editor read ' + text.trim());",
				"	if (text.includes('write')) {",
				"		writeFileSync(file, readFileSync(file, 'utf8').replace('ttl: 30', 'ttl: 25'));",
				'		process.exit(0);',
				'	}',
				'});',
			].join('\n'),
		);
		return `${node} ${file}`;
	}

	it('has the terminal to itself, Ctrl-C included, and returns to a question', async () => {
		await start([], {VISUAL: editor(), EDITOR: 'false'});
		await press(['E', /the editor is open/]);
		expect(terminal.alternateBuffer).toBe(false);
		await press(
			['q\r', /the editor read q/],
			['\u0003', /the editor was interrupted/],
			['\u0003', /interrupted.*interrupted/s],
			['write\r', /Change the dynamic configuration/],
		);
		const text = await see('the difference', /-\s*ttl: 30.*\+\s*ttl: 25/s);
		expect(terminal.alternateBuffer).toBe(true);
		expect(text).toContain('{"ttl":25}');
		// The safe choice has the focus, and keys go to the console again.
		await press([enter, /q quit/]);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
		expect(asked).toEqual([]);
		expect(existsSync(auditFile())).toBe(false);
	});

	it('that fails sends nothing, and the console names the file of the text', async () => {
		await start([], {VISUAL: '', EDITOR: 'false'});
		await press(['E', /false exited with 1; nothing was sent, your text is in \//], ['?', /━ Help ━/]);
		expect(asked).toEqual([]);
	});
});

describe.each([
	['--read-only', ['--read-only'], {}],
	['PGHA_TOP_READ_ONLY', [], {PGHA_TOP_READ_ONLY: 'true'}],
] as const)('%s', (_, args, env) => {
	it('offers no operation, whatever is pressed, and says so', async () => {
		await start(args, env);
		expect(terminal.lines()[0]).toContain('READ-ONLY');
		expect(terminal.lines().at(-1)).not.toContain('menu');
		// Shift-Tab is handled after the key before it, even if both arrive at once.
		const panes = ['VIP holder', 'etcd leader key', 'Members'];
		for (const [index, key] of ['m', 'S', 'F', 'R', 'L', 'I', 'P', 'E', 'o', 'y', 'X', esc].entries()) {
			terminal.press(key);
			await press([`${esc}[Z`, new RegExp(`▸ ${panes[index % 3]}`)]);
			expect(terminal.text()).not.toMatch(/asked while|Operations:|editor/);
		}

		await press([enter, /Member pgdb1.*Esc back/s], ['?', /Help/]);
		expect(terminal.text()).not.toMatch(/[Ss]witchover|In a question|\$EDITOR/);
		expect(asked).toEqual([]);
		expect(existsSync(auditFile())).toBe(false);
	});
});

describe.each([
	['--dry-run', ['--dry-run'], {}],
	['PGHA_TOP_DRY_RUN', [], {PGHA_TOP_DRY_RUN: 'true'}],
] as const)('%s', (_, args, env) => {
	it('shows exactly what would be sent, and sends nothing', async () => {
		await start(args, env);
		expect(terminal.lines()[0]).toContain('DRY RUN');
		await press(['P', /would send +PATCH http:\S+\/config/]);
		expect(terminal.text()).toContain('{"pause":true}');
		await press(['y', /dry run, nothing was sent: PATCH http:\S+\/config \{"pause":true\}/]);
		expect(asked).toEqual([]);
		expect(existsSync(auditFile())).toBe(false);
	});
});

describe('a running operation', () => {
	it('is shown before q quits, which is pressed twice, and is logged as left running', async () => {
		await start();
		await press(['L', /Reload pgdb\d/], ['y', /RUNNING/], [esc, /RUNNING reload pgdb.*q quit/s]);
		await press(['q', /reload pgdb\d: still running; press again to quit and let it continue/]);
		// Another key cancels quitting, so the next q asks again.
		await press(['j', /^(?!.*press again)/s], ['q', /press again to quit and let it continue/]);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
		expect(terminal.alternateBuffer).toBe(false);
		expect(asked).toEqual(['POST /reload']);
		expect(audit()).toEqual(['confirmed', 'left']);
	});

	it('is shown before Ctrl-C quits', async () => {
		await start();
		await press(
			['L', /Reload pgdb\d/],
			['y', /RUNNING/],
			['\u0003', /press again to quit and let it continue/],
		);
		terminal.press('\u0003');
		expect(await terminal.exited).toBe(0);
		expect(asked).toEqual(['POST /reload']);
		expect(audit()).toEqual(['confirmed', 'left']);
	});
});
