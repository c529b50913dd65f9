/** The demonstration: starts the lab, runs pgha-top on it, stops the lab; `--keep` keeps it running. */
import {constants} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import type {Setup} from './disk.ts';
import {messageOf} from './failure.ts';
import {type Foreground, passedOn, startInForeground} from './foreground.ts';
import {down, execCommand, LabError, presentSetup} from './lab.ts';

const keep = process.argv.includes('--keep');
const flags = process.argv.slice(2).filter(flag => flag !== '--keep' && flag !== '--');
const say = (line: string) => process.stderr.write(`${line}\n`);
/** A closed terminal must not prevent the lab's shutdown. */
process.stderr.on('error', () => {});

let running: Foreground | undefined;
let asked: NodeJS.Signals | undefined;
for (const signal of passedOn) {
	process.on(signal, () => {
		asked = signal;
		running?.signal(signal);
	});
}

async function finish(started: Foreground): Promise<number> {
	running = started;
	const code = await started.ended;
	running = undefined;
	return code;
}

/** The flags of `up` that leave a lab as it is. */
function flagsOf({suite, profile, store, topology, postgresql}: Setup): string[] {
	const flags = {suite, profile, store, topology, postgres: postgresql?.toString()};
	return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}

/** In a separate process, which can be killed at any time: `down` cleans up after it. */
async function bringUp(): Promise<number> {
	const present = presentSetup();
	const args = [join(import.meta.dirname, 'cli.ts'), 'up', ...(present ? flagsOf(present) : [])];
	return finish(startInForeground({file: process.execPath, args, env: process.env}, ['ignore', 2, 2]));
}

async function show(): Promise<number> {
	return finish(startInForeground(execCommand(['pgha-top', ...flags])));
}

async function main(): Promise<number> {
	const wasUp = presentSetup() !== undefined;
	let result = await bringUp();
	try {
		if (result === 0 && !asked) result = await show();
	} finally {
		if (wasUp) say('the lab was up before, and stays up; npm run lab -- down takes it down');
		else if (keep) say('the lab stays up; npm run lab -- down takes it down');
		else {
			await down({onProgress: say});
			say('the lab is down');
		}
	}

	return result === 0 && asked ? 128 + constants.signals[asked] : result;
}

try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof LabError)) throw error;
	say(`lab: ${messageOf(error)}`);
	process.exitCode = 1;
}
