/** The commands that read logs of some time, in a real shell: of a large log only its end, of many files the latest. */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {expect, it} from 'vitest';
import {
	journalBeforeCommand,
	pastFilesCommand,
	pastJournalCommand,
} from '../../../source/sources/past/commands.ts';
import {temporaryFolder} from '../../support/folder.ts';

const token = 'abcdef0123456789';
const now = Math.floor(Date.now() / 1000);

function read(
	folder: string,
	max: {bytes: number; files: number} | undefined,
): {files: string[]; text: string} {
	const command = pastFilesCommand(folder, {since: now - 3600, token, max, folder: undefined});
	// In a session of its own, which it ends.
	const {stdout: text} = spawnSync('setsid', ['-w', 'sh', '-c', `sleep 1 | ${command}`], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const lines = text.split('\n');
	const marks = lines.filter(line => line.startsWith(`${token} `));
	return {
		files: marks.map(line => path.basename(line)),
		text: lines.filter(line => !marks.includes(line)).join('\n'),
	};
}

/** Files with these contents, the first one the oldest. */
function folderWith(files: readonly (readonly [string, string | Buffer])[]): string {
	const folder = temporaryFolder('logs');
	for (const [index, [name, content]] of files.entries()) {
		writeFileSync(path.join(folder, name), content);
		utimesSync(path.join(folder, name), now, now - 600 + index);
	}

	return folder;
}

it('read the end of a large file, and the latest files', () => {
	const folder = folderWith([
		['a.log', 'old\n'],
		['b.log', 'one\ntwo\nthree\n'],
		['c.log', 'four\n'],
	]);
	expect(read(folder, undefined)).toEqual({
		files: ['a.log', 'b.log', 'c.log'],
		text: 'old\none\ntwo\nthree\nfour\n',
	});
	expect(read(folder, {bytes: 6, files: 2})).toEqual({files: ['b.log', 'c.log'], text: 'three\nfour\n'});
});

it('leave out a packed file that would cost too much', () => {
	const packed = gzipSync('packed\n');
	const folder = folderWith([
		['a.log.gz', packed],
		['b.log', 'plain\n'],
	]);
	expect(read(folder, {bytes: packed.length, files: 3}).text).toBe('packed\nplain\n');
	expect(read(folder, {bytes: packed.length - 1, files: 3})).toEqual({files: ['b.log'], text: 'plain\n'});
});

it('read at most so many lines of the journal, the last ones', () => {
	const span = {since: now - 60, until: now};
	expect(pastJournalCommand(['patroni'], span, 12_000)).toContain(' --lines=12000 ');
	expect(pastJournalCommand(['patroni'], span)).not.toContain('--lines');
});

/** As journalctl of systemd 252: `--lines` is the end of the time only with `--reverse`. Its entries are of the seconds 1 to 9. */
const journalctl = String.raw`#!/bin/sh
reverse= since=0 until=99 lines=99
for option in "$@"; do
	case $option in
		--since=@*) since=${'$'}{option#*@};;
		--until=@*) until=${'$'}{option#*@};;
		--lines=*) lines=${'$'}{option#*=};;
		--reverse) reverse=1;;
	esac
done
all() { seq 9 | awk "\$1 >= $since"; }
if [ -n "$reverse" ]; then all | awk "\$1 <= $until" | tac | head -n "$lines"
elif [ "$since" -gt 0 ]; then all | head -n "$lines" | awk "\$1 <= $until"
else all | tail -n "$lines" | awk "\$1 <= $until"
fi
exit 3
`;

it.each([
	['a part of the journal', pastJournalCommand(['patroni'], {since: 2, until: 7}, 3), '5\n6\n7\n'],
	['what was said before', journalBeforeCommand(['patroni'], {since: 4, lines: 2}), '3\n4\n'],
	[
		'what was said before, filtered',
		journalBeforeCommand(['patroni'], {since: 4, lines: 2, filter: 'STATE'}),
		'3\n4\n',
	],
	['all of the journal', pastJournalCommand(['patroni'], {since: 2, until: 4}), '2\n3\n4\n'],
])('read the last lines of the time, the oldest first: %s', (_, command, expected) => {
	const folder = temporaryFolder('journalctl');
	writeFileSync(path.join(folder, 'journalctl'), journalctl, {mode: 0o755});
	const {stdout, stderr} = spawnSync('setsid', ['-w', 'sh', '-c', `sleep 1 | ${command}`], {
		encoding: 'utf8',
		env: {...process.env, PATH: `${folder}:${process.env.PATH}`},
	});
	expect(stdout).toBe(expected);
	expect(stderr).toContain('pgha-top: ended 3');
});

it('reports the end of the last lines when all of them are printed, in the order of time', async () => {
	const programs = temporaryFolder('many');
	const count = 20_000;
	const script = `#!/bin/sh\nawk 'BEGIN{for(i=${count};i>0;i--)printf "%d %0200d\\n",i,0}'\nexit 3\n`;
	writeFileSync(path.join(programs, 'journalctl'), script, {mode: 0o755});
	const command = pastJournalCommand(['patroni'], {since: now - 60, until: now}, count);
	// In a session of its own, which it ends; no folder takes files.
	const child = spawn('setsid', ['-w', 'sh', '-c', command], {
		env: {...process.env, PATH: `${programs}:${process.env.PATH}`, TMPDIR: '/nonexistent'},
	});
	let text = '';
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (more: string) => {
		errors += more;
		// As the console does: the node's shell ends with its input.
		if (/^pgha-top: ended \d+\n/m.test(errors)) {
			child.stdin.end();
		}
	});
	// A slow network: much waits in the pipe.
	child.stdout.setEncoding('utf8').on('data', (more: string) => {
		text += more;
		child.stdout.pause();
		setTimeout(() => child.stdout.resume(), 5);
	});
	await once(child, 'close');
	expect(errors).toContain('pgha-top: ended 3\n');
	const numbers = text
		.trim()
		.split('\n')
		.map(line => Number(line.split(' ')[0]));
	expect(numbers).toEqual(Array.from({length: count}, (_, index) => index + 1));
});
