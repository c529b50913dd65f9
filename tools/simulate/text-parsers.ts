/** Parsers of all other input: files, prompts, settings, recordings, bytes. */
import {etcdAccess, restAccess} from '../../source/config/access.ts';
import {Layers} from '../../source/config/layers.ts';
import {parseDsn, passwordIn, whyRefused} from '../../source/config/libpq.ts';
import {notices} from '../../source/config/notices.ts';
import {isSecret} from '../../source/config/origin.ts';
import {probeAccess} from '../../source/config/probe.ts';
import {settingsSchema} from '../../source/config/schema.ts';
import {templateProblems} from '../../source/config/template.ts';
import {yamlText} from '../../source/config/yaml-file.ts';
import {FrameCheck} from '../../source/connections/postgres-access.ts';
import {parseKnownHosts, verdictOn} from '../../source/connections/ssh/known-hosts.ts';
import {parseSettings} from '../../source/connections/ssh/settings.ts';
import {parseNodeAnswer} from '../../source/discovery/node-files.ts';
import {factsOf} from '../../source/discovery/read-node.ts';
import {contentOf, foundValues} from '../../source/discovery/values.ts';
import {readLine} from '../../source/domain/history/read-line.ts';
import {saidTextMax} from '../../source/domain/history/said.ts';
import {termsOf} from '../../source/domain/logs/filtered-lines.ts';
import {parseTimestamp} from '../../source/domain/logs/timestamp.ts';
import {isFault} from '../../source/lib/faults.ts';
import type {Json} from '../../source/lib/json.ts';
import {parseJson} from '../../source/lib/json.ts';
import {LineSplitter} from '../../source/lib/line-splitter.ts';
import {maskQuery} from '../../source/lib/mask-query.ts';
import {parseMoment, parseWhen, writeTime} from '../../source/lib/parse-time.ts';
import {sanitize, sanitizeLogLine} from '../../source/lib/sanitize.ts';
import {redact, withoutSecrets} from '../../source/lib/secrets.ts';
import {eventOf, headerOf, indexOf, snapshotOf, timeOf} from '../../source/recording/read/lines.ts';
import {parsePromptTime} from '../../source/replay/playback-status.ts';
import {update} from '../../source/state/update.ts';
import {type Key, KeyParser} from '../../source/ui/key-parser.ts';
import {healthySession, start} from '../../test/support/session.ts';
import {hold, holdAllSafe, holdSafe} from './laws.ts';
import {halves, type Parser} from './parser.ts';
import * as seeds from './seeds.ts';

const healthy = healthySession('trixie').state;

export const textParsers: Readonly<Record<string, Parser>> = {
	'times in logs': {
		seeds: seeds.stamps,
		read(input) {
			const at = parseTimestamp(input, {local: 60}, start);
			hold(at === undefined || Number.isFinite(new Date(at / 1000).getTime()), 'a time is a date');
			return [];
		},
	},
	'what a line of a log says': {
		seeds: seeds.saidLines,
		read(input) {
			const [service, text] = halves(input);
			for (const word of ['', 'LOG', 'FATAL']) {
				const said = readLine({service, word, text: sanitizeLogLine(text)});
				for (const value of Object.values(said ?? {})) {
					hold(typeof value !== 'number' || Number.isFinite(value), 'a field is a number');
					hold(typeof value !== 'string' || value.length <= saidTextMax, 'a field is short');
				}
			}

			return [];
		},
	},
	'typed times': {
		seeds: seeds.typedTimes,
		read(input) {
			for (const read of [
				parseMoment(input, start),
				parsePromptTime(input, {time: start, endedAt: start + 60_000}),
				parseWhen(input, start),
			]) {
				if ('at' in read && read.at !== undefined) {
					const again = parseMoment(writeTime(read.at), start);
					hold('at' in again && again.at === read.at, 'a time that is written reads back as the same');
				}
			}

			return [];
		},
	},
	'SQL statements': {
		seeds: seeds.statements,
		read(input) {
			const shown = maskQuery(sanitize(input));
			hold([...shown].length <= 240 && shown.isWellFormed(), 'a masked statement is short and whole');
			const literal = maskQuery(`SELECT '${input.replaceAll("'", "''")}'`);
			hold(/^SELECT \?…?$/.test(literal), 'nothing of a literal remains');
			return [];
		},
	},
	'ssh -G': {
		seeds: seeds.sshSettings,
		read(input) {
			parseSettings(input, 'pgdb1', {});
			return [];
		},
	},
	known_hosts: {
		seeds: seeds.knownHosts,
		read(input) {
			const known = parseKnownHosts(input, '10.73.0.160');
			for (const {key} of known.slice(0, 1)) {
				verdictOn(key, known);
			}

			return [];
		},
	},
	'connection strings': {
		seeds: seeds.dsns,
		// The operator's own file, read once.
		milliseconds: 1000,
		read(input) {
			passwordIn(input);
			for (const [name, value] of Object.entries(parseDsn(input) ?? {})) {
				whyRefused(name, value);
			}

			const layer = {
				content: {scope: 'a', 'pgha-top': {vip: '10.0.0.1', probe: {dsn: input}}},
				originOf: (path: readonly string[]) => ({file: 'f', line: 1, key: path.join('.')}),
			};
			const layers = new Layers([layer]);
			const content = layers.validate(settingsSchema);
			probeAccess({content: {...content, scope: 'a'}, layers, ownLayers: [], files: []}, {});
			return [];
		},
	},
	'files of a node': {
		seeds: seeds.nodeFiles,
		// Read once, at the start.
		milliseconds: 3000,
		read(input) {
			const kinds = ['haproxy', 'keepalived', 'pgbouncer', 'patroni', 'vip-manager', 'other'] as const;
			const files = kinds.map(kind => ({kind, path: `/etc/${kind}`, text: input}));
			const answer = {isWhole: true, hostname: 'a', files, unread: [], units: [], processes: []};
			const {values} = foundValues([{name: 'a', facts: factsOf('10.0.0.1', answer)}]);
			new Layers([{content: contentOf(values), originOf: () => ({name: 'found'})}]).validate(settingsSchema);
			parseNodeAnswer(input, 'ab'.repeat(16));
			return [];
		},
	},
	configuration: {
		seeds: seeds.configurations,
		// The operator's own files, read once; the library takes some µs per character.
		milliseconds: 3000,
		read(input) {
			const layers = new Layers([yamlText('patroni.yml', input)]);
			const content = layers.validate(settingsSchema);
			const settings = {content: {...content, scope: content.scope ?? ''}, layers, ownLayers: [], files: []};
			etcdAccess(settings);
			restAccess(settings);
			notices(settings);
			templateProblems(layers, isSecret);
			probeAccess(settings, {});
			return [];
		},
	},
	'lines of recordings': {
		seeds: seeds.recordingLines,
		read(input) {
			timeOf(input);
			const kept: unknown[] = [];
			refused(() => kept.push(headerOf(input)));
			refused(() => kept.push(indexOf(input)));
			refused(() => {
				const {at, state} = snapshotOf(input);
				const [{now, cluster}] = update(state, {at, event: {type: 'tick'}});
				kept.push(now, [...cluster.keys], [...cluster.sourceStatuses]);
			});
			refused(() => {
				const stamped = eventOf(input);
				update(healthy, stamped);
				kept.push(stamped.event);
			});
			holdAllSafe(kept, 'a recording', {isRecording: true});
			return [];
		},
	},
	'log patterns': {
		seeds: seeds.patterns,
		read(input) {
			const [filter, text] = halves(input);
			const terms = termsOf(filter.slice(0, 1000));
			for (const {pattern} of 'value' in terms ? terms.value.slice(0, 8) : []) {
				const line = text.slice(0, 8192);
				pattern.test(line);
				for (const [from, to] of pattern.ranges(line)) {
					hold(from < to && to <= line.length, 'what is marked stands in the line');
				}
			}

			return [];
		},
	},
	'secrets in text': {
		seeds: seeds.secrets,
		// Some twenty patterns in sequence, each in linear time.
		milliseconds: 500,
		read(input) {
			redact(input);
			let json: unknown;
			try {
				json = parseJson(input);
			} catch {
				return [];
			}

			withoutSecrets(json as Json);
			return [];
		},
	},
	"PostgreSQL's frames": {
		seeds: seeds.frames,
		read(input) {
			const bytes = Buffer.from(input, 'latin1');
			const verdict = (...sizes: readonly number[]) => {
				const check = new FrameCheck();
				try {
					for (let at = 0, turn = 0; at < bytes.length; turn++) {
						const size = sizes[turn % sizes.length] ?? bytes.length;
						check.push(bytes.subarray(at, at + size));
						at += size;
					}
				} catch (error) {
					return error instanceof Error && !(error instanceof TypeError) ? error.message : String(error);
				}

				return 'frames';
			};
			hold(verdict(bytes.length || 1) === verdict(1, 7, 2), 'frames are the same however they are cut');
			return [];
		},
	},
	'lines out of chunks': {
		seeds: seeds.logLines,
		read(input) {
			const bytes = Buffer.from(input);
			const lines = (size: number) => {
				const found: string[] = [];
				const splitter = new LineSplitter(100);
				for (let at = 0; at < bytes.length; at += size) {
					splitter.push(bytes.subarray(at, at + size), (line, length, isCut) => {
						found.push(`${length} ${isCut} ${line}`);
					});
				}

				return found.join('\n');
			};
			hold(lines(bytes.length || 1) === lines(53), 'lines are the same however they are cut');
			return [];
		},
	},
	'text of any kind': {
		seeds: [...seeds.logLines, ...seeds.secrets],
		read(input) {
			const line = sanitize(input);
			holdSafe(line, 'text');
			hold(sanitize(line) === line, 'what is safe stays as it is');
			holdSafe(sanitizeLogLine(input).replaceAll('\t', ' '), 'a line of a log');
			return [];
		},
	},
	'keys and pasted text': {
		seeds: [
			'\u001B[200~pgdb1\u001B[201~',
			'abc\u001B[20',
			'\u001B\u001B[201~\r',
			'\u001B[A\u001Bf\u001B[15~',
		],
		read(input) {
			const keys = (...chunks: readonly string[]) => {
				const parser = new KeyParser();
				// Within a paste that has no end, Ctrl-C counts by its chunk.
				const all = [...chunks, '\u001B[201~'];
				return joined([...all.flatMap(chunk => parser.push(chunk)), ...parser.flush()]);
			};
			const chunks = halves(input);
			hold(keys(chunks.join('')) === keys(...chunks), 'chunks do not change keys');
			return [];
		},
	},
};

/** The keys as text; parts of one paste count as one, and what is wrong with one is no key. */
function joined(keys: readonly Key[]): string {
	return keys.map(key => ('pasted' in key ? key.pasted : 'name' in key ? key.name : '')).join('');
}

/** Ignores a refusal, but not a fault. */
function refused(read: () => void): void {
	try {
		read();
	} catch (error) {
		if (isFault(error)) {
			throw error;
		}
	}
}
