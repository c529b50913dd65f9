/**
 * pgha-top's verdict on host keys beside OpenSSH's, with a real sshd: the same, or stricter where the table says so.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {Ssh} from '../../source/connections/ssh/ssh.ts';
import {temporaryFolder} from '../support/folder.ts';
import {hasOpenSsh, type Sshd, sshAccepts, startSshd} from '../support/openssh.ts';

const folder = temporaryFolder('openssh');
const at = (name: string) => path.join(folder, name);
let sshd: Sshd;

function makeKey(name: string, type = 'ed25519'): string {
	execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', name, '-f', at(name)]);
	return readFileSync(at(`${name}.pub`), 'utf8')
		.trim()
		.split(' ')
		.slice(0, 2)
		.join(' ');
}

/** Keys that the server has, and others; the authority has signed one for `pgdb1`. */
const keys = {shown: '', ecdsa: '', other: '', otherEcdsa: '', authority: ''};

beforeAll(async () => {
	if (!hasOpenSsh) {
		return;
	}

	keys.shown = makeKey('shown');
	keys.ecdsa = makeKey('ecdsa', 'ecdsa');
	keys.other = makeKey('other');
	keys.otherEcdsa = makeKey('otherEcdsa', 'ecdsa');
	keys.authority = makeKey('authority');
	execFileSync('ssh-keygen', [
		'-q',
		'-s',
		at('authority'),
		'-h',
		'-I',
		'pgdb1',
		'-n',
		'localhost,pgdb1',
		at('shown.pub'),
	]);
	sshd = await startSshd(folder, [
		`HostKey ${at('shown')}`,
		`HostCertificate ${at('shown-cert.pub')}`,
		`HostKey ${at('ecdsa')}`,
	]);
});

afterAll(async () => {
	if (hasOpenSsh) {
		await sshd.stop();
	}
});

type Case = {
	what: string;
	/** Lines of known_hosts; `NAME` is replaced by OpenSSH's name of the host, with its port. */
	files?: () => readonly string[];
	global?: () => string;
	hashed?: boolean;
	/** Lines of ssh_config. */
	options?: () => readonly string[];
	openssh: 'accepts' | 'refuses';
	/** Set if the verdicts differ: pgha-top may only be stricter. */
	ours?: 'refuses';
	/** Part of pgha-top's reason. */
	because?: string;
};

const cases: Case[] = [
	{what: 'nothing is known', openssh: 'refuses', because: 'is not known'},
	{what: 'its key', files: () => [`NAME ${keys.shown}`], openssh: 'accepts'},
	{what: 'its key of another type', files: () => [`NAME ${keys.ecdsa}`], openssh: 'accepts'},
	{what: 'its key, hashed', files: () => [`NAME ${keys.shown}`], hashed: true, openssh: 'accepts'},
	{
		what: 'another key, hashed',
		files: () => [`NAME ${keys.other}`],
		hashed: true,
		openssh: 'refuses',
		because: 'CHANGED',
	},
	{what: 'another key', files: () => [`NAME ${keys.other}`], openssh: 'refuses', because: 'CHANGED'},
	{
		what: 'another key of another type',
		files: () => [`NAME ${keys.otherEcdsa}`],
		openssh: 'refuses',
		because: 'CHANGED',
	},
	{
		what: 'another key, then its own',
		files: () => [`NAME ${keys.other}\nNAME ${keys.shown}`],
		openssh: 'accepts',
	},
	{
		what: 'its key revoked',
		files: () => [`@revoked NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'its key, on a later line revoked',
		files: () => [`NAME ${keys.shown}\n@revoked NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'its key revoked for all hosts',
		files: () => [`NAME ${keys.shown}\n@revoked * ${keys.shown}`],
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'its key, in another file revoked',
		files: () => [`NAME ${keys.shown}`, `@revoked NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'its key, in the global file revoked',
		files: () => [`NAME ${keys.shown}`],
		global: () => `@revoked [localhost]:* ${keys.shown}`,
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'its key revoked for another host',
		files: () => [`NAME ${keys.shown}\n@revoked pgdb9 ${keys.shown}`],
		openssh: 'accepts',
	},
	{
		what: 'another key revoked',
		files: () => [`NAME ${keys.shown}\n@revoked * ${keys.other}`],
		openssh: 'accepts',
	},
	{
		what: 'a line with two markers',
		files: () => [`NAME ${keys.shown}\n@cert-authority @revoked NAME ${keys.shown}`],
		openssh: 'accepts',
	},
	{what: 'its key in the global file', global: () => `NAME ${keys.shown}`, openssh: 'accepts'},
	{
		what: 'its key in the second of two files',
		files: () => ['# nothing', `NAME ${keys.shown}`],
		openssh: 'accepts',
	},
	{what: 'its key without the port', files: () => [`localhost ${keys.shown}`], openssh: 'accepts'},
	{what: 'another key without the port', files: () => [`localhost ${keys.other}`], openssh: 'refuses'},
	{
		// With a host certificate OpenSSH first looks up the name without the port; without one it refuses, too.
		what: 'its key without the port, another with it',
		files: () => [`localhost ${keys.shown}\nNAME ${keys.other}`],
		openssh: 'accepts',
		ours: 'refuses',
		because: 'CHANGED',
	},
	{
		what: 'its key at another port',
		files: () => [`[localhost]:2 ${keys.shown}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{what: 'a pattern', files: () => [`[local*]:* ${keys.shown}`], openssh: 'accepts'},
	{what: 'a pattern of single characters', files: () => [`[localhos?]:* ${keys.shown}`], openssh: 'accepts'},
	{what: 'capitals in the file', files: () => [`[LOCALHOST]:* ${keys.shown}`], openssh: 'accepts'},
	{
		what: 'an exception',
		files: () => [`*,!localhost,!NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{what: 'an exception of another host', files: () => [`*,!pgdb9 ${keys.shown}`], openssh: 'accepts'},
	{
		what: 'an exception alone',
		files: () => [`!pgdb9 ${keys.shown}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{what: 'one of several names', files: () => [`pgdb9,NAME,10.0.0.1 ${keys.shown}`], openssh: 'accepts'},
	{
		what: 'comments, garbled lines and blanks around it',
		files: () => [
			`# NAME ${keys.other}\n\nNAME\nNAME ssh-ed25519\nNAME ssh-ed25519 AAAA\n \tNAME\t${keys.shown} a comment\n|1|x|y ${keys.other}`,
		],
		openssh: 'accepts',
	},
	{what: 'lines that end as on Windows', files: () => [`NAME ${keys.shown}\r\n`], openssh: 'accepts'},
	{
		what: 'a key under the name of another type',
		files: () => [`NAME ssh-rsa ${keys.shown.split(' ')[1]}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{
		what: 'an unknown marker',
		files: () => [`@trusted NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{
		what: 'an alias',
		files: () => [`pgdb1 ${keys.shown}`],
		options: () => ['HostKeyAlias pgdb1'],
		openssh: 'accepts',
	},
	{
		what: 'an alias, listed with the port',
		files: () => [`[pgdb1]:PORT ${keys.shown}`],
		options: () => ['HostKeyAlias pgdb1'],
		openssh: 'refuses',
		because: 'is not known',
	},
	{
		what: 'an alias, where the host itself is known',
		files: () => [`NAME ${keys.shown}`],
		options: () => ['HostKeyAlias pgdb1'],
		openssh: 'refuses',
		because: 'is not known',
	},
	{
		what: 'its authority',
		files: () => [`@cert-authority NAME ${keys.authority}`],
		openssh: 'accepts',
		ours: 'refuses',
		because: 'cannot check host certificates',
	},
	{
		what: 'its authority, revoked',
		files: () => [`@cert-authority NAME ${keys.authority}\n@revoked NAME ${keys.authority}`],
		openssh: 'refuses',
		because: 'cannot check host certificates',
	},
	{
		what: 'its key and an authority',
		files: () => [`NAME ${keys.shown}\n@cert-authority NAME ${keys.other}`],
		openssh: 'accepts',
	},
	{
		what: 'its key as an authority',
		files: () => [`@cert-authority NAME ${keys.shown}`],
		openssh: 'refuses',
		because: 'is not known',
	},
	{
		what: 'RevokedHostKeys with its key',
		files: () => [`NAME ${keys.shown}`],
		options: () => {
			writeFileSync(at('revoked'), `# revoked\n${keys.shown} why\n`);
			return [`RevokedHostKeys ${at('revoked')}`];
		},
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'RevokedHostKeys with another key',
		files: () => [`NAME ${keys.shown}`],
		options: () => {
			writeFileSync(at('revoked-other'), `${keys.other}\n`);
			return [`RevokedHostKeys ${at('revoked-other')}`];
		},
		openssh: 'accepts',
	},
	{
		what: 'a revocation list with its key',
		files: () => [`NAME ${keys.shown}`],
		options: () => {
			execFileSync('ssh-keygen', ['-q', '-k', '-f', at('krl'), at('shown.pub')]);
			return [`RevokedHostKeys ${at('krl')}`];
		},
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'a revocation list with another key',
		files: () => [`NAME ${keys.shown}`],
		options: () => {
			execFileSync('ssh-keygen', ['-q', '-k', '-f', at('krl-other'), at('other.pub')]);
			return [`RevokedHostKeys ${at('krl-other')}`];
		},
		openssh: 'accepts',
	},
	{
		what: 'RevokedHostKeys that cannot be read',
		files: () => [`NAME ${keys.shown}`],
		options: () => ['RevokedHostKeys /nonexistent/revoked'],
		openssh: 'refuses',
		because: 'cannot be read',
	},
	{
		what: 'strict and unknown',
		options: () => ['StrictHostKeyChecking yes'],
		openssh: 'refuses',
		because: 'StrictHostKeyChecking is yes',
	},
	{
		what: 'strict and known',
		files: () => [`NAME ${keys.shown}`],
		options: () => ['StrictHostKeyChecking yes'],
		openssh: 'accepts',
	},
	{what: 'accept-new and unknown', options: () => ['StrictHostKeyChecking accept-new'], openssh: 'accepts'},
	{
		what: 'accept-new and changed',
		files: () => [`NAME ${keys.other}`],
		options: () => ['StrictHostKeyChecking accept-new'],
		openssh: 'refuses',
		because: 'CHANGED',
	},
	{
		what: 'accept-new and revoked',
		files: () => [`@revoked NAME ${keys.shown}`],
		options: () => ['StrictHostKeyChecking accept-new'],
		openssh: 'refuses',
		because: 'REVOKED',
	},
	{what: 'off and unknown', options: () => ['StrictHostKeyChecking off'], openssh: 'accepts'},
	{
		what: 'off and changed',
		files: () => [`NAME ${keys.other}`],
		options: () => ['StrictHostKeyChecking no'],
		openssh: 'accepts',
		ours: 'refuses',
		because: 'CHANGED',
	},
	{
		what: 'off and revoked',
		files: () => [`NAME ${keys.shown}\n@revoked NAME ${keys.shown}`],
		options: () => ['StrictHostKeyChecking no'],
		openssh: 'accepts',
		ours: 'refuses',
		because: 'REVOKED',
	},
	{
		what: 'KnownHostsCommand that lists its key',
		options: () => ['KnownHostsCommand /bin/cat FOLDER/command'],
		openssh: 'accepts',
		ours: 'refuses',
		because: 'KnownHostsCommand is not supported',
	},
	{
		what: 'only a type of key that is not the known one',
		files: () => [`NAME ${keys.shown}`],
		options: () => ['HostKeyAlgorithms ecdsa-sha2-nistp256'],
		openssh: 'refuses',
		because: 'CHANGED',
	},
	{
		what: 'UpdateHostKeys',
		files: () => [`NAME ${keys.shown}`],
		options: () => ['UpdateHostKeys yes'],
		openssh: 'accepts',
	},
	{
		what: 'CheckHostIP, on this machine',
		files: () => [`NAME ${keys.shown}\n[127.0.0.1]:PORT ${keys.other}`],
		options: () => ['CheckHostIP yes'],
		openssh: 'accepts',
	},
];

describe.runIf(hasOpenSsh)("the verdict on a host key is OpenSSH's", () => {
	it.each(cases)(
		'$what: OpenSSH $openssh',
		async ({what, files, global, hashed, options, openssh, ours, because}) => {
			const id = what.replaceAll(/\W+/g, '-');
			const filled = (text: string) =>
				`${text
					.replaceAll('NAME', `[localhost]:${sshd.port}`)
					.replaceAll('PORT', String(sshd.port))
					.replaceAll('FOLDER', folder)}\n`;
			writeFileSync(at('command'), filled(`NAME ${keys.shown}`));
			const prepare = (who: string) => {
				const known = (files?.() ?? ['']).map((text, index) => {
					// A blank in a name must not hide a file.
					const file = at(`${who} ${id} ${index}`);
					writeFileSync(file, filled(text));
					if (hashed === true) {
						execFileSync('ssh-keygen', ['-q', '-H', '-f', file], {stdio: 'ignore'});
					}

					return file;
				});
				const everywhere = at(`${who}-${id}-global`);
				writeFileSync(everywhere, filled(global?.() ?? ''));
				const config = at(`${who}-${id}-config`);
				writeFileSync(
					config,
					[
						'Host pgdb1',
						'  HostName localhost',
						`  Port ${sshd.port}`,
						'  AddressFamily inet',
						'  User nobody-here',
						'  IdentityAgent none',
						`  IdentityFile ${at('none')}`,
						`  UserKnownHostsFile ${known.map(file => `"${file}"`).join(' ')}`,
						`  GlobalKnownHostsFile ${everywhere}`,
						...(options?.() ?? []).map(line => `  ${filled(line).trim()}`),
						'',
					].join('\n'),
				);
				return config;
			};

			const theirs = await sshAccepts('pgdb1', prepare('theirs'));
			expect(theirs ? 'accepts' : 'refuses', 'OpenSSH').toBe(openssh);
			const ssh = new Ssh({configFile: prepare('ours'), deadline: 10_000});
			try {
				const reason = await ssh.reach('pgdb1').then(
					() => 'no reason',
					(error: unknown) => (error instanceof Error ? error.message : String(error)),
				);
				const accepted = reason === 'nobody-here@localhost is refused';
				expect(accepted ? 'accepts' : 'refuses', reason).toBe(ours ?? openssh);
				expect(reason).toContain(because ?? '');
			} finally {
				await ssh.close();
			}
		},
	);
});
