/** The demonstration: the lab up, pgha-top on it, and the lab down again; `--keep` leaves it up. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {messageOf} from './failure.ts';
import {down, execCommand, LabError, presentSetup} from './lab.ts';

const keep = process.argv.includes('--keep');
const flags = process.argv.slice(2).filter(flag => flag !== '--keep' && flag !== '--');
const say = (line: string) => process.stderr.write(`${line}\n`);
/** A terminal that is gone must not keep us from taking the lab down. */
process.stderr.on('error', () => {});

let child: ChildProcess | undefined;
let asked: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		asked = signal;
		// From the keyboard, SIGINT has already reached the child, who may have a use of its own for it.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal);
	});
}

/** Runs a program to its end; its exit code, or 128 and the number of the signal that ended it, as a shell says it. */
async function finish(started: ChildProcess): Promise<number> {
	child = started;
	const [code, signal] = (await once(started, 'exit')) as [number | null, NodeJS.Signals | null];
	child = undefined;
	return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

async function bringUp(): Promise<number> {
	const present = presentSetup();
	const setup = present ? ['--suite', present.suite, '--profile', present.profile] : [];
	// A process of its own: it can be killed at any moment, and `down` copes with what it leaves.
	return finish(
		spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), 'up', ...setup], {stdio: ['ignore', 2, 2]}),
	);
}

async function show(): Promise<number> {
	const {file, args, env} = execCommand(['pgha-top', ...flags]);
	return finish(spawn(file, args, {env, stdio: 'inherit'}));
}

async function main(): Promise<number> {
	const wasUp = presentSetup() !== undefined;
	let result = await bringUp();
	try {
		if (result === 0 && !asked) result = await show();
	} finally {
		if (wasUp) say('the lab was up before, and stays up; npm run lab -- down takes it down');
		else if (keep) say('the lab stays up; npm run lab -- down takes it down');
		else await down({onProgress: say});
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
