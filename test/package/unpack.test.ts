/** The single executable unpacks the program once, and never runs what another user could have written. */
import fs from 'node:fs';
import path from 'node:path';
import {serialize} from 'node:v8';
import {zstdCompressSync} from 'node:zlib';
import {expect, it, vi} from 'vitest';
import {type Program, unpack} from '../../tools/package/single/unpack.ts';
import {temporaryFolder} from '../support/folder.ts';

const files = {'dist/cli.js': 'program', 'recordings/calm.gz': 'recording'};

/** Number of times it was unpacked. */
function packed(content: Record<string, string> = files, id = '1234') {
	const entries = Object.entries(content).map(([file, text]) => [file, Buffer.from(text)] as const);
	const read = vi.fn(() => zstdCompressSync(serialize(entries)));
	const sizes = Object.fromEntries(entries.map(([file, {length}]) => [file, length]));
	return {id, sizes, read} satisfies Program;
}

function inCache(program: Program, change: (caches: string) => void = () => undefined) {
	const caches = temporaryFolder('unpack');
	change(caches);
	return {caches, place: path.join(caches, 'pgha-top', `app-${program.id}`), env: {XDG_CACHE_HOME: caches}};
}

const mode = (file: string) => fs.statSync(file).mode & 0o777;
const textIn = (folder: string, file: string) => fs.readFileSync(path.join(folder, file), 'utf8');

function expectTemporary({folder, isTemporary}: {folder: string; isTemporary: boolean}): void {
	try {
		expect(isTemporary).toBe(true);
		expect(mode(folder)).toBe(0o700);
		expect(textIn(folder, 'dist/cli.js')).toBe('program');
	} finally {
		fs.rmSync(folder, {recursive: true});
	}
}

it('unpacks once, for this user alone', () => {
	const program = packed();
	const {caches, place, env} = inCache(program);
	expect(unpack(program, env)).toEqual({folder: place, isTemporary: false});
	expect(unpack(program, env)).toEqual({folder: place, isTemporary: false});
	expect(program.read).toHaveBeenCalledTimes(1);
	expect(textIn(place, 'recordings/calm.gz')).toBe('recording');
	expect([mode(place), mode(path.join(caches, 'pgha-top'))]).toEqual([0o700, 0o700]);
	expect(fs.readdirSync(path.join(caches, 'pgha-top'))).toEqual(['app-1234']);
});

it('keeps another build beside it', () => {
	const first = packed();
	const {caches, env} = inCache(first);
	unpack(first, env);
	unpack(packed(files, '5678'), env);
	expect(fs.readdirSync(path.join(caches, 'pgha-top')).sort()).toEqual(['app-1234', 'app-5678']);
});

it.each<[string, (place: string) => void]>([
	['a file is missing', place => fs.rmSync(path.join(place, 'dist/cli.js'))],
	['a file is cut', place => fs.truncateSync(path.join(place, 'dist/cli.js'), 3)],
	['others may write into it', place => fs.chmodSync(place, 0o777)],
	[
		'it is a link',
		place => {
			fs.renameSync(place, `${place}.moved`);
			fs.symlinkSync(`${place}.moved`, place);
		},
	],
])('unpacks again when %s', (_, damage) => {
	const program = packed();
	const {place, env} = inCache(program);
	unpack(program, env);
	damage(place);
	expect(unpack(program, env)).toEqual({folder: place, isTemporary: false});
	expect(program.read).toHaveBeenCalledTimes(2);
	expect(textIn(place, 'dist/cli.js')).toBe('program');
	expect(mode(place)).toBe(0o700);
	expect(fs.lstatSync(place).isSymbolicLink()).toBe(false);
	expect(fs.readdirSync(place).sort()).toEqual(['dist', 'recordings']);
});

it('closes a folder that the cache of compiled code has made open', () => {
	const program = packed();
	const {caches, env} = inCache(program, inner => {
		fs.mkdirSync(path.join(inner, 'pgha-top'));
		fs.chmodSync(path.join(inner, 'pgha-top'), 0o775);
	});
	expect(unpack(program, env).isTemporary).toBe(false);
	expect(mode(path.join(caches, 'pgha-top'))).toBe(0o700);
});

it('follows a link that this user has made of the cache', () => {
	const program = packed();
	const {caches} = inCache(program);
	fs.mkdirSync(path.join(caches, 'disk'));
	fs.symlinkSync('disk', path.join(caches, 'link'));
	expect(unpack(program, {XDG_CACHE_HOME: path.join(caches, 'link')}).isTemporary).toBe(false);
	expect(fs.readdirSync(path.join(caches, 'disk', 'pgha-top'))).toEqual(['app-1234']);
});

it.each<[string, (caches: string) => void]>([
	['is a file', caches => fs.writeFileSync(path.join(caches, 'pgha-top'), '')],
	[
		'is a link',
		caches => {
			fs.mkdirSync(path.join(caches, 'elsewhere'));
			fs.symlinkSync('elsewhere', path.join(caches, 'pgha-top'));
		},
	],
	['may be renamed by others', caches => fs.chmodSync(caches, 0o777)],
])('runs from a folder of its own, removed at its end, where the cache %s', (_, change) => {
	const program = packed();
	const {env, caches} = inCache(program, change);
	expectTemporary(unpack(program, env));
	expect(fs.existsSync(path.join(caches, 'elsewhere', 'app-1234'))).toBe(false);
});

it.skipIf(process.getuid?.() !== 0).each<[string, (caches: string) => void]>([
	['the cache', caches => fs.chownSync(caches, 1000, 1000)],
	[
		'the folder in it',
		caches => {
			fs.mkdirSync(path.join(caches, 'pgha-top'), {mode: 0o700});
			fs.chownSync(path.join(caches, 'pgha-top'), 1000, 1000);
		},
	],
])('runs from a folder of its own where %s is of another user', (_, change) => {
	const program = packed();
	expectTemporary(unpack(program, inCache(program, change).env));
});

it.skipIf(process.getuid?.() !== 0)('never runs a program that another user has put there', () => {
	const program = packed();
	const {place, env} = inCache(program);
	unpack(program, env);
	fs.writeFileSync(path.join(place, 'dist/cli.js'), 'hostile');
	fs.chownSync(place, 1000, 1000);
	const {folder} = unpack(program, env);
	expect(textIn(folder, 'dist/cli.js')).toBe('program');
});

it.each([['relative/cache'], ['']])(
	'without a home, and with XDG_CACHE_HOME=%j, leaves no folder behind',
	caches => {
		vi.stubEnv('HOME', '');
		try {
			expectTemporary(unpack(packed(), {XDG_CACHE_HOME: caches}));
			expect(fs.existsSync('relative')).toBe(false);
			expect(fs.existsSync('.cache')).toBe(false);
		} finally {
			vi.unstubAllEnvs();
		}
	},
);

it('uses what another start has unpacked meanwhile', () => {
	const program = packed();
	const {place, env} = inCache(program);
	const {read} = program;
	const racing: Program = {
		...program,
		read: () => {
			unpack(program, env);
			return read();
		},
	};
	expect(unpack(racing, env)).toEqual({folder: place, isTemporary: false});
	expect(fs.readdirSync(path.dirname(place))).toEqual(['app-1234']);
});
