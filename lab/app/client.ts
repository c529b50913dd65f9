/** The application's user: `client.ts ADDRESS VERB …`, run in the operator's network; messages go to stderr. */
import {readFileSync, writeFileSync} from 'node:fs';
import {basename} from 'node:path';
import process from 'node:process';
import prettyBytes from 'pretty-bytes';
import {hasCode, LabError, messageOf} from '../failure.ts';
import {exitCodeOf, numberIn, parse, required, UsageError} from '../usage.ts';
import {writeSteadily} from './load.ts';
import {compare, parseRecord, summaryOf, type Write} from './record.ts';
import {NotAcknowledged, Refused, type StoredFile, Wiki} from './wiki.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main([address = '', verb, ...args]: string[]): Promise<number> {
	const wiki = new Wiki(address);
	switch (verb) {
		case 'upload': {
			const {positionals} = parse(args, {}, 'app upload FILE');
			return upload(wiki, required(positionals[0], 'app upload FILE'));
		}

		case 'fetch': {
			const usage = 'app fetch NAME [--output FILE]';
			const {values, positionals} = parse(args, {output: {type: 'string'}}, usage);
			const content = await wiki.fetch(basename(required(positionals[0], usage)));
			if (values.output === undefined) process.stdout.write(content);
			else writeFileSync(values.output, content);
			return 0;
		}

		case 'load': {
			const {values} = parse(args, {
				every: {type: 'string'},
				for: {type: 'string'},
				check: {type: 'boolean'},
			});
			const every = numberIn(values.every, '--every', 'milliseconds') ?? 250;
			return load(wiki, every, numberIn(values.for, '--for', 'seconds'), values.check ?? false);
		}

		case 'check': {
			const file = required(parse(args, {}, 'app check RECORD').positionals[0], 'app check RECORD');
			const {page, writes} = parseRecord(read(file).toString('utf8'), file);
			return check(wiki, page, writes);
		}

		case 'ping':
			await wiki.ping();
			return 0;

		default:
			throw new UsageError('usage: npm run lab -- app upload FILE | fetch NAME | load | check RECORD');
	}
}

async function upload(wiki: Wiki, file: string): Promise<number> {
	const content = read(file);
	const begun = performance.now();
	let stored: StoredFile;
	try {
		stored = await wiki.upload(basename(file), content);
	} catch (error) {
		if (error instanceof Refused) throw new LabError(`the wiki refuses ${file}: ${messageOf(error)}`);
		if (!(error instanceof NotAcknowledged)) throw error;
		throw new LabError(`the wiki did not acknowledge ${file}: ${messageOf(error)}; upload it again`);
	}

	const ms = Math.round(performance.now() - begun);
	say(
		`${file} is ${stored.title}, ${prettyBytes(stored.size)}, SHA-1 ${stored.sha1}, acknowledged in ${ms} ms`,
	);
	return 0;
}

async function load(
	wiki: Wiki,
	every: number,
	seconds: number | undefined,
	thenCheck: boolean,
): Promise<number> {
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
	if (seconds !== undefined) setTimeout(() => stop.abort(), seconds * 1000).unref();
	// The reader has closed the pipe, e.g. `| head`.
	process.stdout.on('error', error => {
		if (!hasCode(error, 'EPIPE')) throw error;
		stop.abort();
	});
	const note = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
	const page = `Load ${new Date().toISOString()}`;
	note({page});
	const writes = await writeSteadily(wiki, page, every, stop.signal, note);
	for (const line of summaryOf(writes)) say(line);
	return thenCheck ? check(wiki, page, writes) : 0;
}

async function check(wiki: Wiki, page: string, writes: readonly Write[]): Promise<number> {
	const {text, missing} = compare(writes, await wiki.summariesOf(page));
	say(text);
	return missing.length === 0 ? 0 : 1;
}

function read(file: string): Buffer<ArrayBuffer> {
	try {
		return readFileSync(file);
	} catch (error) {
		throw new LabError(`cannot read ${file}: ${messageOf(error)}`);
	}
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof LabError)) throw error;
	say(`lab: ${error.message}`);
	process.exitCode = exitCodeOf(error);
}
