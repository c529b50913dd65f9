/**
 * The audit log: one JSON line for each confirmed operation, and one for each outcome; appended, never rewritten. Also
 * saves and copies log lines for the operator.
 */
import {appendFile, mkdir, open} from 'node:fs/promises';
import {hostname, userInfo} from 'node:os';
import path from 'node:path';
import {reasonOf} from '../connections/error-reason.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import type {Acknowledgement} from '../domain/operations/acknowledgement.ts';
import type {AuditRecord} from '../domain/operations/run.ts';
import {stateFolder} from '../lib/files.ts';
import {redact} from '../lib/secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Who = {
	user: string;
	/** The user who called sudo. */
	sudo_user: string | undefined;
	host: string;
	/** The address of the SSH client. */
	ssh_client: string | undefined;
};

export function auditFile(environment: Environment = process.env): string {
	return path.join(stateFolder(environment), 'audit.ndjson');
}

export function whoIsThere(environment: Environment = process.env): Who {
	return {
		user: userName(environment),
		sudo_user: environment.SUDO_USER,
		host: hostname(),
		ssh_client: environment.SSH_CONNECTION?.split(' ')[0] ?? environment.SSH_CLIENT?.split(' ')[0],
	};
}

/** A user id without an entry in passwd has no name. */
function userName(environment: Environment): string {
	try {
		return userInfo().username;
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR')) {
			throw error;
		}

		return environment.USER ?? `uid ${process.getuid?.() ?? 'unknown'}`;
	}
}

export class AuditLog {
	readonly #file: string;
	readonly #who: Who;
	/** Lines are written one by one, in order. */
	#last: Promise<void> = Promise.resolve();

	constructor(file = auditFile(), who = whoIsThere()) {
		this.#file = file;
		this.#who = who;
	}

	get file(): string {
		return this.#file;
	}

	/** Resolves when the line is on disk; rejects if it cannot be written. */
	async append(record: AuditRecord | Acknowledgement): Promise<void> {
		const written = this.#last.then(async () => this.#write(record));
		// The caller gets the error; the next record is still written.
		this.#last = written.catch(() => undefined);
		return written;
	}

	/** Resolves when all lines so far are written or have failed. */
	async settled(): Promise<void> {
		await this.#last;
	}

	async #write(record: AuditRecord | Acknowledgement): Promise<void> {
		await mkdir(path.dirname(this.#file), {recursive: true, mode: 0o700});
		const {version, at, ...rest} = record;
		const line = `${JSON.stringify({version, at, who: this.#who, ...rest}, (_, value: unknown) =>
			typeof value === 'string' ? redact(value) : value,
		)}\n`;
		await appendFile(this.#file, line, {mode: 0o600, flush: true});
	}
}

type Notice = {text: string; tone: 'dim' | 'warn'};

/** Writes a new file in the folder `logs` of the state folder, readable only by its owner. */
export async function writeLogs(
	lines: readonly LogLine[],
	environment: Readonly<Record<string, string | undefined>> = process.env,
	now = Date.now(),
): Promise<Notice> {
	const file = path.join(stateFolder(environment), 'logs', `log-${fileTime(now)}.txt`);
	const text = lines.map(line => `${redact(logLineText(line))}\n`).join('');
	return (
		(await writeNew(file, text)) ?? {
			text: `${lines.length.toLocaleString('en')} lines written to ${file}`,
			tone: 'dim',
		}
	);
}

/** Writes a new file in the folder `screens` of the state folder, readable only by its owner. */
export async function writeScreen(
	text: string,
	environment: Readonly<Record<string, string | undefined>> = process.env,
	now = Date.now(),
): Promise<Notice> {
	const file = path.join(stateFolder(environment), 'screens', `screen-${fileTime(now)}.txt`);
	return (await writeNew(file, redact(text))) ?? {text: `screen written to ${file}`, tone: 'dim'};
}

function fileTime(now: number): string {
	return new Date(now).toISOString().replaceAll(/[-:]/g, '').replace('.', '');
}

/** Never over a file. @returns why it could not be written; undefined if it was */
async function writeNew(file: string, text: string): Promise<Notice | undefined> {
	try {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		const handle = await open(file, 'wx', 0o600);
		try {
			await handle.writeFile(text);
		} finally {
			await handle.close();
		}
	} catch (error) {
		return {text: `${file} could not be written: ${reasonOf(error)}`, tone: 'warn'};
	}

	return undefined;
}

/** Formats a line with the node's own time, in UTC with microseconds, and how often it came. */
function logLineText({at, node, service, word, times, text}: LogLine): string {
	const milliseconds = Math.floor(at / 1000);
	const time = new Date(milliseconds)
		.toISOString()
		.replace('Z', `${String(Math.floor(at % 1000)).padStart(3, '0')}Z`);
	const count = times === undefined ? '' : `×${times}`;
	return [time, node ?? '-', service, word, count, text].filter(part => part !== '').join(' ');
}

/** Terminals silently drop longer texts. */
const textMaxBytes = 70_000;

export function copyToClipboard(
	text: string,
	terminal: {write: (bytes: string) => unknown} = process.stdout,
): void {
	const bytes = Buffer.from(redact(text)).subarray(0, textMaxBytes);
	terminal.write(`\u001B]52;c;${bytes.toString('base64')}\u0007`);
}
