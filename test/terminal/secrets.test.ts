import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {copyCertificates, keyPassword} from '../support/certificates.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

const {ca, server, client, encryptedKey} = copyCertificates();
const folder = temporaryFolder('secrets');
const password = 's3cret-of-etcd';
const wrong = 's3cret-that-is-wrong';
const restPassword = 's3cret-of-rest';
const probePassword = 's3cret-of-the-probe';
const secrets = [password, wrong, restPassword, keyPassword, probePassword];

let etcd: EtcdServer;

beforeAll(async () => {
	etcd = await new EtcdServer({
		tls: {...server, ca, verifiesClient: true},
		user: {name: 'pgha', password},
	}).listen();
	// A fake OpenSSH that logs its arguments.
	writeFileSync(path.join(folder, 'ssh'), `#!/bin/sh\necho "$@" >> ${folder}/argv\nexit 255\n`);
	chmodSync(path.join(folder, 'ssh'), 0o755);
});

afterAll(() => {
	etcd.close();
});

function config(etcdPassword: string): string {
	const file = path.join(folder, 'patronictl.yaml');
	writeFileSync(
		file,
		[
			'scope: main',
			`etcd3: {hosts: "${etcd.url.replace('https://', '')}", protocol: https, cacert: ${ca}, cert: ${client.cert}, key: ${client.key}, username: pgha, password: ${etcdPassword}}`,
			`ctl: {insecure: true, cacert: ${ca}, certfile: ${client.cert}, keyfile: ${encryptedKey}, keyfile_password: ${keyPassword}}`,
			`restapi: {authentication: {username: rest, password: ${restPassword}}}`,
			'pgha-top: {vip: 10.0.0.1, nodes: {pgdb1: {host: 127.0.0.1, roles: [database]}}}',
			'',
		].join('\n'),
	);
	return file;
}

/** All output of the program, and the command lines of it and of its children. */
async function run(args: readonly string[]): Promise<{all: string; stdout: string; stderr: string}> {
	writeFileSync(path.join(folder, 'argv'), '');
	const {stdout, stderr} = await execa(node, [program, ...args], {
		reject: false,
		extendEnv: false,
		env: {
			PATH: `${folder}:${process.env.PATH ?? ''}`,
			HOME: '/nonexistent',
		},
		stdin: 'ignore',
		timeout: 20_000,
	});
	const argv = readFileSync(path.join(folder, 'argv'), 'utf8');
	return {all: `${stdout}\n${stderr}\n${argv}`, stdout, stderr};
}

function expectNoSecret(text: string): void {
	for (const secret of secrets) {
		expect(text).not.toContain(secret);
	}
}

describe('secrets', () => {
	it.each([['--once'], ['--once', '--json'], ['--print-config']])(
		'are used, and neither shown nor passed on, by %s %s',
		async (...flags) => {
			const {all, stdout} = await run(['-c', config(password), ...flags.filter(Boolean)]);
			expect(stdout).toContain("the host name in Patroni's certificates is NOT checked (ctl.insecure)");
			expectNoSecret(all);
		},
	);

	it("give access to etcd with TLS and a user, and are not in ssh's environment", async () => {
		const {all, stdout, stderr} = await run(['-c', config(password), '--once', '--json']);
		expect(stderr).toBe('');
		expect(JSON.parse(stdout)).toMatchObject({
			etcd: {read: true, revision: 7},
			warnings: ["the host name in Patroni's certificates is NOT checked (ctl.insecure)"],
		});
		expect(all).toContain('-G -- 127.0.0.1');
		expectNoSecret(all);
	});

	it.each(['right', 'wrong'])('are in no %s recording, header and questions included', async which => {
		const etcdPassword = which === 'right' ? password : wrong;
		const file = path.join(folder, `${which}.ndjson.gz`);
		const terminal = new Terminal(node, [program, '-c', config(etcdPassword), '--record', file], {
			env: {
				PATH: `${folder}:${process.env.PATH ?? ''}`,
				HOME: folder,
				XDG_CONFIG_HOME: '/nonexistent',
				XDG_STATE_HOME: folder,
				PGUSER: 'app',
				PGHOST: '127.0.0.1',
				PGPASSWORD: probePassword,
			},
		});
		await terminal.until(
			'etcd, read or refusing',
			text =>
				text.includes('● REC') &&
				(which === 'wrong' ? text.includes('rejects the user name') : /Quorum +1\/1/.test(text)),
		);
		for (const key of ['m', '\u001B', 'f', '\u001B', 'R', '\u001B', 'l', '\u001B', '\u001B']) {
			terminal.press(key);
		}

		await terminal.until('the panes', text => text.includes('q quit'));
		terminal.press('\u0003');
		expect(await terminal.exited).toBe(0);
		expect(terminal.text()).toContain(`recorded to ${file}`);
		const text = gunzipSync(readFileSync(file)).toString();
		expect(text).toContain('"config":"');
		expect(text).toContain('•••');
		expect(text.trimEnd().split('\n').length).toBeGreaterThan(10);
		expectNoSecret(text);
		expectNoSecret(terminal.raw);
		for (const format of ['md', 'html', 'json']) {
			const {all, stdout} = await run(['report', file, '--format', format]);
			expect(stdout).toContain('•••');
			expectNoSecret(all);
		}
	});

	it('that are wrong give a clear reason, which does not contain them', async () => {
		const {all, stdout} = await run(['-c', config(wrong), '--once']);
		expect(stdout).toContain('etcd rejects the user name or the password');
		expectNoSecret(all);
	});
});
