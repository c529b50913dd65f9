/** Entry of the single executable: Node.js runs only one CommonJS file out of itself, so the program is unpacked first. */
import {rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {getAsset, getRawAsset} from 'node:sea';
import {unpack} from './unpack.ts';

const {id, sizes}: {id: string; sizes: Record<string, number>} = JSON.parse(getAsset('contents', 'utf8'));

try {
	const {folder, isTemporary} = unpack({id, sizes, read: () => new Uint8Array(getRawAsset('program'))});
	if (isTemporary) {
		process.on('exit', () => {
			rmSync(folder, {recursive: true, force: true});
		});
	}

	createRequire(path.join(folder, 'package.json'))('./dist/cli.js');
} catch (error) {
	const reason = error instanceof Error ? error.message : String(error);
	process.stderr.write(
		`pgha-top: cannot unpack the program: ${reason}; set XDG_CACHE_HOME or TMPDIR to a folder that can be written\n`,
	);
	// "cannot create", as in the exit codes of the program.
	process.exitCode = 73;
}
