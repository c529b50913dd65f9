/** The files of a package for a distribution, at their places. */
import {
	chmodSync,
	copyFileSync,
	cpSync,
	globSync,
	mkdirSync,
	readFileSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {constants, gzipSync} from 'node:zlib';
import {exportMalloc} from '../../source/lib/malloc.ts';
import type {Runtime} from './runtime.ts';

export const configFile = '/etc/pgha-top/config.yaml';

/** The service of `pgha-top watch`, and the same for a profile. */
export const serviceUnits = ['pgha-top-watch.service', 'pgha-top-watch@.service'].map(
	name => `/usr/lib/systemd/system/${name}`,
);
export const sysusersFile = '/usr/lib/sysusers.d/pgha-top.conf';

/** Where a distribution looks for the functions of zsh. */
export const zshFunctions = {
	deb: 'usr/share/zsh/vendor-completions',
	rpm: 'usr/share/zsh/site-functions',
} as const;

type Options = {
	root: string;
	/** The unpacked npm package. */
	npmPackage: string;
	runtime: Runtime;
	nodeFlags: readonly string[];
	zsh: string;
	/** Of all files, Unix s. */
	time: number;
};

export function makeTree({root, npmPackage, runtime, nodeFlags, zsh, time}: Options): void {
	const put = (place: string, content: string | Uint8Array, mode = 0o644) => {
		const file = path.join(root, place);
		mkdirSync(path.dirname(file), {recursive: true});
		writeFileSync(file, content);
		chmodSync(file, mode);
	};
	const from = (file: string) => readFileSync(path.join(npmPackage, file));

	makeProgram(npmPackage, path.join(root, 'usr/lib/pgha-top'));
	copyFileSync(runtime.node, path.join(root, 'usr/lib/pgha-top/node'));
	put('usr/lib/pgha-top/node-license.txt', readFileSync(runtime.licence));
	put(
		'usr/bin/pgha-top',
		`#!/bin/sh
# pgha-top under its own Node.js. NODE_OPTIONS of other programs may have what this one does not know.
unset NODE_OPTIONS
# glibc keeps less of what is free, where the program stays.
${exportMalloc}
exec /usr/lib/pgha-top/node ${nodeFlags.join(' ')} /usr/lib/pgha-top/dist/cli.js "$@"
`,
	);
	put(configFile, readFileSync(path.join(import.meta.dirname, 'config.yaml')));
	for (const unit of serviceUnits) {
		put(unit, readFileSync(path.join(import.meta.dirname, path.basename(unit))));
	}

	put(sysusersFile, readFileSync(path.join(import.meta.dirname, 'sysusers.conf')));
	put('usr/share/doc/pgha-top/copyright', copyright(from('license').toString()));
	put('usr/share/doc/pgha-top/readme.md', from('readme.md'));
	cpSync(path.join(npmPackage, 'docs'), path.join(root, 'usr/share/doc/pgha-top/docs'), {recursive: true});

	const pages = globSync('dist/man/*.1', {cwd: npmPackage});
	if (pages.length === 0) {
		throw new Error('the build wrote no man page into dist/man');
	}

	for (const page of pages) {
		const zipped = gzipSync(from(page), {level: constants.Z_BEST_COMPRESSION});
		put(`usr/share/man/man1/${path.basename(page)}.gz`, zipped);
	}

	put('usr/share/bash-completion/completions/pgha-top', from('dist/completions/pgha-top.bash'));
	put(`${zsh}/_pgha-top`, from('dist/completions/_pgha-top'));
	put('usr/share/fish/vendor_completions.d/pgha-top.fish', from('dist/completions/pgha-top.fish'));

	setModes(root, time);
}

/** The program alone, as the single executable unpacks it, too. */
export function makeProgram(npmPackage: string, folder: string): void {
	mkdirSync(folder, {recursive: true});
	for (const part of ['dist', 'recordings']) {
		cpSync(path.join(npmPackage, part), path.join(folder, part), {recursive: true});
	}

	for (const elsewhere of ['man', 'completions']) {
		rmSync(path.join(folder, 'dist', elsewhere), {recursive: true, force: true});
	}

	// It is started by the Node.js beside it: to run it as a program would find another one, or none.
	const front = path.join(folder, 'dist', 'cli.js');
	writeFileSync(front, readFileSync(front, 'utf8').replace(/^#!.*\n(?:':'.*\n)?/, ''));

	const {name, version, type}: Record<string, unknown> = JSON.parse(
		readFileSync(path.join(npmPackage, 'package.json'), 'utf8'),
	);
	writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({name, version, type})}\n`);
}

function copyright(licence: string): string {
	return `${licence.trim()}

Packages that pgha-top contains: /usr/lib/pgha-top/dist/third-party.txt
Node.js and what it contains: /usr/lib/pgha-top/node-license.txt
`;
}

/** The same for every umask, and at every build of the same sources. */
function setModes(root: string, time: number): void {
	const programs = new Set(['usr/bin/pgha-top', 'usr/lib/pgha-top/node'].map(file => path.join(root, file)));
	const all = globSync('**/*', {cwd: root, withFileTypes: true});
	// Folders last: their time changes with what is in them.
	for (const entry of all.sort((a, b) => Number(a.isDirectory()) - Number(b.isDirectory()))) {
		const place = path.join(entry.parentPath, entry.name);
		chmodSync(place, entry.isDirectory() || programs.has(place) ? 0o755 : 0o644);
		utimesSync(place, time, time);
	}

	chmodSync(root, 0o755);
}
