/** `npm run recordings [-- NAME…]`: makes the tour's recordings on the real lab. */
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {down, execCommand, presentSetup, up} from '../../lab/lab.ts';
import {tour} from '../../source/cli/commands/replay.ts';
import {tourFile} from '../../source/replay/command.ts';
import {driveConsole} from '../../test/support/console-driver.ts';
import {Terminal} from '../../test/support/terminal.ts';
import {scenes} from './scenes.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !tour.some(one => one.name === name));
if (unknown.length > 0) {
	throw new Error(`${unknown.join(', ')}: none of ${tour.map(({name}) => name).join(', ')}`);
}

const present = presentSetup();
const say = (line: string) => {
	process.stderr.write(`${line}\n`);
};
const failed: string[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-tour-'));
try {
	for (const {name, what} of tour.filter(one => wanted.length === 0 || wanted.includes(one.name))) {
		// Heals the cluster after the previous scene.
		await up({...present, onProgress: say});
		say(`${name}: ${what} …`);
		try {
			await record(name, what);
		} catch (error) {
			// Other scenes are independent; errors are repeated at the end.
			failed.push(name);
			say(error instanceof Error ? error.message : String(error));
		}
	}
} finally {
	rmSync(folder, {recursive: true});
	if (present === undefined) {
		await down({onProgress: say});
	}
}

if (failed.length > 0) {
	say(`NOT MADE: ${failed.join(', ')}`);
	process.exitCode = 1;
}

async function record(name: keyof typeof scenes, reason: string): Promise<void> {
	const file = `${name}.ndjson.gz`;
	// Hides this machine's name in recordings: the console's host is called operator.
	const command = ['hostname operator && exec "$@"', 'sh', 'pgha-top', '--record', file, '--reason', reason];
	const {file: program, args, env} = execCommand(['unshare', '--uts', 'sh', '-c', ...command]);
	const terminal = new Terminal(program, args, {columns: 120, rows: 40, env, cwd: folder});
	try {
		await terminal.until('a healthy cluster', text => text.includes('\n HEALTHY'), 60_000);
		await scenes[name](
			driveConsole(() => terminal),
			terminal,
		);
		terminal.press('\u0003');
		await terminal.exited;
	} finally {
		await terminal.kill();
	}

	mkdirSync(path.dirname(tourFile(name)), {recursive: true});
	copyFileSync(path.join(folder, file), tourFile(name));
	say(`${name}: ${Math.round(statSync(tourFile(name)).size / 1024)} KiB`);
}
