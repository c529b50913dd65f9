/**
 * Makes the corpus of PostgreSQL's log lines: a real server writes each message to stderr, with the log_line_prefix, and
 * to csvlog. Needs root, and a Debian tree of the lab (`lab/readme.md`), which stays unchanged below an overlay:
 *
 *     node tools/log-corpus/cli.ts /var/lib/pgha-lab/trees/trixie
 *
 * Writes `test/captures/postgresql-logs.ndjson`: a line per setting, as `LogSample` in `test/support/log-corpus.ts`.
 */
import {execFileSync} from 'node:child_process';
import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {parse} from 'csv-parse/sync';
import type {CsvRow, LogMessage, LogSample} from '../../test/support/log-corpus.ts';
import {type Setting, settings} from './prefixes.ts';

const here = import.meta.dirname;
const output = path.join(here, '../../test/captures/postgresql-logs.ndjson');

/** Messages, in English, that each start and stop repeats. */
const repeated =
	/^(?:starting PostgreSQL|listening on|connection auth|received fast|aborting any|background worker|shutting down|checkpoint complete|checkpoint starting: shutdown|terminating any|database system is shut)/;

const [tree] = process.argv.slice(2);
if (tree === undefined) {
	console.error(
		'usage: node tools/log-corpus/cli.ts TREE   (a tree of the lab, with the folders base and db)',
	);
	process.exit(2);
}

const folder = mkdtempSync('/var/tmp/log-corpus-');
try {
	runServers(path.resolve(tree), folder);
	const samples = settings.map((setting, index) => sampleOf(setting, path.join(folder, 'logs', `${index}`)));
	writeFileSync(
		output,
		compacted(samples)
			.map(sample => `${JSON.stringify(sample)}\n`)
			.join(''),
	);
} finally {
	rmSync(folder, {recursive: true, force: true});
}

/** Writes the logs of all settings to `logs` of the folder. The mounts end with their namespace. */
function runServers(from: string, work: string): void {
	const [version] = readdirSync(path.join(from, 'db/upper/usr/lib/postgresql'));
	if (version === undefined) {
		throw new Error(`no PostgreSQL in ${from}/db/upper/usr/lib/postgresql`);
	}

	for (const name of ['upper', 'work', 'root', 'corpus']) {
		mkdirSync(path.join(work, name));
	}

	for (const file of ['server.sh', 'statements.sql']) {
		copyFileSync(path.join(here, file), path.join(work, 'corpus', file));
	}

	const lines = settings.map(
		// A dot keeps an empty prefix, and its leading space, as the shell reads the fields.
		({prefix, timezone, messages = 'C.UTF-8'}, index) => `${index}\t.${prefix}\t${timezone}\t${messages}\n`,
	);
	writeFileSync(path.join(work, 'corpus/settings'), lines.join(''));
	const locales = [...new Set(settings.flatMap(({messages}) => messages ?? []))];
	const script = [
		'set -eu',
		`mount -t overlay overlay -o "lowerdir=${from}/db/upper:${from}/base,upperdir=${work}/upper,workdir=${work}/work" "${work}/root"`,
		`cd "${work}/root"`,
		'mkdir -p corpus proc dev/shm',
		`mount --bind "${work}/corpus" corpus`,
		'mount -t proc proc proc',
		'[ -c dev/null ] || mount --rbind /dev dev',
		'mount -t tmpfs tmpfs dev/shm',
		'mkdir -p usr/share/i18n && mount --bind /usr/share/i18n usr/share/i18n',
		...locales.map(locale => `chroot . localedef -i "${locale.split('.')[0]}" -f UTF-8 "${locale}" || true`),
		`chroot . sh /corpus/server.sh ${version}`,
	].join('\n');
	execFileSync(
		'unshare',
		['--mount', '--pid', '--fork', '--kill-child', '--propagation=private', 'sh', '-c', script],
		{
			stdio: ['ignore', 'inherit', 'inherit'],
		},
	);
	execFileSync('mv', [path.join(work, 'corpus/logs'), path.join(work, 'logs')]);
}

function sampleOf(setting: Setting, file: string): LogSample {
	const rows = (parse(readFileSync(`${file}.csv`), {relax_column_count: true}) as string[][]).map(rowOf);
	const lines = readFileSync(`${file}.log`, 'utf8').split('\n').slice(0, -1);
	let end = lines.length;
	const messages: LogMessage[] = [];
	// From the end: a message's own first line is the last one before its details that has its text.
	for (const row of rows.toReversed()) {
		const [text = ''] = row.message.split('\n', 1);
		const start = lines
			.slice(0, end)
			.findLastIndex(
				line =>
					!line.startsWith('\t') && line.includes(`:  ${row.state === '22P02' ? '22P02: ' : ''}${text}`),
			);
		if (start < 0) {
			throw new Error(`${file}: csvlog has another order than stderr at "${text}"; run again`);
		}

		messages.unshift({lines: lines.slice(start, end), row});
		end = start;
	}

	if (end > 0) {
		throw new Error(`${file}: lines without a row of csvlog: ${lines.slice(0, end).join('\n')}`);
	}

	return {...setting, log: messages};
}

function rowOf(row: readonly string[]): CsvRow {
	const of = (index: number) => row[index] ?? '';
	return {
		time: of(0),
		user: of(1),
		database: of(2),
		pid: Number(of(3)),
		severity: of(11),
		state: of(12),
		message: of(13),
		...Object.fromEntries(
			[
				['detail', of(14)],
				['hint', of(15)],
				['context', of(18)],
				['query', of(19)],
				['location', of(21)],
			].filter(([, text]) => text !== ''),
		),
	};
}

/**
 * csvlog has the severity in the server's language: the same message in English has the true one. Messages that every
 * start and stop repeats are left out.
 */
function compacted(samples: readonly LogSample[]): LogSample[] {
	return samples.map(sample => {
		const english = samples.find(({prefix, messages}) => messages === undefined && prefix === sample.prefix);
		const states = (one?: LogSample) => one?.log.map(({row}) => row.state).join();
		if (english === undefined || states(english) !== states(sample)) {
			throw new Error(`${sample.messages}: not the same messages as in English; run again`);
		}

		const log = sample.log.flatMap(({lines, row}, index) => {
			const {message = '', severity = ''} = english.log[index]?.row ?? {};
			return repeated.test(message) ? [] : [{lines, row: {...row, severity}}];
		});
		return {...sample, log};
	});
}
