/** Asks the operator what no node says; without a terminal nothing is asked. */

import {createInterface} from 'node:readline/promises';
import type {ReadStream, WriteStream} from 'node:tty';
import {sanitize} from '../lib/sanitize.ts';

export type Ask = {
	/** The answer without blanks at its ends; `check` returns what is wrong with it. */
	question: (text: string, check: (answer: string) => string | undefined) => Promise<string>;
};

/** The operator ended the dialog: Ctrl-C, Ctrl-D. */
export class Ended extends Error {
	override name = 'Ended';
}

/** @returns undefined without a terminal */
export function terminalAsk(stdin: ReadStream, stdout: WriteStream): Ask | undefined {
	if (!stdin.isTTY || !stdout.isTTY) {
		return undefined;
	}

	return {
		async question(text, check) {
			for (;;) {
				const answer = sanitize(await readLine(stdin, stdout, text)).trim();
				const problem = check(answer);
				if (problem === undefined) {
					return answer;
				}

				stdout.write(`  ${problem}\n`);
			}
		},
	};
}

/** A reader for each question: in between, ssh may ask on the same terminal. */
async function readLine(stdin: ReadStream, stdout: WriteStream, text: string): Promise<string> {
	const reader = createInterface({input: stdin, output: stdout});
	const {promise, reject} = Promise.withResolvers<never>();
	reader.once('SIGINT', () => reject(new Ended('')));
	reader.once('close', () => reject(new Ended('')));
	try {
		return await Promise.race([reader.question(text), promise]);
	} finally {
		promise.catch(() => undefined);
		reader.close();
	}
}
