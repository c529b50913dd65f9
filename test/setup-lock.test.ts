/** tools/setup, started twice at once, with an npm of our own that installs when the test lets it. */

import {on} from 'node:events';
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {execa} from 'execa';
import {expect, it} from 'vitest';
import {temporaryFolder} from './support/folder.ts';

const setup = path.join(import.meta.dirname, '..', 'tools', 'setup');

/** A repository whose packages are not installed. */
async function repository() {
	const folder = temporaryFolder('setup');
	for (const inner of ['tools', 'bin']) {
		mkdirSync(path.join(folder, inner));
	}

	copyFileSync(setup, path.join(folder, 'tools', 'setup'));
	writeFileSync(path.join(folder, 'package-lock.json'), '{}');
	utimesSync(path.join(folder, 'package-lock.json'), 1, 1);
	await execa('mkfifo', [path.join(folder, 'begin'), path.join(folder, 'go')]);
	writeFileSync(
		path.join(folder, 'bin', 'npm'),
		`#!/bin/sh
echo install >>installs
echo >begin
read -r go <go
[ "$go" = yes ] || exit 1
mkdir -p node_modules/.bin
: >node_modules/.bin/rolldown
: >node_modules/.package-lock.json
`,
	);
	chmodSync(path.join(folder, 'bin', 'npm'), 0o755);
	const PATH = [path.join(folder, 'bin'), path.dirname(process.execPath), process.env.PATH].join(
		path.delimiter,
	);
	return {
		start: () => execa('sh', ['tools/setup'], {cwd: folder, env: {PATH}, reject: false}),
		/** Resolves when npm has been started. */
		installing: () => execa('cat', [path.join(folder, 'begin')]),
		answer: (go: string) => execa('sh', ['-c', `echo ${go} >go`], {cwd: folder}),
		installs: () => readFileSync(path.join(folder, 'installs'), 'utf8').split('\n').length - 1,
		isInstalled: () => existsSync(path.join(folder, 'node_modules', '.package-lock.json')),
	};
}

/** Continues to read afterwards: a program that writes into a closed pipe is terminated. */
async function untilWaiting({stderr}: {stderr: Readable}) {
	for await (const [chunk] of on(stderr, 'data')) {
		if (String(chunk).includes('waiting for another npm script')) {
			return;
		}
	}
}

it('waits for the npm script that installs, and uses its packages', async () => {
	const {start, installing, answer, installs, isInstalled} = await repository();
	const first = start();
	await installing();
	const second = start();
	await untilWaiting(second);
	await answer('yes');
	expect((await first).exitCode).toBe(0);
	expect((await second).exitCode).toBe(0);
	expect(isInstalled()).toBe(true);
	expect(installs()).toBe(1);
	expect((await start()).stderr).toBe('');
	expect(installs()).toBe(1);
});

it('installs itself when the other one has failed', async () => {
	const {start, installing, answer, installs, isInstalled} = await repository();
	const first = start();
	await installing();
	const second = start();
	await untilWaiting(second);
	await answer('no');
	expect((await first).exitCode).not.toBe(0);
	await installing();
	await answer('yes');
	expect((await second).exitCode).toBe(0);
	expect(isInstalled()).toBe(true);
	expect(installs()).toBe(2);
});
