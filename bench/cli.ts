/**
 * `npm run bench [-- --json FILE] [--only NAME]`: starts the lab if it is down, measures as the operator, and restores
 * the lab's previous state. `hour` runs only if it is named, for PGHA_BENCH_MINUTES (60).
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {down, execCommand, presentSetup, up} from '../lab/lab.ts';

const present = presentSetup();
const say = (line: string) => {
	process.stderr.write(`lab: ${line}\n`);
};

try {
	await up({...present, onProgress: say});
	const {file, args, env} = execCommand([
		process.execPath,
		path.join(import.meta.dirname, 'inside.ts'),
		...process.argv.slice(2),
	]);
	const [code] = await once(spawn(file, args, {env, stdio: 'inherit'}), 'exit');
	process.exitCode = typeof code === 'number' ? code : 1;
} finally {
	if (present === undefined) {
		await down({onProgress: say});
	}
}
