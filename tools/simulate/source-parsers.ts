import {
	alarmsAnswer,
	answerOf,
	jsonOf,
	leaseAnswer,
	membersAnswer,
	rangeAnswer,
	statusAnswer,
	watchMessage,
} from '../../source/connections/etcd-json.ts';
import {serviceIds} from '../../source/domain/cluster/services.ts';
import type {Fact} from '../../source/domain/events.ts';
import {FileReader, JournalReader} from '../../source/domain/logs/journal.ts';
import {parseJson} from '../../source/lib/json.ts';
import {sanitize} from '../../source/lib/sanitize.ts';
import {parseAddresses, parseMonitorLine} from '../../source/sources/addresses.ts';
import {dcsEntry} from '../../source/sources/dcs-values.ts';
import {
	checkedAlarms,
	checkedKey,
	checkedLease,
	checkedMembers,
	checkedRange,
	checkedRevision,
	checkedStatus,
} from '../../source/sources/etcd-answers.ts';
import {parseFilesystems, parseGlibc} from '../../source/sources/filesystems.ts';
import {haproxyStats} from '../../source/sources/haproxy-csv.ts';
import {parsePatroniFile} from '../../source/sources/logs/patroni-file.ts';
import {patroniStatus} from '../../source/sources/patroni-status.ts';
import {parseProcesses} from '../../source/sources/processes.ts';
import {parseDetails, parseSessions, parseStatus} from '../../source/sources/sql/parse.ts';
import {parseUnits} from '../../source/sources/systemd.ts';
import {endpoints, prefix} from '../../test/support/captures.ts';
import {start} from '../../test/support/session.ts';
import {holdFact} from './laws.ts';
import {halves, type Parser} from './parser.ts';
import * as seeds from './seeds.ts';

const clock = {correction: 0, zone: 0};
const unitNames = new Map(serviceIds.map(service => [`${service}.service`, service]));

export const sourceParsers: Readonly<Record<string, Parser>> = {
	'keys in etcd': {
		seeds: seeds.keys,
		read(input) {
			const [path, value] = halves(input);
			const raw = {key: prefix + path, value, createRevision: 90_001, modRevision: 100_001, lease: undefined};
			return [holdFact({type: 'dcs.put', source: `watch:${endpoints[0]}`, entry: dcsEntry(raw, prefix)})];
		},
	},
	"etcd's answers": {
		seeds: seeds.etcdAnswers,
		read(input) {
			const [question, body] = halves(input);
			return etcdFacts(question, jsonOf(body)).map(holdFact);
		},
	},
	'GET /patroni': {
		seeds: seeds.patroniBodies,
		read: input => [
			holdFact({
				type: 'patroni.status',
				source: 'patroni:pgdb2',
				member: 'pgdb2',
				status: patroniStatus(input),
			}),
		],
	},
	'date of an answer': {
		seeds: ['Mon, 23 Nov 2026 00:00:00 GMT'],
		read: input => [
			holdFact({
				type: 'patroni.status',
				source: 'patroni:pgdb2',
				member: 'pgdb2',
				status: patroniStatus(seeds.patroniBodies[0] ?? '', input),
			}),
		],
	},
	'HAProxy statistics': {
		seeds: seeds.haproxyPages,
		read: input => [
			holdFact({type: 'haproxy.stats', source: 'haproxy:pgdb1', node: 'pgdb1', ...haproxyStats(input)}),
		],
	},
	'ip address': {
		seeds: seeds.addresses,
		read: input => [
			holdFact({
				type: 'addresses.snapshot',
				source: 'vip:pgdb1',
				node: 'pgdb1',
				addresses: parseAddresses(input),
			}),
		],
	},
	'ip monitor': {
		seeds: seeds.monitorLines,
		read(input) {
			const change = parseMonitorLine(input);
			return change === undefined
				? []
				: [holdFact({type: 'addresses.added', source: 'vip:pgdb1', node: 'pgdb1', address: change.address})];
		},
	},
	'df and mounts': {
		seeds: seeds.disks,
		read: input => [
			holdFact({
				type: 'disk.snapshot',
				source: 'disk:pgdb1',
				node: 'pgdb1',
				filesystems: parseFilesystems(input),
				glibc: parseGlibc(input),
			}),
		],
	},
	"PostgreSQL's processes": {
		seeds: seeds.processes,
		read: input => [
			holdFact({
				type: 'processes.snapshot',
				source: 'processes:pgdb1',
				node: 'pgdb1',
				servers: parseProcesses(input, undefined).map(({server}) => server),
				tookMs: 2,
			}),
		],
	},
	"PostgreSQL's answers": {
		seeds: seeds.sqlAnswers,
		read(input) {
			const [part, body] = halves(input);
			const answer: unknown = parseJson(body);
			const member = 'pgdb1';
			return [
				holdFact(
					part === 'status'
						? {
								type: 'sql.status',
								source: `sql:${member}`,
								member,
								status: parseStatus(answer, 170_012, []),
								tookMs: 2,
							}
						: part === 'sessions'
							? {
									type: 'sql.sessions',
									source: `sessions:${member}`,
									member,
									sessions: parseSessions(answer, []),
									tookMs: 2,
								}
							: {
									type: 'sql.details',
									source: `details:${member}`,
									member,
									details: parseDetails(answer, []),
								},
				),
			];
		},
	},
	'systemctl show': {
		seeds: seeds.units,
		read: input => [
			holdFact({
				type: 'units.snapshot',
				source: 'units:pgdb1',
				node: 'pgdb1',
				units: parseUnits(input, serviceIds),
			}),
		],
	},
	'journal lines': {
		seeds: seeds.journalLines,
		read(input) {
			const read = new JournalReader('pgdb1', clock, unitNames).read(input);
			return read === undefined ? [] : [logFact([read.line])];
		},
	},
	'lines of log files': {
		seeds: seeds.logLines,
		read(input) {
			const [service, text] = halves(input);
			return [logFact([new FileReader('pgdb1', service, clock).read(text, start)])];
		},
	},
	'lines under a log_line_prefix': {
		seeds: seeds.prefixedLines,
		read(input) {
			const [linePrefix, text] = halves(input);
			const settings = {postgresql: {linePrefix, timezone: text.slice(0, 20)}};
			return [logFact([new FileReader('pgdb1', 'postgresql', clock, settings).read(text, start)])];
		},
	},
	"lines under Patroni's log.format": {
		seeds: seeds.formattedLines,
		read(input) {
			const [format, rest] = halves(input);
			const [dateFormat, text] = halves(rest);
			const settings = {patroni: {format, dateFormat}};
			return [logFact([new FileReader('pgdb1', 'patroni', clock, settings).read(text, start)])];
		},
	},
	'patroni.yml of a node': {
		seeds: seeds.patroniFiles,
		read(input) {
			const {file, settings, problem} = parsePatroniFile(input);
			const found = problem === undefined ? {} : {problem};
			return [{type: 'logs.settings', source: 'logs:pgdb1', node: 'pgdb1', file, settings, ...found}];
		},
	},
};

/** The facts that an endpoint's source makes. */
function etcdFacts(question: string, json: unknown): Fact[] {
	const [endpoint] = endpoints;
	switch (question) {
		case 'range': {
			const {clusterId, revision, keys} = checkedRange(answerOf(rangeAnswer, json));
			const entries = keys.map(key => dcsEntry(key, prefix));
			return [{type: 'dcs.snapshot', source: `dcs:${endpoint}`, clusterId, revision, entries}];
		}

		case 'status': {
			const status = checkedStatus(answerOf(statusAnswer, json));
			return [{type: 'etcd.status', source: `etcd:${endpoint}`, endpoint, status}];
		}

		case 'members': {
			const members = checkedMembers(answerOf(membersAnswer, json));
			return [{type: 'etcd.members', source: `etcd:${endpoint}`, members, alarms: []}];
		}

		case 'alarms': {
			const alarms = checkedAlarms(answerOf(alarmsAnswer, json));
			return [{type: 'etcd.members', source: `etcd:${endpoint}`, members: [], alarms}];
		}

		case 'lease': {
			const lease = checkedLease(answerOf(leaseAnswer, json));
			return [{type: 'lease.read', source: `etcd:${endpoint}`, lease: '4711', ...lease}];
		}

		case 'watch': {
			const source = `watch:${endpoint}` as const;
			return watchMessage(JSON.stringify(json)).changes.map(change =>
				change.type === 'put'
					? {type: 'dcs.put', source, entry: dcsEntry(checkedKey(change.key), prefix)}
					: {
							type: 'dcs.deleted',
							source,
							path: sanitize(change.key.slice(prefix.length)),
							revision: checkedRevision(change.revision),
						},
			);
		}

		default: {
			return [];
		}
	}
}

function logFact(lines: readonly (Fact & {type: 'logs.lines'})['lines'][number][]): Fact {
	return holdFact({type: 'logs.lines', source: 'logs:pgdb1', node: 'pgdb1', lines, skipped: 0});
}
