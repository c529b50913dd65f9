/** Runs `--once` as scripts whose code is kept for the next start, which is a fifth shorter then. */
import path from 'node:path';
import {KeptCode} from '../lib/kept-code.ts';
import type {onceAlone} from './once.ts';

/** @param kept folder for the code, which only this user can write */
export async function runScripts(kept: string): Promise<void> {
	// Beside the chunks of the build, of which this file is part.
	const code = new KeptCode(path.join(import.meta.dirname, '../once'), kept);
	const script = code.load('once.cjs') as {onceAlone: typeof onceAlone};
	const exitCode = await script.onceAlone();
	if (exitCode === undefined) {
		await import('../../cli.tsx');
		return;
	}

	code.keep();
	// Sockets and streams of the sources are still open and would delay the exit.
	process.exit(exitCode);
}
