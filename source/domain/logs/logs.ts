/** The logs of all nodes: their sources, their lines and the problems of their streams. */
import {ownValue, withEntry} from '../../lib/json.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {dynamicConfig} from '../cluster/keys.ts';
import type {Machine} from '../cluster/members.ts';
import {machines} from '../cluster/members.ts';
import {isBalancer, presentServices, unitOn} from '../cluster/roles.ts';
import {serviceIds, services} from '../cluster/services.ts';
import {objectOf} from '../cluster/source-kinds.ts';
import type {LogFact} from '../events.ts';
import type {Entry, LogSource, Problem, SourceId} from '../facts.ts';
import type {Target} from '../target.ts';
import {
	consoleService,
	emptyLogBuffer,
	insertLines,
	type LogBounds,
	type LogBuffer,
	type LogLine,
	levels,
	statisticsService,
} from './log-buffer.ts';
import type {LogSettings} from './settings.ts';
import {foldTwins} from './twins.ts';

export type Logs = {
	ring: LogBuffer;
	/** How far each node's clock is ahead of this machine's, ms. */
	clocks: ReadonlyMap<string, number>;
	/** By stream: why it is incomplete, e.g. a missing unit or an unreadable file. */
	problems: ReadonlyMap<string, readonly Problem[]>;
	/** By node: the log settings of its patroni.yml. Undefined in recordings of older versions. */
	settings?: ReadonlyMap<string, NodeSettings>;
	/** By node: number of lines that were dropped because the console could not keep up. */
	skipped: ReadonlyMap<string, number>;
	/** Services in the order of their first line. */
	services: readonly string[];
	nodes: readonly string[];
};

export type NodeSettings = {
	/** Undefined without one. */
	file: string | undefined;
	settings: LogSettings;
	problem?: 'unreadable' | 'invalid';
};

export const emptyLogs: Logs = {
	ring: emptyLogBuffer,
	clocks: new Map(),
	problems: new Map(),
	settings: new Map(),
	skipped: new Map(),
	services: [],
	nodes: [],
};

/** A larger offset of a node's clock is reported, and its lines are corrected, ms. */
export const noticeableOffsetMs = 100;

export function foldLogs(logs: Logs, event: LogFact, bounds: LogBounds, at: number): Logs {
	switch (event.type) {
		case 'logs.lines': {
			const {node, skipped} = event;
			const {ring, lines} = foldTwins(logs.ring, event.lines);
			const more = {...logs, ring: insertLines(ring, lines, bounds), ...names(logs, lines, node)};
			return skipped === 0
				? more
				: withMark(
						{...more, skipped: withEntry(logs.skipped, node, (logs.skipped.get(node) ?? 0) + skipped)},
						{
							at: (lines.at(-1)?.order ?? at * 1000) / 1000,
							node,
							text: `${node}: ${skipped.toLocaleString('en')} lines not kept, the console could not keep up`,
							level: levels.warning,
						},
						bounds,
					);
		}

		case 'logs.clock': {
			return {...logs, clocks: withEntry(logs.clocks, event.node, event.offset)};
		}

		case 'logs.settings': {
			const {node, file, settings, problem} = event;
			const known = {file, settings, ...(problem === undefined ? {} : {problem})};
			return {...logs, settings: withEntry(logs.settings ?? new Map(), node, known)};
		}

		case 'logs.problems': {
			const before = logs.problems.get(event.source) ?? [];
			const fresh = event.problems.filter(({text}) => !before.some(known => known.text === text));
			return fresh.reduce(
				(sum, {node, text, remedy}) =>
					withMark(
						sum,
						{
							at,
							node,
							text: `${node}: ${text}${remedy === undefined ? '' : `; ${remedy}`}`,
							level: levels.warning,
						},
						bounds,
					),
				{...logs, problems: withEntry(logs.problems, event.source, event.problems)},
			);
		}

		default: {
			event satisfies never;
			return logs;
		}
	}
}

/** Adds a line about the stream's own status. */
export function markSourceStatus(
	logs: Logs,
	source: SourceId,
	text: string,
	worse: boolean,
	bounds: LogBounds,
	at: number,
): Logs {
	return withMark(
		logs,
		{
			at,
			node: objectOf(source),
			text: `${objectOf(source)}: ${text}`,
			level: worse ? levels.err : levels.info,
		},
		bounds,
	);
}

const turns: Record<Entry['turn'], number> = {better: levels.info, news: levels.info, worse: levels.err};

/** Adds the console's timeline entries to the stream. */
export function markTimeline(logs: Logs, entries: readonly Entry[], bounds: LogBounds): Logs {
	return entries.reduce(
		(sum, {at, turn, text}) => withMark(sum, {at, text, level: turns[turn]}, bounds),
		logs,
	);
}

function withMark(
	logs: Logs,
	{at, node, text, level}: {at: number; node?: string; text: string; level: number},
	bounds: LogBounds,
): Logs {
	const line: LogLine = {
		at: at * 1000,
		order: at * 1000,
		node,
		service: consoleService,
		level,
		word: '',
		text,
	};
	return {...logs, ring: insertLines(logs.ring, [line], bounds)};
}

function names(logs: Logs, lines: readonly LogLine[], node: string): Pick<Logs, 'services' | 'nodes'> {
	const fresh = new Set<string>();
	for (const {service} of lines) {
		if (!logs.services.includes(service)) {
			fresh.add(service);
		}
	}

	return {
		services: fresh.size === 0 ? logs.services : [...logs.services, ...fresh],
		nodes: logs.nodes.includes(node) ? logs.nodes : [...logs.nodes, node].sort(),
	};
}

export type NodeLogs = {
	node: string;
	host: string;
	units: readonly {name: string; unit: string}[];
	/** `path`: a log file or folder; undefined means PostgreSQL's usual folders, which may be missing. */
	files: readonly {name: string; path: string | undefined}[];
	/** Of the dynamic configuration. */
	settings?: LogSettings;
};

export function logSourcesOf(cluster: Cluster, target: Target, now: number): NodeLogs[] {
	const settings = settingsOf(cluster);
	return machines(cluster, target, now).map(machine => {
		const roles = rolesOf(machine, target);
		const given = [machine.name, ...roles].flatMap(where => ownValue(target.logs, where) ?? []);
		return {
			node: machine.name,
			host: machine.host,
			...(given.length === 0 ? usual(cluster, target, machine, roles) : logsNamed(given)),
			...settings,
		};
	});
}

/** Where Patroni and PostgreSQL of a database node log. */
export function databaseLogsOf(
	cluster: Cluster,
	target: Target,
	{name, host}: {name: string; host: string},
): NodeLogs {
	const given = [name, 'database'].flatMap(where => ownValue(target.logs, where) ?? []);
	const {units, files} =
		given.length === 0
			? {
					units: [{name: 'patroni', unit: unitOn(target, name, 'patroni')}],
					files: [{name: 'postgresql', path: undefined}],
				}
			: logsNamed(given);
	const isTheirs = (log: {name: string}) => log.name === 'patroni' || log.name === 'postgresql';
	return {
		node: name,
		host,
		units: units.filter(isTheirs),
		files: files.filter(isTheirs),
		...settingsOf(cluster),
	};
}

function settingsOf(cluster: Cluster): Pick<NodeLogs, 'settings'> {
	const postgresql = dynamicConfig(cluster)?.postgresLog;
	return postgresql === undefined || Object.keys(postgresql).length === 0 ? {} : {settings: {postgresql}};
}

function rolesOf(machine: Machine, target: Target): string[] {
	const configured = target.nodes.find(({name}) => name === machine.name)?.roles;
	return [
		...(configured?.includes('database') || machine.member !== undefined ? ['database'] : []),
		...(configured?.includes('etcd') || machine.etcd !== undefined ? ['etcd'] : []),
		...(isBalancer(target, machine.name) ? ['balancer'] : []),
	];
}

function usual(
	cluster: Cluster,
	target: Target,
	machine: Machine,
	roles: readonly string[],
): Pick<NodeLogs, 'units' | 'files'> {
	return {
		units: presentServices(cluster, target, machine).map(service => ({
			name: service,
			unit: unitOn(target, machine.name, service),
		})),
		files: roles.includes('database') ? [{name: 'postgresql', path: undefined}] : [],
	};
}

function logsNamed(sources: readonly LogSource[]): Pick<NodeLogs, 'units' | 'files'> {
	return {
		units: sources.flatMap(source => ('unit' in source ? [{name: source.name, unit: source.unit}] : [])),
		files: sources.flatMap(source => ('file' in source ? [{name: source.name, path: source.file}] : [])),
	};
}

/** The services for the picker: those whose logs are read, and others with lines in the journal. */
export function serviceNames(plan: readonly NodeLogs[], seen: readonly string[]): string[] {
	const configured = plan.flatMap(({units, files}) => [...units, ...files].map(({name}) => name));
	return [...new Set([...configured, 'postgresql', 'kernel', 'system', statisticsService, ...seen])].sort(
		(a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en'),
	);
}

/** The logs of services, in display order. */
export const serviceLogs: readonly string[] = serviceIds.flatMap(service => services[service].logs);

const ranks = [...serviceLogs, statisticsService];

function rank(service: string): number {
	const index = ranks.indexOf(service);
	return index >= 0 ? index : service === 'kernel' ? 98 : service === 'system' ? 99 : ranks.length;
}
