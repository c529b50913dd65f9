/** Runs `--once` as scripts whose code is kept for the next start, which is a fifth shorter then. */
import path from 'node:path';
import {isMissing} from '../lib/faults.ts';
import {KeptCode} from '../lib/kept-code.ts';
import type {onceAlone} from './once.ts';

/** @param kept folder for the code, which only this user can write */
export async function runScripts(kept: string): Promise<void> {
	// Beside the chunks of the build, of which this file is part.
	const code = new KeptCode(path.join(import.meta.dirname, '../once'), kept);
	const exitCode = await load(code)?.onceAlone();
	if (exitCode === undefined) {
		await import('../../cli.tsx');
		return;
	}

	try {
		if (code.keep()) {
			const {forgetOldCode} = await import('../lib/compiled-code.ts');
			await forgetOldCode();
		}
	} catch (error) {
		// The answer is printed, and its exit code counts.
		const {complainOfFault} = await import('./output.ts');
		complainOfFault(error);
	}

	// Sockets and streams of the sources are still open and would delay the exit.
	process.exit(exitCode);
}

/** Undefined where a script is missing: an upgrade may be on its way, and the program itself is there. */
function load(code: KeptCode): {onceAlone: typeof onceAlone} | undefined {
	try {
		return code.load('once.cjs') as {onceAlone: typeof onceAlone};
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}

		throw error;
	}
}
