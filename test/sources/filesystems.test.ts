/** What the command for a node's file systems asks: run by real shells, beside a df of the test. */
import {execFile} from 'node:child_process';
import {readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, it} from 'vitest';
import {filesystemsCommand, parseFilesystems, parseGlibc} from '../../source/sources/filesystems.ts';
import {shells} from '../support/asked-shell.ts';
import {temporaryFolder} from '../support/folder.ts';

const places = {'/': 'root', '/srv/pg': 'postgresql'} as const;

const title = 'File Filesystem 1B-blocks Used Avail Use% Mounted on';
/** Answers as df of coreutils does, and writes down what it was asked. */
const usualDf = `echo "${title}"; while [ "$1" != -- ]; do shift; done; shift; for place; do echo "$place /dev/x 1000 500 500 50% $place"; done`;
/** Of busybox: it knows no --output. */
const plainDf = `case "$*" in *--output*) exit 1;; esac; while [ "$1" != -- ]; do shift; done; echo "Filesystem 1-blocks Used Available Capacity Mounted on"; echo "/dev/x 1000 500 500 50% $2"`;

describe.each(shells)('with $name as its sh, a node', ({file: shell}) => {
	async function run(mounts: string, {df = usualDf, libc = false} = {}) {
		const folder = temporaryFolder('disks');
		const [asked, table] = [path.join(folder, 'asked'), path.join(folder, 'mounts')];
		writeFileSync(table, mounts);
		writeFileSync(asked, '');
		writeFileSync(path.join(folder, 'df'), `#!/bin/sh\necho "$*" >>${asked}\n${df}\n`, {mode: 0o755});
		if (shell.endsWith('busybox')) {
			symlinkSync(shell, path.join(folder, 'sed'));
		}

		writeFileSync(path.join(folder, 'getconf'), '#!/bin/sh\necho glibc 2.41\n', {mode: 0o755});
		const {stdout} = await promisify(execFile)(
			shell,
			[...(shell.endsWith('busybox') ? ['sh'] : []), '-c', filesystemsCommand(places, {libc, mounts: table})],
			{env: {PATH: `${folder}:${process.env.PATH}`}},
		);
		const questions = readFileSync(asked, 'utf8').trim().split('\n');
		return {stdout, questions, found: parseFilesystems(stdout, places)};
	}

	it("is asked by one df for the usual places, and the mount points with PostgreSQL's names", async () => {
		const {questions, found} = await run(
			[
				'/dev/a / ext4 rw,relatime 0 0',
				'/dev/b /PGDATA xfs ro,relatime 0 0',
				'/dev/c /mnt/pg_wal ext4 rw 0 0',
				'/dev/d /backup/pgsql ext4 rw 0 0',
				'/dev/e /snap/postgresql16/3 squashfs ro 0 0',
				'/dev/postgres /data ext4 rw 0 0',
				'/dev/f /pgdata/a\\040b ext4 rw 0 0',
				'/dev/g /pgdata/$(id) ext4 rw 0 0',
				'',
			].join('\n'),
		);
		expect(questions).toHaveLength(1);
		expect(questions[0]).toMatch(/ \/srv\/pg .*\/srv\/pg\/pg_wal \/PGDATA \/mnt\/pg_wal$/);
		// PostgreSQL may be installed on the machine of the test.
		const others = found.filter(({mount}) => !mount.startsWith('/var/lib/'));
		expect(others.map(({mount, holds, readOnly}) => [mount, holds[0], readOnly])).toEqual([
			['/', 'root', false],
			['/srv/pg', 'postgresql', false],
			['/srv/pg/pg_wal', 'postgresql', false],
			['/PGDATA', 'postgresql', true],
			['/mnt/pg_wal', 'postgresql', false],
		]);
	});

	it('is asked for twenty such mount points at most', async () => {
		const {questions} = await run(
			Array.from({length: 1000}, (_, index) => `/dev/x /pgdata/${index} ext4 rw 0 0\n`).join(''),
		);
		expect(questions[0]?.match(/\/pgdata\/\d+/g)).toHaveLength(20);
	});

	it('is asked place by place where its df knows no --output', async () => {
		const {questions, found} = await run('/dev/a / ext4 rw 0 0\n/dev/b /wal ext4 rw 0 0\n', {df: plainDf});
		expect(questions.slice(1)).toContain('-P -B1 -- /wal');
		expect(found).toContainEqual(expect.objectContaining({mount: '/wal', usedPercent: 50, byName: true}));
	});

	it.each([true, false])('says its version of glibc where it is asked: %s', async libc => {
		const {stdout} = await run('/dev/a / ext4 rw 0 0\n', {libc});
		expect(parseGlibc(stdout)).toBe(libc ? '2.41' : undefined);
	});
});
