/** Reads the logs that are in a folder: what a colleague sent. */
import {createReadStream, type Dirent} from 'node:fs';
import {open, readdir} from 'node:fs/promises';
import path from 'node:path';
import {pipeline, type Readable} from 'node:stream';
import {createGunzip, createZstdDecompress} from 'node:zlib';
import {serviceIds, services} from '../domain/cluster/services.ts';
import type {PastLine} from '../domain/history/collect.ts';
import {bootOf, FileReader, JournalReader, type NodeClock, textMaxLength} from '../domain/logs/journal.ts';
import {errnoWords} from '../lib/faults.ts';
import {LineSplitter} from '../lib/line-splitter.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {PastLogs} from '../sources/past/node-logs.ts';
import {AutopsyError} from './problem.ts';

/** Bytes of a line that are kept. */
const lineMaxBytes = 1024 * 1024;
const filesMax = 2000;
const depthMax = 4;
/** The clocks of the nodes were not compared: ms that the time of a line may be off. */
const clocksMs = 1000;

type Found = {file: string; node: string; service: string | undefined};

/** @param units names of systemd units by service, where they differ. @throws AutopsyError */
export async function logsOfFolder(
	folder: string,
	span: {since: number; until: number},
): Promise<PastLogs[]> {
	const skipped: string[] = [];
	const files = await filesIn(folder, skipped);
	if (files.length === 0) {
		throw new AutopsyError(
			`${folder}: no log: it needs a folder for each node, or files as pgdb1.json (journalctl -o json) and pgdb1-patroni.log`,
		);
	}

	const found = files.map(file => placeOf(folder, file));
	return [...Map.groupBy(found, ({node}) => node)].map(([node, all], index) => {
		const problems = index === 0 ? skipped : [];
		// Rotated files of one log are one stream: the older first.
		const logs = [...Map.groupBy(all, one => streamOf(one))].map(([, parts]) =>
			linesOf(parts.toSorted(olderFirst), span, problems),
		);
		return {node, logs, problems};
	});
}

/** @param skipped gets what is not read, and why */
async function filesIn(folder: string, skipped: string[], depth = 0): Promise<string[]> {
	let entries: Dirent[];
	try {
		entries = await readdir(folder, {withFileTypes: true});
	} catch (error) {
		throw new AutopsyError(`${sanitize(folder)}: ${errnoWords(error)}`);
	}

	const files: string[] = [];
	for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
		const name = path.join(folder, entry.name);
		if (entry.isSymbolicLink()) {
			skipped.push(`${sanitize(name)}: it is a symbolic link, which is not followed: it is not read`);
		} else if (entry.isDirectory() && depth === depthMax) {
			skipped.push(`${sanitize(name)}: it is deeper than ${depthMax} folders: it is not read`);
		} else if (entry.isDirectory()) {
			files.push(...(await filesIn(name, skipped, depth + 1)));
		} else if (entry.isFile() && !entry.name.startsWith('.')) {
			files.push(name);
		}
	}

	if (files.length > filesMax) {
		throw new AutopsyError(`${folder}: more than ${filesMax} files`);
	}

	return files;
}

const knownLogs: readonly string[] = [...new Set(serviceIds.flatMap(id => services[id].logs)), 'kernel'];

/** The node is the first folder, or what precedes the service in the file's name; the service is in the name. */
function placeOf(root: string, file: string): Found {
	const parts = path.relative(root, file).split(path.sep);
	const name = parts.at(-1) ?? '';
	const service = serviceIn(name);
	const plain = name.replace(/\.(?:json|ndjson|log|txt|csv|journal|out|gz|zst|\d+)(?=\.|$)/g, '');
	const at = service === undefined ? -1 : plain.lastIndexOf(service === 'postgresql' ? 'postgres' : service);
	const before = at > 0 ? plain.slice(0, at) : plain;
	const node =
		parts.length > 1 ? (parts[0] ?? '') : before.replace(/[-_.](?:journal)?$/, '').replace(/[-_.]+$/, '');
	return {file, node: sanitize(node) || 'unnamed', service};
}

/** The last name in it: `etcd1-haproxy.log` is HAProxy's; `postgresql-17-patroni.log` is that of a cluster in Debian. */
function serviceIn(name: string): string | undefined {
	const [last] = [...knownLogs, 'postgres']
		.map(one => ({one, at: name.lastIndexOf(one)}))
		.filter(({at}) => at >= 0)
		.toSorted((a, b) => b.at - a.at || b.one.length - a.one.length);
	return /postgresql-\d/.test(name) || last?.one === 'postgres' ? 'postgresql' : last?.one;
}

function streamOf({file}: Found): string {
	return file.replace(/(?:[.-]\d{1,8})?(?:\.(?:gz|zst))?$/, '');
}

/** `x.log.2.gz` is older than `x.log.1`, and `x.log-20261126` than `x.log-20261127`; `x.log` is the newest. */
function olderFirst(one: Found, other: Found): number {
	const [{file: a}, {file: b}] = [one, other];
	const [isNewest, isOtherNewest] = [a === streamOf(one), b === streamOf(other)];
	if (isNewest !== isOtherNewest) {
		return isNewest ? 1 : -1;
	}

	const number = (file: string) => Number(/\.(\d{1,3})(?:\.(?:gz|zst))?$/.exec(file)?.[1] ?? 0);
	return number(b) - number(a) || (a < b ? -1 : 1);
}

async function* linesOf(
	files: readonly Found[],
	{since, until}: {since: number; until: number},
	problems: string[],
): AsyncGenerator<PastLine> {
	for (const one of files) {
		try {
			const read = await readerOf(one, until);
			let [isWritten, isDated] = [false, false];
			for await (const text of textLines(one.file)) {
				const past = read(text);
				isWritten = true;
				isDated ||= past !== undefined;
				if (past !== undefined && past.at >= since && past.at <= until) {
					yield past;
				}
			}

			if (isWritten && !isDated) {
				problems.push(`${sanitize(one.file)}: no line of it begins with a time: it is not read`);
			}
		} catch (error) {
			problems.push(`${sanitize(one.file)}: it is not read to its end: ${errnoWords(error)}`);
		}
	}
}

/** Uniform access to the lines of the journal as JSON, of syslog, and of a program's own file. */
async function readerOf(
	{file, node, service}: Found,
	until: number,
): Promise<(text: string) => PastLine | undefined> {
	const from = `${sanitize(path.basename(file))} of ${node}`;
	const clock: NodeClock = {correction: 0, zone: -new Date(until).getTimezoneOffset()};
	const heads = await headOf(file);
	const head = heads[0] ?? '';
	if (head.startsWith('{') && head.includes('__REALTIME_TIMESTAMP')) {
		const names = new Map<string, string>(
			serviceIds.map(id => [`${services[id].unit.replace(/\.service$/, '')}.service`, id]),
		);
		const reader = new JournalReader(node, clock, names);
		return text => {
			const read = reader.read(text);
			return read === undefined
				? undefined
				: {
						at: read.line.order / 1000,
						uncertainMs: clocksMs,
						from: `journal of ${node}`,
						boot: read.cursor === undefined ? undefined : bootOf(read.cursor),
						line: read.line,
					};
		};
	}

	// The first may be one of journalctl's own, or the rest of a line that was rotated.
	const isSyslog = heads.some(text => syslogLine.test(text));
	const readers = new Map<string, FileReader>();
	const readerFor = (name: string) => {
		const known = readers.get(name) ?? new FileReader(node, name, clock);
		readers.set(name, known);
		return known;
	};
	return text => {
		const identifier = isSyslog ? syslogLine.exec(text)?.groups?.identifier : undefined;
		const name = identifier === undefined ? (service ?? 'system') : serviceOf(identifier);
		const line = readerFor(name).read(text.slice(0, textMaxLength), until);
		return line.isTimeAssumed === true
			? undefined
			: {at: line.order / 1000, uncertainMs: clocksMs, from, boot: undefined, line};
	};
}

/** A line of syslog, or of `journalctl` as text: a time, a host, a program. */
const syslogLine =
	/^(?:[A-Z][a-z]{2} [ \d]\d [\d:.]{8,15}|\d{4}-\d\d-\d\d[T ][\d:.,]{8,15}(?:Z|[+-]\d\d:?\d\d)?) \S{1,255} (?<identifier>[^ :[\]]{1,64})(?:\[\d{1,10}\])?: /;

/** The log's name by the program that syslog names. */
function serviceOf(identifier: string): string {
	const name = identifier.toLowerCase();
	return (
		knownLogs.find(one => name.startsWith(one)) ??
		(name.startsWith('postgres') ? 'postgresql' : name === 'kernel' ? 'kernel' : 'system')
	);
}

const headsMax = 20;

/** The first lines that are not empty. */
async function headOf(file: string): Promise<string[]> {
	const heads: string[] = [];
	for await (const text of textLines(file)) {
		if (text !== '' && heads.push(text.slice(0, 4000)) === headsMax) {
			break;
		}
	}

	return heads;
}

async function* textLines(file: string): AsyncGenerator<string> {
	const splitter = new LineSplitter(lineMaxBytes);
	let lines: string[] = [];
	for await (const chunk of await plainStream(file)) {
		splitter.push(chunk as Buffer, text => {
			lines.push(text);
		});
		yield* lines;
		lines = [];
	}

	// The last line may have no end.
	splitter.push(Buffer.from('\n'), text => {
		lines.push(text);
	});
	yield* lines.filter(text => text !== '');
}

/** First bytes of files that are not read, and what mends that. */
const unreadable: readonly (readonly [string, string])[] = [
	['\u00FD7zXZ\0', 'it is packed with xz; unpack it first with unxz'],
	['BZh', 'it is packed with bzip2; unpack it first with bunzip2'],
	['PK\u0003\u0004', 'it is a zip archive; unpack it first'],
	[
		'LPKSHH',
		"it is one of journald's own files; write it as JSON first: journalctl --file=FILE --output=json",
	],
];

/** Unpacked by its first bytes, whatever its name. */
async function plainStream(file: string): Promise<Readable> {
	const handle = await open(file, 'r');
	const magic = Buffer.alloc(6);
	try {
		await handle.read(magic, 0, 6, 0);
	} finally {
		await handle.close();
	}

	const input = createReadStream(file);
	const unpack = magic.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))
		? createGunzip()
		: magic.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
			? createZstdDecompress()
			: undefined;
	const first = magic.toString('latin1');
	const remedy = unreadable.find(([start]) => first.startsWith(start))?.[1];
	if (remedy !== undefined) {
		input.destroy();
		throw new AutopsyError(remedy);
	}

	// An error of either side reaches the reader of the last one.
	return unpack === undefined ? input : pipeline(input, unpack, () => undefined);
}
