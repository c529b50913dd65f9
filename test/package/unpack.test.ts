/** The single executable unpacks the program once, keeps one folder for each build, and never runs what another user wrote. */
import {spawn} from 'node:child_process';
import {hash} from 'node:crypto';
import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {serialize} from 'node:v8';
import {zstdCompressSync} from 'node:zlib';
import {describe, expect, it, vi} from 'vitest';
import {type Program, touch, unpack as unpackIn} from '../../tools/package/single/unpack.ts';
import {temporaryFolder} from '../support/folder.ts';

const files = {'dist/cli.js': 'program', 'recordings/calm.gz': 'recording'};
const user = process.getuid?.();
const isRoot = user === 0;
const minutes = 60;
const days = 24 * 60 * minutes;

/** `read` tells how often it was unpacked. */
function packed(content: Record<string, string> = files, id = '1234') {
	const entries = Object.entries(content).map(([file, text]) => [file, Buffer.from(text)] as const);
	const read = vi.fn(() => zstdCompressSync(serialize(entries)));
	const digests = Object.fromEntries(entries.map(([file, bytes]) => [file, hash('sha256', bytes)]));
	return {id, digests, read} satisfies Program;
}

/** As if the program had ended: it no longer has its folder open. */
function unpack(program: Program, environment: Record<string, string>, shared: readonly string[]): string {
	const {folder, descriptor} = unpackIn(program, environment, shared);
	fs.closeSync(descriptor);
	return folder;
}

/** A cache and a folder of temporary files as users have them. */
function machine(program: Program = packed()) {
	const root = temporaryFolder('unpack');
	const caches = path.join(root, 'caches');
	const shared = path.join(root, 'tmp');
	fs.mkdirSync(caches);
	fs.mkdirSync(shared);
	fs.chmodSync(shared, 0o1777);
	const start = (one: Program = program, environment: Record<string, string> = {XDG_CACHE_HOME: caches}) =>
		unpack(one, environment, [shared]);
	const inCache = path.join(caches, 'pgha-top');
	const inShared = path.join(shared, `pgha-top-${user}`);
	return {caches, shared, program, start, inCache, inShared, place: path.join(inCache, `app-${program.id}`)};
}

const mode = (file: string) => fs.statSync(file).mode & 0o777;
const textIn = (folder: string, file: string) => fs.readFileSync(path.join(folder, file), 'utf8');

function age(folder: string, seconds: number): void {
	const then = Date.now() / 1000 - seconds;
	fs.utimesSync(folder, then, then);
}

describe('in the cache', () => {
	it('unpacks once, for this user alone', () => {
		const {place, inCache, program, start} = machine();
		expect([start(), start()]).toEqual([place, place]);
		expect(program.read).toHaveBeenCalledTimes(1);
		expect(textIn(place, 'recordings/calm.gz')).toBe('recording');
		expect([mode(inCache), mode(place), mode(path.join(place, 'dist'))]).toEqual([0o700, 0o700, 0o700]);
		expect(mode(path.join(place, 'dist/cli.js'))).toBe(0o600);
		expect(fs.readdirSync(inCache)).toEqual(['app-1234']);
	});

	it('unpacks once with a umask that lets a group write', () => {
		const {program, start} = machine();
		const before = process.umask(0);
		try {
			start();
			start();
		} finally {
			process.umask(before);
		}

		expect(program.read).toHaveBeenCalledTimes(1);
	});

	it.each<[string, (place: string) => void]>([
		['a file is missing', place => fs.rmSync(path.join(place, 'dist/cli.js'))],
		['a file is cut', place => fs.truncateSync(path.join(place, 'dist/cli.js'), 3)],
		[
			'a file has other content of the same size',
			place => fs.writeFileSync(path.join(place, 'dist/cli.js'), '\0'.repeat(7)),
		],
		[
			'a file is a link',
			place => {
				fs.renameSync(path.join(place, 'dist/cli.js'), path.join(place, 'moved'));
				fs.symlinkSync('../moved', path.join(place, 'dist/cli.js'));
			},
		],
		[
			'a file is a folder',
			place => {
				fs.rmSync(path.join(place, 'dist/cli.js'));
				fs.mkdirSync(path.join(place, 'dist/cli.js'));
			},
		],
		['others may write a file', place => fs.chmodSync(path.join(place, 'dist/cli.js'), 0o666)],
		['others may write into a folder of it', place => fs.chmodSync(path.join(place, 'dist'), 0o777)],
		['others may write into it', place => fs.chmodSync(place, 0o777)],
		['it cannot be read', place => fs.chmodSync(place, 0)],
		[
			'it is a link',
			place => {
				fs.renameSync(place, `${place}.moved`);
				fs.symlinkSync(`${place}.moved`, place);
			},
		],
		[
			'it is a file',
			place => {
				fs.rmSync(place, {recursive: true});
				fs.writeFileSync(place, '');
			},
		],
	])('unpacks again when %s', (_, damage) => {
		const {place, program, start} = machine();
		start();
		damage(place);
		expect(start()).toBe(place);
		expect(program.read).toHaveBeenCalledTimes(2);
		expect(textIn(place, 'dist/cli.js')).toBe('program');
		expect(mode(place)).toBe(0o700);
		expect(fs.lstatSync(place).isSymbolicLink()).toBe(false);
		expect(fs.readdirSync(place).sort()).toEqual(['dist', 'recordings']);
	});

	it('runs what is there also where nothing can be written', () => {
		const {place, program, start} = machine();
		start();
		const readOnly = Object.assign(new Error('read-only'), {code: 'EROFS'});
		vi.spyOn(fs, 'utimesSync').mockImplementation(() => {
			throw readOnly;
		});
		try {
			expect(start()).toBe(place);
		} finally {
			vi.restoreAllMocks();
		}

		expect(program.read).toHaveBeenCalledTimes(1);
	});

	it('closes a folder that the cache of compiled code has made open', () => {
		const {inCache, place, start} = machine();
		fs.mkdirSync(inCache);
		fs.chmodSync(inCache, 0o775);
		expect(start()).toBe(place);
		expect(mode(inCache)).toBe(0o700);
	});

	it('leaves a folder closed that this user has closed to itself', () => {
		const {inCache, program, start} = machine();
		fs.mkdirSync(inCache, {mode: 0o500});
		start(program);
		expect(mode(inCache)).toBe(0o500);
		fs.chmodSync(inCache, 0o700);
	});

	it.skipIf(!isRoot)('lets the group write that is of this user alone', () => {
		const {caches, place, inShared, start} = machine();
		fs.chmodSync(caches, 0o775);
		expect(start()).toBe(place);
		fs.chownSync(caches, 0, 1000);
		expect(start()).toBe(path.join(inShared, 'app-1234'));
	});

	it('follows a link that this user has made of the cache', () => {
		const {caches, program, start} = machine();
		fs.mkdirSync(path.join(caches, 'disk'));
		fs.symlinkSync('disk', path.join(caches, 'link'));
		const place = path.join(caches, 'disk', 'pgha-top', 'app-1234');
		expect(start(program, {XDG_CACHE_HOME: path.join(caches, 'link')})).toBe(place);
	});

	it('makes ~/.cache, and no home', () => {
		const {caches, program, start, inShared} = machine();
		expect(start(program, {HOME: caches})).toBe(path.join(caches, '.cache', 'pgha-top', 'app-1234'));
		const HOME = path.join(caches, 'missing');
		expect(start(program, {HOME})).toBe(path.join(inShared, 'app-1234'));
		expect(fs.existsSync(HOME)).toBe(false);
	});

	it('uses what another start has unpacked meanwhile', () => {
		const {place, inCache, program, start} = machine();
		const {read} = program;
		const racing: Program = {
			...program,
			read: () => {
				start();
				return read();
			},
		};
		expect(start(racing)).toBe(place);
		expect(fs.readdirSync(inCache)).toEqual(['app-1234']);
	});
});

describe('in a folder of this user among the temporary files', () => {
	it.each<[string, (paths: {caches: string; inCache: string}) => void]>([
		['is a file', ({inCache}) => fs.writeFileSync(inCache, '')],
		[
			'is a link',
			({caches, inCache}) => {
				fs.mkdirSync(path.join(caches, 'elsewhere'));
				fs.symlinkSync('elsewhere', inCache);
			},
		],
		['may be renamed by others', ({caches}) => fs.chmodSync(caches, 0o777)],
		['is in a folder that others may rename', ({caches}) => fs.chmodSync(path.dirname(caches), 0o777)],
	])('where the cache %s: one, at every start', (_, change) => {
		const {caches, inCache, inShared, shared, program} = machine();
		change({caches, inCache});
		// The folder of temporary files must stay as safe as it is.
		const away = path.join(temporaryFolder('unpack-shared'), 'tmp');
		fs.renameSync(shared, away);
		fs.chmodSync(away, 0o1777);
		const place = path.join(away, path.basename(inShared));
		const folders = [1, 2].map(() => unpack(program, {XDG_CACHE_HOME: caches}, [away]));
		expect(folders).toEqual([path.join(place, 'app-1234'), path.join(place, 'app-1234')]);
		expect(program.read).toHaveBeenCalledTimes(1);
		expect(mode(place)).toBe(0o700);
		expect(fs.readdirSync(away)).toEqual([path.basename(place)]);
		expect(fs.existsSync(path.join(caches, 'elsewhere', 'app-1234'))).toBe(false);
	});

	it.each([[{XDG_CACHE_HOME: 'relative', HOME: ''}], [{XDG_CACHE_HOME: '', HOME: ''}]])(
		'where there is no home: %j',
		environment => {
			const {inShared, program, start} = machine();
			expect(start(program, environment)).toBe(path.join(inShared, 'app-1234'));
			expect(fs.existsSync('relative')).toBe(false);
			expect(fs.existsSync('.cache')).toBe(false);
		},
	);

	it('in TMPDIR first, if it is a whole path', () => {
		const {caches, inShared, program, start} = machine();
		const own = path.join(caches, `pgha-top-${user}`, 'app-1234');
		expect(start(program, {HOME: '', TMPDIR: `${caches}/`})).toBe(own);
		expect(start(program, {HOME: '', TMPDIR: 'relative'})).toBe(path.join(inShared, 'app-1234'));
	});

	it('under another name where the first one is taken: the same at every start', () => {
		const {inShared, shared, program, start} = machine();
		fs.symlinkSync('/nonexistent', inShared);
		const folders = [1, 2, 3].map(() => start(program, {HOME: ''}));
		expect(new Set(folders).size).toBe(1);
		expect(folders[0]).toMatch(/\/pgha-top-\d+\.\w{6}\/app-1234$/);
		expect(program.read).toHaveBeenCalledTimes(1);
		expect(fs.readdirSync(shared)).toHaveLength(2);
	});

	it.skipIf(!isRoot).each<[string, (paths: {caches: string; inCache: string}) => void]>([
		['the cache', ({caches}) => fs.chownSync(caches, 1000, 1000)],
		[
			'the folder in it',
			({inCache}) => {
				fs.mkdirSync(inCache, {mode: 0o700});
				fs.chownSync(inCache, 1000, 1000);
			},
		],
	])('where %s is of another user', (_, change) => {
		const {caches, inCache, inShared, start} = machine();
		change({caches, inCache});
		expect(start()).toBe(path.join(inShared, 'app-1234'));
	});

	it.skipIf(!isRoot)('under another name where another user has made the first one', () => {
		const {inShared, program, start} = machine();
		fs.mkdirSync(inShared, {mode: 0o700});
		fs.chownSync(inShared, 1000, 1000);
		const folder = start(program, {HOME: ''});
		expect(path.dirname(folder)).toMatch(/\/pgha-top-0\.\w{6}$/);
		expect(fs.readdirSync(inShared)).toEqual([]);
	});

	it.skipIf(!isRoot).each<[string, (place: string) => void]>([
		['the folder', place => fs.chownSync(place, 1000, 1000)],
		['a folder in it', place => fs.chownSync(path.join(place, 'dist'), 1000, 1000)],
		['a file', place => fs.chownSync(path.join(place, 'dist/cli.js'), 1000, 1000)],
	])('never what another user could have written: %s', (_, change) => {
		const {inShared, program, start} = machine();
		change(start(program, {HOME: ''}));
		expect(start(program, {HOME: ''})).toBe(path.join(inShared, 'app-1234'));
		expect(program.read).toHaveBeenCalledTimes(2);
		expect(fs.statSync(path.join(inShared, 'app-1234/dist/cli.js')).uid).toBe(0);
	});
});

describe('a place that fails', () => {
	const failing = (code: string, isIn: (file: string) => boolean) => {
		const write = fs.writeFileSync;
		vi.spyOn(fs, 'writeFileSync').mockImplementation((file, ...rest) => {
			if (isIn(String(file))) {
				throw Object.assign(new Error(`${code}: write`), {code});
			}

			write(file, ...rest);
		});
	};

	it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'])('with %s gives way to the next one', code => {
		const {caches, inCache, inShared, start} = machine();
		failing(code, file => file.startsWith(caches));
		try {
			expect(start()).toBe(path.join(inShared, 'app-1234'));
			expect(fs.readdirSync(inCache)).toEqual([]);
		} finally {
			vi.restoreAllMocks();
		}
	});

	it('is named with its reason if there is no other', () => {
		const {inCache, inShared, caches, start} = machine();
		failing('ENOSPC', () => true);
		try {
			expect(() => start()).toThrow(
				`${inCache}: no space is left on the disk; ${inShared}: no space is left on the disk`,
			);
		} finally {
			vi.restoreAllMocks();
		}

		fs.chmodSync(caches, 0o777);
		fs.rmSync(path.dirname(inShared), {recursive: true});
		expect(() => start()).toThrow(`${inCache}: others may write into ${caches}; ${inShared}: no such file`);
	});
});

describe('what is no longer used', () => {
	it('a half-written folder of a start that was killed is not used, and goes', () => {
		const {place, inCache, start} = machine();
		for (const name of ['partial-old', 'partial-young']) {
			fs.mkdirSync(path.join(inCache, name, 'dist'), {recursive: true});
			fs.writeFileSync(path.join(inCache, name, 'dist/cli.js'), 'half');
		}

		age(path.join(inCache, 'partial-old'), 2 * minutes);
		expect(start()).toBe(place);
		expect(fs.readdirSync(inCache).sort()).toEqual(['app-1234', 'partial-young']);
	});

	it('another build goes a week after its last start', () => {
		const {inCache, start} = machine();
		const older = packed(files, 'older');
		age(start(older), 6 * days);
		start();
		expect(fs.readdirSync(inCache).sort()).toEqual(['app-1234', 'app-older']);
		age(path.join(inCache, 'app-older'), 8 * days);
		start();
		expect(fs.readdirSync(inCache)).toEqual(['app-1234']);
	});

	it('a build stays while a process runs from it', async () => {
		const {inCache, caches, shared, start} = machine();
		const older = packed(files, 'older');
		const {folder, descriptor} = unpackIn(older, {XDG_CACHE_HOME: caches}, [shared]);
		const running = spawn('cat', {stdio: ['pipe', 'ignore', 'ignore', descriptor]});
		await once(running, 'spawn');
		fs.closeSync(descriptor);
		age(folder, 100 * days);
		try {
			start();
			expect(fs.readdirSync(inCache).sort()).toEqual(['app-1234', 'app-older']);
		} finally {
			const ended = once(running, 'exit');
			running.stdin?.end();
			await ended;
		}

		start();
		expect(fs.readdirSync(inCache)).toEqual(['app-1234']);
	});

	it('other files of the cache stay, however old', () => {
		const {inCache, start} = machine();
		fs.mkdirSync(path.join(inCache, 'v24.21.0-x64'), {recursive: true});
		age(path.join(inCache, 'v24.21.0-x64'), 1000 * days);
		start();
		expect(fs.readdirSync(inCache).sort()).toEqual(['app-1234', 'v24.21.0-x64']);
	});

	it('what cannot be removed is no reason not to start', () => {
		const {place, inCache, start} = machine();
		fs.mkdirSync(path.join(inCache, 'partial-old'), {recursive: true});
		age(path.join(inCache, 'partial-old'), 2 * minutes);
		vi.spyOn(fs, 'rmSync').mockImplementation(() => {
			throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
		});
		try {
			expect(start()).toBe(place);
		} finally {
			vi.restoreAllMocks();
		}
	});

	it('a file that a cleaner takes for unused is touched at each start, and while the program runs', () => {
		const {place, program, start} = machine();
		start();
		const file = path.join(place, 'dist/cli.js');
		const ageOf = () => (Date.now() - fs.statSync(file).mtimeMs) / 1000;
		age(file, 11 * days);
		start();
		expect(ageOf()).toBeLessThan(minutes);
		age(file, 11 * days);
		touch(place, program);
		expect(ageOf()).toBeLessThan(minutes);
	});
});
