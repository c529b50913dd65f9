/** From the logs to the recording, and to what is printed. */
import {existsSync} from 'node:fs';
import path from 'node:path';
import packageJson from '../../package.json' with {type: 'json'};
import {type Config, configOf} from '../config/config.ts';
import type {Flags} from '../config/layers.ts';
import {ConfigError} from '../config/origin.ts';
import {printConfig} from '../config/print.ts';
import {readSettings, type Settings} from '../config/settings.ts';
import {targetOf} from '../config/target.ts';
import {forEachService} from '../domain/cluster/services.ts';
import {targetOfLogs} from '../domain/history/log-facts.ts';
import {findIncidents} from '../domain/history/story.ts';
import type {Target} from '../domain/target.ts';
import {whoIsThere} from '../effects/audit-log.ts';
import {clock} from '../lib/format.ts';
import {sanitize, sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {formatVersion, type Header, RecordingError} from '../recording/schema.ts';
import {defaultFile} from '../recording/write/session-recorder.ts';
import {recordingsFolder} from '../session.ts';
import type {PastLogs} from '../sources/past/node-logs.ts';
import {assemble} from './assemble.ts';
import {logsOfFolder} from './folder.ts';
import {type Gathered, gather} from './gather.ts';
import {readNodes} from './nodes.ts';
import {AutopsyError} from './problem.ts';
import {type Findings, jsonOf, textOf} from './words.ts';

export type Wish = {
	/** Flags that name the cluster. */
	given: Flags;
	/** A folder of logs; undefined: the nodes are read. */
	logs: string | undefined;
	/** Undefined: all nodes. */
	only: readonly string[] | undefined;
	span: Span;
	output: string | undefined;
	json: boolean;
	/** Whether standard error shows the progress. */
	isShown: boolean;
	signal: AbortSignal;
};

export type Outcome = {
	text: string;
	complaint?: string;
	/** All logs that were wanted were read to their ends. */
	isComplete: boolean;
	/** No line could be read. */
	isEmpty: boolean;
};

/** @throws AutopsyError, ConfigError, RecordingError */
export async function runAutopsy({given, logs, only, span, signal, ...how}: Wish): Promise<Outcome> {
	// Said before minutes are spent on reading.
	if (how.output !== undefined && existsSync(how.output)) {
		throw new RecordingError(`${sanitize(how.output)}: file exists; name a new one with --output`);
	}

	const source =
		logs === undefined ? await ofNodes(given, only, span, signal) : await ofFolder(logs, given, only, span);
	return work(source, {span, signal, ...how});
}

type Span = {since: number; until: number};

/** Logs, and the configuration that says what they are of. */
export type LogSources = {
	target: Target;
	config: string;
	all: readonly PastLogs[];
	/** What cannot be read, and what is therefore not known. */
	missing: readonly string[];
	close: () => Promise<void>;
};

async function ofNodes(
	given: Flags,
	only: readonly string[] | undefined,
	span: Span,
	signal: AbortSignal,
): Promise<LogSources> {
	const settings = readSettings(given, process.env);
	const config = configOf(settings);
	const read = await readNodes(config, settings, {only, span, signal});
	const unknown = (only ?? []).filter(name => !read.known.includes(name));
	if (unknown.length > 0) {
		await read.close();
		throw new AutopsyError(
			`--nodes: there is no ${unknown.join(', ')}; the nodes are ${read.known.join(', ') || 'not known'}`,
			'usage',
		);
	}

	return {...read, config: printConfig(config, settings)};
}

async function ofFolder(
	folder: string,
	given: Flags,
	only: readonly string[] | undefined,
	span: Span,
): Promise<LogSources> {
	const all = await logsOfFolder(folder, span);
	const names = all.map(({node}) => node);
	const unknown = (only ?? []).filter(name => !names.includes(name));
	if (unknown.length > 0) {
		throw new AutopsyError(
			`--nodes: ${folder} has no logs of ${unknown.join(', ')}, but of ${names.join(', ')}`,
			'usage',
		);
	}

	const configured = configIfAny(given, names);
	const target =
		configured === undefined ? bareTarget(folder, names, given.vip) : targetOf(configured.config);
	return {
		target: {...target, nodes: nodesOf(target, names)},
		config: configured === undefined ? '' : printConfig(configured.config, configured.settings),
		all: all.filter(({node}) => only === undefined || only.includes(node)),
		missing: [
			`the clocks of the nodes were not compared: times of different nodes may differ by more than they say; times without a zone are taken as of ${Intl.DateTimeFormat().resolvedOptions().timeZone} (TZ sets another)`,
			...target.nodes
				.filter(({name}) => !names.includes(name))
				.map(({name}) => `${name}: no logs of it are in ${folder}: what happened there is not known`),
		],
		async close() {
			// Files are closed at their ends.
		},
	};
}

/** Logs from elsewhere need no configuration: one that was not named counts only if it has one of their nodes. */
function configIfAny(
	given: Flags,
	names: readonly string[],
): {config: Config; settings: Settings} | undefined {
	const isNamed = given.configFile !== undefined || given.profile !== undefined;
	try {
		const settings = readSettings(given, process.env);
		const config = configOf(settings);
		const isOfThese = targetOf(config).nodes.some(({name}) => names.includes(name));
		return isNamed || isOfThese ? {config, settings} : undefined;
	} catch (error) {
		if (error instanceof ConfigError && !isNamed) {
			return undefined;
		}

		throw error;
	}
}

function nodesOf(target: Target, names: readonly string[]): Target['nodes'] {
	return [
		...target.nodes,
		...names
			.filter(name => !target.nodes.some(one => one.name === name))
			.map(name => ({name, host: name, roles: ['database' as const, 'balancer' as const]})),
	];
}

function bareTarget(folder: string, names: readonly string[], vip: string | undefined): Target {
	return {
		scope: sanitize(path.basename(path.resolve(folder))),
		namespace: '',
		vip,
		...(vip === undefined ? {} : {vips: [{address: vip, manager: 'keepalived', follows: 'none'}]}),
		ssh: true,
		endpoints: [],
		nodes: names.map(name => ({name, host: name, roles: ['database', 'balancer']})),
		operations: 'disabled',
		restUser: false,
		warnings: [],
		logs: {},
		logBounds: {lines: 100_000, bytes: 64 * 1024 * 1024},
		units: forEachService(({unit}) => unit) as Target['units'],
	};
}

async function work(
	{target, config, all, missing, close}: LogSources,
	{span, output, json, isShown, signal}: Pick<Wish, 'span' | 'output' | 'json' | 'isShown' | 'signal'>,
): Promise<Outcome> {
	let gathered: Gathered;
	const progress = new Progress(span, isShown);
	try {
		gathered = await gather(all, (at, lines) => {
			signal.throwIfAborted();
			progress.show(at, lines);
		});
	} finally {
		progress.clear();
		await close();
	}

	try {
		signal.throwIfAborted();
		const lacks = [...missing, ...gathered.problems];
		if (gathered.counts.lines === 0) {
			return {
				text: '',
				isComplete: false,
				isEmpty: true,
				complaint: ['no line of any log could be read in this time', ...lacks].join('\n'),
			};
		}

		const file = output ?? (await defaultFile(recordingsFolder(), target.scope, new Date(), '-autopsy'));
		const header = headerOf(target, config, span, gathered, lacks);
		await assemble({file, header, target, gathered, span, signal});
		const incidents = findIncidents(gathered.events, gathered.before, target.haproxy?.backends.primary);
		const findings: Findings = {scope: target.scope, ...span, gathered, incidents, missing: lacks, file};
		const text = json
			? `${JSON.stringify(sanitizeJson(jsonOf(findings), withoutKnownSecrets), undefined, 2)}\n`
			: withoutKnownSecrets(textOf(findings));
		return {text, isEmpty: false, isComplete: gathered.problems.length === 0 && !missing.some(isGap)};
	} finally {
		await gathered.lines.remove();
	}
}

/** A node without logs; the remark on clocks is none. */
function isGap(text: string): boolean {
	return /what happened there is not known$/.test(text);
}

function headerOf(
	target: Target,
	config: string,
	{since}: Span,
	{coverage}: Gathered,
	missing: readonly string[],
): Header {
	return {
		recording: 'pgha-top',
		version: formatVersion,
		program: packageJson.version,
		startedAt: since,
		timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
		scope: target.scope,
		target: targetOfLogs(target),
		config,
		versions: {node: process.version, patroni: [], postgresql: [], etcd: []},
		who: whoIsThere(),
		reason: undefined,
		logs: true,
		reconstructed: {
			at: Date.now(),
			nodes: target.nodes.map(({name}) => ({
				node: name,
				from: coverage.get(name)?.[0]?.from,
				to: coverage.get(name)?.at(-1)?.to,
			})),
			missing,
		},
	};
}

const barWidth = 30;

/** A bar on standard error, if that is a terminal. */
class Progress {
	readonly #span: Span;
	readonly #isShown: boolean;
	#shownAt = 0;

	constructor(span: Span, isShown: boolean) {
		this.#span = span;
		this.#isShown = isShown;
	}

	show(at: number, lines: number): void {
		const now = performance.now();
		if (!this.#isShown || now - this.#shownAt < 100) {
			return;
		}

		this.#shownAt = now;
		const {since, until} = this.#span;
		const part = Math.min(1, Math.max(0, (at - since) / (until - since)));
		const filled = Math.round(part * barWidth);
		process.stderr.write(
			`\r\u001B[K${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)} ${clock(at, until)}, ${lines.toLocaleString('en')} lines`,
		);
	}

	clear(): void {
		if (this.#isShown && this.#shownAt > 0) {
			process.stderr.write('\r\u001B[K');
		}
	}
}
