/** Entry of the single executable: Node.js runs only one CommonJS file out of itself, so the program is unpacked first. */
import {createRequire, enableCompileCache} from 'node:module';
import path from 'node:path';
import {getAsset, getRawAsset} from 'node:sea';
import {type Program, touch, unpack} from './unpack.ts';

const dayMs = 24 * 3600 * 1000;

const {id, digests}: Omit<Program, 'read'> = JSON.parse(getAsset('contents', 'utf8'));
const program = {id, digests, read: () => new Uint8Array(getRawAsset('program'))};

try {
	const {folder} = unpack(program);
	// Removed with the build that it is of.
	enableCompileCache(path.join(folder, 'compiled'));
	setInterval(() => {
		touch(folder, program);
	}, dayMs).unref();
	createRequire(path.join(folder, 'package.json'))('./dist/cli.js');
} catch (error) {
	const reason = error instanceof Error ? error.message : String(error);
	process.stderr.write(
		`pgha-top: cannot unpack the program: ${reason}; set XDG_CACHE_HOME or TMPDIR to a folder that can be written\n`,
	);
	// "cannot create", as in the exit codes of the program.
	process.exitCode = 73;
}
