/** The lines of the logs written to a file of the operator's own. */
import {mkdir, open} from 'node:fs/promises';
import path from 'node:path';
import {reasonOf} from '../connections/error-reason.ts';
import type {LogLine} from '../domain/logs/line.ts';
import {stateFolder} from '../lib/folders.ts';
import {redact} from '../lib/secrets.ts';

type Notice = {text: string; tone: 'dim' | 'warn'};

/** A file for each time, beside the audit log; readable by its owner only. */
export async function writeLogs(
	lines: readonly LogLine[],
	environment: Readonly<Record<string, string | undefined>> = process.env,
	now = Date.now(),
): Promise<Notice> {
	const time = new Date(now).toISOString().replaceAll(/[-:]/g, '').replace('.', '');
	const file = path.join(stateFolder(environment), 'logs', `log-${time}.txt`);
	try {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		const handle = await open(file, 'wx', 0o600);
		try {
			await handle.writeFile(lines.map(line => `${redact(written(line))}\n`).join(''));
		} finally {
			await handle.close();
		}
	} catch (error) {
		return {text: `${file} could not be written: ${reasonOf(error)}`, tone: 'warn'};
	}

	return {text: `${lines.length.toLocaleString('en')} lines written to ${file}`, tone: 'dim'};
}

/** The node's own time, in UTC, to the microsecond. */
function written({at, node, service, word, text}: LogLine): string {
	const milliseconds = Math.floor(at / 1000);
	const time = new Date(milliseconds)
		.toISOString()
		.replace('Z', `${String(Math.floor(at % 1000)).padStart(3, '0')}Z`);
	return [time, node ?? '-', service, word, text].filter(part => part !== '').join(' ');
}

/** Terminals take so much; what is longer they drop without a word. */
const textMaxBytes = 70_000;

export function copyToClipboard(
	text: string,
	terminal: {write: (bytes: string) => unknown} = process.stdout,
): void {
	const bytes = Buffer.from(redact(text)).subarray(0, textMaxBytes);
	terminal.write(`\u001B]52;c;${bytes.toString('base64')}\u0007`);
}
