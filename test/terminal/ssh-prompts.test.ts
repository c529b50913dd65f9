import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {type OneNode, oneNode} from '../support/one-node.ts';
import {node} from '../support/program.ts';
import {makeKey, nodeWith, type SshKey, SshServer} from '../support/ssh-server.ts';
import {Terminal} from '../support/terminal.ts';

const passphrase = 'open sesame 7';
const vip = '10.73.0.172';

let folder: string;
let server: SshServer;
let host: SshKey;
let terminal: Terminal | undefined;
let setup: OneNode;

beforeEach(() => {
	folder = temporaryFolder('ssh');
	host = makeKey('host');
});

afterEach(async () => {
	await terminal?.kill();
	terminal = undefined;
	server.close();
});

/** A console with one node, behind an sshd that accepts this key. */
async function begin(user: SshKey): Promise<OneNode> {
	server = new SshServer({host, user, answer: nodeWith('127.0.0.1', vip)});
	const port = await server.listen();
	setup = oneNode(folder, {user, port, more: [`vip: ${vip}`]});
	return setup;
}

const held = (text: string) => /Holder +alpha, /.test(text);

async function start(user: SshKey, prepare: () => void = () => undefined): Promise<Terminal> {
	const {args, env} = await begin(user);
	prepare();
	terminal = new Terminal(node, args, {env});
	return terminal;
}

describe('an unknown host key', () => {
	it('is asked about once, with its fingerprint, and recorded on yes', async () => {
		const screen = await start(makeKey('user'));
		const asked = await screen.until('the question', text => text.includes('(yes/no/[fingerprint])?'));
		expect(asked.replaceAll('\n', '')).toContain(host.fingerprint);
		expect(screen.alternateBuffer).toBe(false);
		screen.press('yes\r');
		await screen.until('the console, and the holder', held);
		expect(screen.alternateBuffer).toBe(true);
		expect(setup.known()).toContain(host.public.split(' ')[1]);
	});

	it('is refused on no, and not asked about again', async () => {
		const screen = await start(makeKey('user'));
		await screen.until('the question', text => text.includes('(yes/no/[fingerprint])?'));
		screen.press('no\r');
		await screen.until('the refusal', text => text.includes('is not known'));
		screen.press('r');
		await screen.until('another attempt', text => text.includes('is not known'));
		expect(screen.raw.split('(yes/no/[fingerprint])?').length - 1).toBe(1);
		expect(setup.known()).toBe('');
		expect(server.logins).toBe(0);
	});

	it('is refused without a terminal to ask on', async () => {
		const {args, env} = await begin(makeKey('user'));
		const {stdout} = await execa(node, [...args, '--once'], {env, reject: false, input: ''});
		expect(stdout).toContain('is not known');
		expect(stdout).toContain(host.fingerprint);
		expect(server.logins).toBe(0);
	});
});

describe('a host key that has changed', () => {
	it('is refused loudly, without a question', async () => {
		const screen = await start(makeKey('user'), () => {
			setup.know(makeKey('another'));
		});
		await screen.until('the refusal', text => text.includes('has CHANGED'));
		expect(screen.raw).not.toContain('yes/no');
		expect(server.logins).toBe(0);
	});
});

describe('a key with a passphrase', () => {
	it('is unlocked on the terminal, and the passphrase is written nowhere', async () => {
		const screen = await start(makeKey('user', passphrase), () => {
			setup.know(host);
		});
		await screen.until('the question', text => text.includes('Enter passphrase for'));
		screen.press(`${passphrase}\r`);
		await screen.until('the console, and the holder', held);
		expect(screen.raw).not.toContain(passphrase);
		// The agent and its socket end with the console.
		screen.press('q');
		expect(await screen.exited).toBe(0);
		await vi.waitUntil(
			async () => (await execa('pgrep', ['-f', `${folder}/pgha-top-agent`], {reject: false})).exitCode === 1,
		);
	});

	it('that is not unlocked is named as the reason', async () => {
		const screen = await start(makeKey('user', passphrase), () => {
			setup.know(host);
		});
		await screen.until('the question', text => text.includes('Enter passphrase for'));
		const back = async (milliseconds: number) =>
			screen.until('the console again', text => text.includes('q quit'), milliseconds);
		screen.press('\u0003');
		// OpenSSH loses an interrupt that comes after its question is written and before it reads: the operator presses
		// again.
		await back(5000).catch(async () => {
			screen.press('\u0003');
			await back(15_000);
		});
		expect(screen.lines()[0]).toMatch(/^ ?pgha-top/);
		expect(screen.alternateBuffer).toBe(true);
		expect(server.logins).toBe(0);
	});
});
