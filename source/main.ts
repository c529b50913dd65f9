#!/usr/bin/env node
/**
 * Entry of the built program. Any Node.js since 12.17 can parse it, so that it can report that it is too old: no import
 * statement, no await, no recent name of a built-in module. Newer code is loaded afterwards.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
	process.stderr.write(
		`pgha-top: needs Node.js 22.19 or newer, this is ${process.versions.node} (${process.execPath}); within the repository, npm scripts bring their own\n`,
	);
	process.exitCode = 69;
} else {
	const kept = cacheCompiledCode();
	const isOnce = kept !== undefined && process.argv.indexOf('--once') > 1;
	(isOnce ? import('./cli/scripts.ts').then(({runScripts}) => runScripts(kept)) : import('../cli.tsx')).catch(
		error => {
			// The exit code of Node.js would be 1, which means "degraded" with `--once`.
			process.stderr.write(`pgha-top: ${error instanceof Error ? error.stack : error}\n`);
			process.exit(70);
		},
	);
}

/**
 * Speeds up all starts but the first. Runs before other modules are loaded; without write access Node.js ignores it. Not in
 * a folder where another user can write, as under sudo with the caller's home: its code would run here.
 *
 * @returns the folder in use; undefined if it is not one of this program
 */
function cacheCompiledCode() {
	const {existsSync, statSync} = process.getBuiltinModule('node:fs');
	const {homedir} = process.getBuiltinModule('node:os');
	const {dirname, join} = process.getBuiltinModule('node:path');
	const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
	const folder = join(caches, 'pgha-top');
	// Does not create a home folder.
	const parent = [caches, dirname(caches)].find(one => existsSync(one));
	if (parent !== undefined && isOwn(parent) && (!existsSync(folder) || isOwn(folder))) {
		const {enableCompileCache, getCompileCacheDir} = process.getBuiltinModule('node:module');
		enableCompileCache(folder);
		const used = getCompileCacheDir();
		// Not the one that NODE_COMPILE_CACHE names.
		if (used !== undefined && dirname(used) === folder && isOwn(used)) {
			return used;
		}
	}

	return undefined;

	function isOwn(one: string) {
		const {uid, gid, mode} = statSync(one);
		const user = process.geteuid === undefined ? uid : process.geteuid();
		// A group of this user alone has the user's number.
		return uid === user && (mode & (gid === user ? 0o002 : 0o022)) === 0;
	}
}
