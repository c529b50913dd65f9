/** Saves the nodes' journals of an incident: only the fields and the services that the console reads. */
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import type {Setup} from '../../lab/disk.ts';
import type {Node} from '../../lab/inventory.ts';
import {journalCommand} from '../../lab/journal.ts';
import {run} from '../../lab/run.ts';
import {journalFields} from '../../source/domain/logs/journal.ts';

type Entry = Record<string, unknown>;

/** Sessions and helpers of the lab itself, and the page that HAProxy serves to it. */
const unwanted =
	/^(?:user@|session-|user-|dbus|systemd-(?:journald|tmpfiles|user-sessions)|console-getty|init\.scope\.d)/;

/** @returns the bytes that were written */
export async function saveJournals(
	folder: string,
	nodes: readonly Node[],
	setup: Setup,
	since: number,
): Promise<number> {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	let bytes = 0;
	for (const {name} of nodes) {
		const {file, args} = journalCommand(name, setup, [
			...['--output=json', '--no-pager', `--since=@${(since / 1000).toFixed(3)}`],
			`--output-fields=${journalFields.join(',')}`,
		]);
		const lines = (await run(file, args, {timeout: 60_000})).split('\n').filter(Boolean);
		bytes += save(path.join(folder, `${name}.json.gz`), lines.map(line => JSON.parse(line)).filter(isWanted));
	}

	return bytes;
}

/** Parts of a stack trace, which no reader needs. */
const trace = /^(?: |\[<|R[A-Z\d]{2}: |(?:Code|CPU|CS|FS|RIP|Call Trace|Hardware name|Modules linked in):)/;

/**
 * The nodes are containers, whose journals have no lines of the kernel: this machine's kernel is theirs. Its lines have no node, and
 * may be of another lab. @returns the bytes that were written
 */
export async function saveKernelLog(folder: string, since: number, until = Date.now()): Promise<number> {
	const {dmesg}: {dmesg: {pri: number; time: number; msg: string}[]} = JSON.parse(
		await run('dmesg', ['--json'], {timeout: 10_000}),
	);
	const bootedAt = Date.now() - os.uptime() * 1000;
	const entries = dmesg
		.map(({pri, time, msg}) => ({at: bootedAt + time * 1000, pri, msg}))
		.filter(({at, msg}) => at >= since && at <= until && !trace.test(msg))
		.map(({at, pri, msg}) => ({
			__REALTIME_TIMESTAMP: String(Math.round(at * 1000)),
			MESSAGE: msg,
			PRIORITY: String(pri & 7),
			SYSLOG_IDENTIFIER: 'kernel',
			_TRANSPORT: 'kernel',
		}));
	return entries.length === 0 ? 0 : save(path.join(folder, 'kernel.json.gz'), entries);
}

function save(file: string, entries: readonly Entry[]): number {
	const text = entries.map(entry => `${JSON.stringify(compact(entry))}\n`).join('');
	const packed = gzipSync(text, {level: 9});
	writeFileSync(file, packed);
	return packed.length;
}

function isWanted(entry: Entry): boolean {
	const unit = entry.UNIT ?? entry._SYSTEMD_UNIT;
	return !(
		(typeof unit === 'string' && unwanted.test(unit)) ||
		entry._COMM === 'sudo' ||
		entry.SYSLOG_IDENTIFIER === 'sshd-session' ||
		(entry.SYSLOG_IDENTIFIER === 'sshd' && entry.PRIORITY === '6') ||
		(typeof entry.MESSAGE === 'string' && entry.MESSAGE.includes('<STATS>'))
	);
}

/** Without the cursor and the other clock. */
function compact(entry: Entry): Entry {
	return Object.fromEntries(
		['__REALTIME_TIMESTAMP', ...journalFields].flatMap(field =>
			entry[field] === undefined ? [] : [[field, entry[field]]],
		),
	);
}
