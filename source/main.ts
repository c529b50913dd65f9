#!/usr/bin/env node
/**
 * Where the built program begins. Written so that every Node.js since 12.17 can parse it and say that it is too old: no import
 * statement, no await, no name that a built-in module may not have yet. Everything newer is loaded afterwards.
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
		// Left to Node.js, the exit code would be 1, which means "degraded" to a script that asked for a snapshot.
		process.stderr.write(`pgha-top: ${error instanceof Error ? error.stack : error}\n`);
		process.exit(70);
	});
}

/** From the second start on. Before anything else is loaded; where it can't be written, Node.js runs without it. */
function cacheCompiledCode() {
	const {existsSync} = process.getBuiltinModule('node:fs');
	const {homedir} = process.getBuiltinModule('node:os');
	const {join} = process.getBuiltinModule('node:path');
	const caches = process.env.XDG_CACHE_HOME;
	// A home is never made.
	if (existsSync(caches || homedir())) {
		process
			.getBuiltinModule('node:module')
			.enableCompileCache(join(caches || join(homedir(), '.cache'), 'pgha-top'));
	}
}
