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
	cacheCompiledCode();
	import('../cli.tsx').catch(error => {
		// The exit code of Node.js would be 1, which means "degraded" with `--once`.
		process.stderr.write(`pgha-top: ${error instanceof Error ? error.stack : error}\n`);
		process.exit(70);
	});
}

/**
 * Speeds up all starts but the first. Runs before other modules are loaded; without write access Node.js ignores it.
 */
function cacheCompiledCode() {
	const {existsSync} = process.getBuiltinModule('node:fs');
	const {homedir} = process.getBuiltinModule('node:os');
	const {join} = process.getBuiltinModule('node:path');
	const caches = process.env.XDG_CACHE_HOME;
	// Does not create a home folder.
	if (existsSync(caches || homedir())) {
		process
			.getBuiltinModule('node:module')
			.enableCompileCache(join(caches || join(homedir(), '.cache'), 'pgha-top'));
	}
}
