/** The commands that print a node's files, run by a real shell; and their answers. */
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	filesCommand,
	isPlainPattern,
	nodeCommand,
	parseNodeAnswer,
	scriptsIn,
} from '../../source/discovery/node-files.ts';
import {readNode} from '../../source/discovery/read-node.ts';
import {temporaryFolder} from '../support/folder.ts';

const token = 'ab'.repeat(16);

function runShell(command: string): string {
	return execFileSync('sh', ['-c', command], {encoding: 'utf8'});
}

describe('the commands', () => {
	it('print files as they are, by patterns, and each once', () => {
		const folder = temporaryFolder('test');
		const odd = `${token} file other /etc/x\nno end of line ${'ü'.repeat(10)}\0\u001B[31m`;
		writeFileSync(path.join(folder, 'a.conf'), 'one\n\n');
		writeFileSync(path.join(folder, 'b.conf'), ` ${odd}`);
		mkdirSync(path.join(folder, 'c.conf'));
		const wanted = [`${folder}/*.conf`, `${folder}/a.conf`, `${folder}/none`].map(pattern => ({
			kind: 'keepalived' as const,
			pattern,
		}));
		const {files, unread} = parseNodeAnswer(runShell(filesCommand(token, wanted)), token);
		expect(files).toEqual([
			{kind: 'keepalived', path: `${folder}/a.conf`, text: 'one\n\n'},
			{kind: 'keepalived', path: `${folder}/b.conf`, text: ` ${odd}`},
		]);
		expect(unread).toEqual([]);
	});

	it('name a file that is too large, and do not print it', () => {
		const folder = temporaryFolder('test');
		writeFileSync(path.join(folder, 'large'), 'x'.repeat(300_000));
		writeFileSync(path.join(folder, 'small'), 'y');
		const wanted = ['large', 'small'].map(name => ({kind: 'other' as const, pattern: `${folder}/${name}`}));
		const answer = runShell(filesCommand(token, wanted));
		expect(answer.length).toBeLessThan(1000);
		expect(parseNodeAnswer(answer, token)).toMatchObject({
			files: [{text: 'y'}],
			unread: [{path: `${folder}/large`, why: 'larger than 256 KiB'}],
		});
	});

	it('take paths from processes of root and the services only: any login can start one of that name', () => {
		const folder = temporaryFolder('test');
		const users = ['root', 'postgres', 'keepalived', 'nobody', 'rootless', '1000'];
		const lines = users.map(user => {
			const conf = path.join(folder, `${user}-keepalived.conf`);
			writeFileSync(conf, `# ${user}\n`);
			return `${user.padEnd(32)} keepalived /usr/sbin/keepalived -f ${conf}`;
		});
		writeFileSync(path.join(folder, 'ps'), `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`, {
			mode: 0o755,
		});
		const answer = execFileSync('sh', ['-c', nodeCommand(token)], {
			encoding: 'utf8',
			env: {PATH: `${folder}:/usr/bin:/bin`},
		});
		const {files, processes} = parseNodeAnswer(answer, token);
		expect(files.map(({text}) => text).filter(text => text.startsWith('# '))).toEqual([
			'# root\n',
			'# postgres\n',
			'# keepalived\n',
		]);
		expect(processes).toContain('keepalived');
	});

	it('take paths of programs in Python, and pass over other processes', () => {
		const folder = temporaryFolder('test');
		const conf = path.join(folder, 'own.yml');
		writeFileSync(conf, 'scope: own\n');
		const lines = [
			`postgres                         python3         /usr/bin/python3 /usr/bin/patroni ${conf}`,
			`root                             sh              sh -c patroni ${conf} haproxy`,
			'root                             haproxy         /usr/sbin/haproxy -Ws',
		];
		const program = `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`;
		writeFileSync(path.join(folder, 'ps'), program, {mode: 0o755});
		const answer = execFileSync('sh', ['-c', nodeCommand(token)], {
			encoding: 'utf8',
			env: {PATH: `${folder}:/usr/bin:/bin`},
		});
		const {files, processes} = parseNodeAnswer(answer, token);
		expect(files).toContainEqual({kind: 'patroni', path: conf, text: 'scope: own\n'});
		expect(processes).toEqual(['haproxy']);
		writeFileSync(path.join(folder, 'ps'), program.replace(lines[0] ?? '', ''), {mode: 0o755});
		const others = execFileSync('sh', ['-c', nodeCommand(token)], {
			encoding: 'utf8',
			env: {PATH: `${folder}:/usr/bin:/bin`},
		});
		expect(parseNodeAnswer(others, token).files.map(({path: file}) => file)).not.toContain(conf);
	});

	it('list units, and ask only of those that are not active whether they are enabled', () => {
		const folder = temporaryFolder('test');
		writeFileSync(
			path.join(folder, 'systemctl'),
			`#!/bin/sh
if [ "$1" = list-units ]; then
	printf '  %s\\n' 'patroni@14-main.service loaded active running Patroni of 14 main' 'odd\\x2detcd.service loaded active exited  x'
	printf '%s\\n' 'haproxy.service loaded inactive dead HAProxy' 'keepalived.service loaded failed failed  Keepalived'
else
	echo "$@" >>${folder}/shown
	printf 'Id=%s\\nActiveState=%s\\nUnitFileState=%s\\n\\n' haproxy.service inactive enabled keepalived.service failed disabled
fi
`,
			{mode: 0o755},
		);
		const answer = execFileSync('sh', ['-c', nodeCommand(token)], {
			encoding: 'utf8',
			env: {PATH: `${folder}:/usr/bin:/bin`},
		});
		expect(parseNodeAnswer(answer, token).units).toEqual([
			{name: 'patroni@14-main.service', active: 'active', enabled: ''},
			{name: String.raw`odd\x2detcd.service`, active: 'active', enabled: ''},
			{name: 'haproxy.service', active: 'inactive', enabled: 'enabled'},
			{name: 'keepalived.service', active: 'failed', enabled: 'disabled'},
		]);
		expect(readFileSync(path.join(folder, 'shown'), 'utf8')).toMatch(
			/ -- haproxy\.service keepalived\.service\n$/,
		);
	});

	it('ask no sudo where they must not', () => {
		const folder = temporaryFolder('test');
		chmodSync(folder, 0o777);
		writeFileSync(path.join(folder, 'closed.yml'), 'scope: b', {mode: 0o600});
		writeFileSync(path.join(folder, 'sudo'), `#!/bin/sh\necho asked >>${folder}/log\nexit 1\n`, {
			mode: 0o755,
		});
		const command = filesCommand(token, [{kind: 'patroni', pattern: `${folder}/closed.yml`}], false);
		const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups', 'sh'] : ['sh'];
		chmodSync(path.join(folder, 'closed.yml'), 0);
		const [program = 'sh', ...args] = asNobody;
		const answer = execFileSync(program, [...args, '-c', command], {
			encoding: 'utf8',
			env: {PATH: `${folder}:/usr/bin:/bin`},
		});
		expect(parseNodeAnswer(answer, token).unread).toEqual([
			{path: `${folder}/closed.yml`, why: 'permission denied'},
		]);
		expect(existsSync(path.join(folder, 'log'))).toBe(false);
	});

	it('stay below the limit of an answer', () => {
		const folder = temporaryFolder('test');
		for (let index = 0; index < 50; index++) {
			writeFileSync(path.join(folder, `f${String(index).padStart(2, '0')}`), 'x'.repeat(100_000));
		}

		const answer = runShell(filesCommand(token, [{kind: 'other', pattern: `${folder}/*`}]));
		expect(answer.length).toBeLessThan(1024 * 1024);
		const {files, unread} = parseNodeAnswer(answer, token);
		expect(files).toHaveLength(9);
		expect(unread[0]?.why).toBe('the files before it are too large');
	});

	it('run on this machine, and name it', () => {
		expect(parseNodeAnswer(runShell(nodeCommand(token)), token).hostname).not.toBe('');
	});

	it('send no pattern with shell syntax', () => {
		for (const pattern of [
			'/etc/$(id)',
			'/etc/`id`',
			'/etc/a;b',
			'/etc/a b',
			"/etc/'",
			'/etc/../x',
			'etc/x',
			'/e"',
		]) {
			expect(isPlainPattern(pattern)).toBe(false);
			expect(filesCommand(token, [{kind: 'other', pattern}])).not.toContain(pattern);
		}

		expect(() => filesCommand('$(id)', [])).toThrow();
	});
});

describe('answers', () => {
	it('may be anything', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(fc.constantFrom(`\n${token} file haproxy /a\n`, `\n${token} unit`, token), fc.string()),
				),
				parts => {
					parseNodeAnswer(parts.join(' '), token);
				},
			),
		);
	});

	it('may be missing: the reason stands for it', async () => {
		const reading = await readNode(async () => Promise.reject(new Error('no way there')), 'pg1');
		expect(reading).toMatchObject({host: 'pg1', problem: 'no way there'});
	});

	it('that are cut off do not count', async () => {
		const reading = await readNode(async () => 'sh: not found', 'pg1');
		expect(reading).toMatchObject({problem: 'the node did not run the command: is there a shell?'});
	});

	it('lead to includes and to scripts, and no further', async () => {
		const commands: string[] = [];
		const mark = (command: string) => /[a-f0-9]{32}/.exec(command)?.[0] ?? '';
		const files: Record<string, [string, string]> = {
			'conf.d/*.conf': [
				'keepalived /etc/keepalived/conf.d/a.conf',
				'include a.conf\nvrrp_script c {\n script "/etc/keepalived/check.sh 8008"\n}\nvrrp_instance A {\nvirtual_ipaddress {\n10.0.0.9\n}\ntrack_script {\nc\n}\n}\n',
			],
			'check.sh': ['other /etc/keepalived/check.sh', 'curl -f localhost:8008/leader\n'],
		};
		const run = async (_: string, command: string) => {
			commands.push(command);
			const found = Object.entries(files).find(([pattern]) => command.includes(pattern));
			return commands.length === 1
				? `${mark(command)} file keepalived /etc/keepalived/keepalived.conf\ninclude conf.d/*.conf\ninclude /etc/$(id)\n\n${mark(command)} end\n`
				: found === undefined
					? ''
					: `${mark(command)} file ${found[1][0]}\n${found[1][1]}\n`;
		};
		const reading = await readNode(run, 'pg1');
		if (!('facts' in reading)) {
			throw new Error(reading.problem);
		}

		expect(commands).toHaveLength(3);
		expect(commands.some(command => command.includes('$(id)'))).toBe(false);
		expect(reading.facts.keepalived?.vips.map(({address}) => address)).toEqual(['10.0.0.9']);
		expect([...reading.facts.leaderChecks]).toEqual(['c']);
	});
});

describe('check scripts of keepalived', () => {
	it('are found by the shell of the node where they are named as usual, and nothing else is', () => {
		const folder = temporaryFolder('test');
		const script = path.join(folder, 'check.sh');
		writeFileSync(script, 'true');
		const file = path.join(folder, 'keepalived.conf');
		const named = [
			`script "${script} 8008"`,
			`\tscript\t${script}`,
			'script "/bin/sh"',
			`script "${folder}/../check.sh"`,
			`script "$(touch ${folder}/hacked) ${script}"`,
			`script "${folder}/*"`,
			`script "${folder}/missing"`,
			`! script "${script}"`,
			'script',
		];
		writeFileSync(file, `${named.join('\n')}\n`);
		expect(runShell(`sh -c 'give() { echo "$1 $2"; }; ${scriptsIn(file)}'`)).toBe(
			`other ${script}\nother ${script}\n`,
		);
		expect(existsSync(path.join(folder, 'hacked'))).toBe(false);
		expect(runShell(`sh -c '${scriptsIn(path.join(folder, 'no.conf'))}'`)).toBe('');
		expect(() => scriptsIn('/etc/$(id)')).toThrow();
	});

	it('are no remark where they are too large: often they are programs', () => {
		const folder = temporaryFolder('test');
		const [large, small] = ['large', 'small'].map(name => path.join(folder, name)) as [string, string];
		writeFileSync(large, 'x'.repeat(300_000));
		writeFileSync(small, 'y');
		const file = path.join(folder, 'keepalived.conf');
		writeFileSync(file, `script ${large}\nscript ${small}\n`);
		const end = `echo "${token} end"`;
		const command = filesCommand(token, [{kind: 'other', pattern: large}]);
		expect(command).toContain(end);
		const bare = filesCommand(token, []).replace(end, `${scriptsIn(file)}; ${end}`);
		expect(parseNodeAnswer(runShell(bare), token)).toMatchObject({
			files: [{path: small, text: 'y'}],
			unread: [],
		});
		// One that is asked for by name is a remark.
		expect(parseNodeAnswer(runShell(command), token).unread).toMatchObject([{path: large}]);
	});

	it('need no second command if the first one brought them', async () => {
		const commands: string[] = [];
		const run = async (_: string, command: string) => {
			commands.push(command);
			const mark = /[a-f0-9]{32}/.exec(command)?.[0] ?? '';
			return [
				`${mark} file keepalived /etc/keepalived/keepalived.conf`,
				'vrrp_script c {\n script "/etc/keepalived/check.sh"\n}',
				'vrrp_instance A {\nvirtual_ipaddress {\n10.0.0.9\n}\ntrack_script {\nc\n}\n}',
				'',
				`${mark} file other /etc/keepalived/check.sh`,
				'curl -f localhost:8008/leader',
				'',
				`${mark} end\n`,
			].join('\n');
		};
		const reading = await readNode(run, 'pg1');
		expect('facts' in reading && [...reading.facts.leaderChecks]).toEqual(['c']);
		expect(commands).toHaveLength(1);
	});
});

describe('a login that may not read', () => {
	it.skipIf(process.getuid?.() !== 0)('is reported with the reason', () => {
		const folder = temporaryFolder('test');
		const file = path.join(folder, 'secret.yml');
		writeFileSync(file, 'password: hunter2');
		chmodSync(file, 0o600);
		chmodSync(folder, 0o755);
		mkdirSync(path.join(folder, 'closed'), {mode: 0o700});
		writeFileSync(path.join(folder, 'closed', 'a.yml'), 'password: hunter2');
		const bin = temporaryFolder('test');
		chmodSync(bin, 0o777);
		writeFileSync(path.join(bin, 'sudo'), `#!/bin/sh\nprintf "%s\\n" "$*" >>${bin}/log\nexit 1\n`, {
			mode: 0o755,
		});
		const wanted = ['secret.yml', 'closed/a.yml', 'closed/b.yml', 'none.yml', 'nofolder/c.yml'].map(name => ({
			kind: 'patroni' as const,
			pattern: path.join(folder, name),
		}));
		const answer = execFileSync(
			'setpriv',
			['--reuid=65534', '--clear-groups', 'sh', '-c', filesCommand(token, wanted)],
			{encoding: 'utf8', env: {PATH: `${bin}:/usr/bin:/bin`}},
		);
		expect(answer).not.toContain('hunter2');
		expect(parseNodeAnswer(answer, token).unread).toEqual([
			{path: file, why: 'permission denied, also with sudo -n'},
			{path: `${folder}/closed/`, why: 'permission denied, also with sudo -n'},
		]);
		expect(readFileSync(path.join(bin, 'log'), 'utf8')).toBe('-n true\n');
	});

	it.skipIf(process.getuid?.() !== 0)(
		'is helped by sudo for what it may not read, and for nothing else',
		() => {
			const folder = temporaryFolder('test');
			chmodSync(folder, 0o755);
			const [open, closed] = [path.join(folder, 'open.yml'), path.join(folder, 'closed.yml')];
			writeFileSync(open, 'scope: a');
			writeFileSync(closed, 'scope: b', {mode: 0o600});
			const bin = temporaryFolder('test');
			chmodSync(bin, 0o777);
			// In place of sudo: the commands that it is asked for, run by the owner of the closed file.
			writeFileSync(
				path.join(bin, 'sudo'),
				`#!/bin/sh\nshift\necho "$1" >>${bin}/log\ncase "$1" in head) echo "scope: b" | head -c 8;; esac\n`,
				{mode: 0o755},
			);
			const wanted = [open, closed].map(pattern => ({kind: 'patroni' as const, pattern}));
			const answer = execFileSync(
				'setpriv',
				['--reuid=65534', '--clear-groups', 'sh', '-c', filesCommand(token, wanted)],
				{encoding: 'utf8', env: {PATH: `${bin}:/usr/bin:/bin`}},
			);
			expect(parseNodeAnswer(answer, token).files.map(({text}) => text)).toEqual(['scope: a', 'scope: b']);
			expect(readFileSync(path.join(bin, 'log'), 'utf8')).toBe('true\nhead\nhead\n');
		},
	);
});
