/** The logs: cells of lines, title and status line. */
import {unavailableReason} from '../../domain/cluster/freshness.ts';
import {countOfService, type FilteredLines} from '../../domain/logs/filtered-lines.ts';
import {
	consoleService,
	type LogLine,
	levels,
	levelWords,
	statisticsService,
} from '../../domain/logs/log-buffer.ts';
import {logSourcesOf, noticeableOffsetMs, serviceLogs} from '../../domain/logs/logs.ts';
import {compileMatcher, type Matcher} from '../../domain/logs/matcher.ts';
import {agePart, clockMs} from '../../lib/format.ts';
import type {LogOverlay, State} from '../state.ts';
import {type Cell, cell, type Line, markMatches, type Tone, tagTones} from './cells.ts';

/** The nodes that the filter shows, in order. */
export function shownNodes(state: State, {choice}: LogOverlay): string[] {
	const all = logSourcesOf(state.cluster, state.target, state.now).map(({node}) => node);
	return choice.nodes === undefined ? all : all.filter(node => choice.nodes?.includes(node));
}

export type LineStyle = {
	/** Widths of the tags; 0 omits a tag. */
	node: number;
	service: number;
	/** A letter instead of the level's word. */
	short: boolean;
	/** All nodes; each one's tone follows from its position. */
	nodes: readonly string[];
	patterns: readonly Matcher[];
	now: number;
};

/** Width of STATEMENT, PostgreSQL's longest severity. */
const wordMaxWidth = 9;
/** Number of tag tones for nodes; the others are for services. */
const nodeTones = 4;

/** The part of a line before its text, of the same width for every line. */
export function headOf(
	{at, node = '', service, level, word, isTimeAssumed = false}: LogLine,
	style: LineStyle,
): Cell[] {
	const milliseconds = Math.floor(at / 1000);
	const time = `${clockMs(milliseconds, style.now)}${isTimeAssumed ? '?' : ' '}`;
	if (service === consoleService) {
		return [cell(time, 'dim')];
	}

	const name = word === '' ? '' : style.short ? `${word[0]?.toUpperCase()}` : word;
	return [
		cell(time, 'dim'),
		...(style.node === 0
			? []
			: [
					cell(
						`${fitTag(node, style.node)} `,
						tagTones[Math.max(0, style.nodes.indexOf(node)) % nodeTones] ?? 'plain',
					),
				]),
		cell(
			`${fitTag(service, style.service)} `,
			serviceLogs.includes(service) ? (tagTones[serviceLogs.indexOf(service) + nodeTones] ?? 'plain') : 'dim',
		),
		cell(`${fitTag(name, style.short ? 1 : wordMaxWidth)} `, levelTone(level)),
	];
}

/** A line's text with its matches marked. */
export function textOf({text, service, level, times}: LogLine, {patterns}: LineStyle): Cell[] {
	// A tab takes four columns, half of a terminal's.
	const shown = text.replaceAll('\t', '    ');
	if (service === consoleService) {
		return [cell(`── ${shown} ──`, level <= levels.warning ? 'bad' : 'strong')];
	}

	const tone: Tone = level <= levels.err ? 'bad' : level === levels.warning ? 'warn' : 'plain';
	// In front, since a long line is cut at its end.
	return [
		cell(times === undefined ? '' : `×${times} `, 'strong'),
		...markMatches(cell(shown, tone), patterns),
	].filter(({text: part}) => part !== '');
}

function fitTag(text: string, width: number): string {
	return text.length > width ? text.slice(0, width) : text.padEnd(width);
}

function levelTone(level: number): Tone {
	return level <= levels.err ? 'bad' : level === levels.warning ? 'warn' : 'dim';
}

/** Patterns to mark in the text: the search, and what the filter requires. */
export function patternsOf(overlay: LogOverlay, all: FilteredLines): Matcher[] {
	const search = overlay.search === '' ? undefined : compileMatcher(overlay.search);
	return [...(search !== undefined && 'value' in search ? [search.value] : []), ...all.test.patterns];
}

export function titleOf(state: State, overlay: LogOverlay): string {
	const {nodes} = overlay.choice;
	return `Log: ${nodes === undefined ? 'all nodes' : shownNodes(state, overlay).join(', ')}`;
}

/** Whether the logs follow the stream; if not, the number of new lines. */
export function followWord(overlay: LogOverlay, waiting: {lines: number; complete: boolean}): Cell {
	if (overlay.place === undefined) {
		return cell('following', 'dim');
	}

	const count = `${waiting.complete ? '' : 'at least '}${waiting.lines.toLocaleString('en')}`;
	return waiting.lines === 0
		? cell('stopped, nothing new', 'dim')
		: cell(`stopped, ${count} new line${waiting.lines === 1 ? '' : 's'}: G follows`, 'warn');
}

/** The filter, the number of kept lines, and problems. */
export function statusLine(state: State, overlay: LogOverlay): Line {
	const {choice, search, seeking} = overlay;
	const {ring, clocks, skipped, problems} = state.logs;
	const nodes = shownNodes(state, overlay);
	const left = nodes.reduce((sum, node) => sum + (skipped.get(node) ?? 0), 0);
	return [
		cell(overlay.wrap ? 'wrapped  ' : '', 'dim'),
		...nodes.flatMap(node => lossOf(state, node)),
		...[...problems.values()]
			.flat()
			.filter(({node}) => nodes.includes(node))
			.map(({node, text}) => cell(`${node}: ${text}  `, 'warn')),
		...nodes.flatMap(node => {
			const offset = clocks.get(node) ?? 0;
			return Math.abs(offset) > noticeableOffsetMs
				? [
						cell(
							`${node}'s clock is ${(Math.abs(offset) / 1000).toFixed(1)} s ${offset > 0 ? 'ahead' : 'behind'}  `,
							'warn',
						),
					]
				: [];
		}),
		cell(left > 0 ? `${countLines(left)} DROPPED  ` : '', 'warn'),
		cell(seeking === undefined ? '' : 'searching…  ', 'warn'),
		cell(choice.filter === '' ? '' : `filter: ${choice.filter}  `, 'strong'),
		cell(search === '' ? '' : `search: ${search}  `, 'strong'),
		cell(choice.level >= 7 ? '' : `severity: ${levelWords[choice.level]} and worse  `, 'strong'),
		cell(`${servicesWords(state, overlay)}  `, 'dim'),
		cell(
			`${countLines(ring.lines)} kept${ring.gone > 0 ? `, ${ring.gone.toLocaleString('en')} older ones dropped` : ''}`,
			'dim',
		),
	];
}

/** The services that are shown, and how many lines of requests for HAProxy's statistics are not. */
function servicesWords({logs}: State, {choice: {hidden, nodes}}: LogOverlay): string {
	const lines = hidden.includes(statisticsService) ? countOfService(logs.ring, statisticsService, nodes) : 0;
	if (hidden.length === 0 || (hidden.join() === statisticsService && lines === 0)) {
		return 'all services';
	}

	const count = `${countLines(lines)} of ${statisticsService} hidden`;
	const names = hidden.filter(name => name !== statisticsService);
	return names.length === 0
		? `${count}: a shows them`
		: `without ${names.join(', ')}${lines === 0 ? '' : `; ${count}`}`;
}

function countLines(lines: number): string {
	return `${lines.toLocaleString('en')} line${lines === 1 ? '' : 's'}`;
}

/** Why a part of the logs is empty: what is being read, or why it is not. */
export function emptyWords(state: State, nodes: readonly string[]): string {
	const lines = state.logs.ring.chunks.some(({lines: some}) =>
		some.some(({node}) => node !== undefined && nodes.includes(node)),
	);
	if (lines) {
		return 'no line passes the filter';
	}

	const without = recordingWithoutLogs(state);
	if (without !== undefined) {
		return without;
	}

	const seen = nodes.filter(node => state.cluster.sourceStatuses.get(`logs:${node}`)?.state === 'seen');
	const lost = nodes.flatMap(node => lossOf(state, node).map(({text}) => text.trim()));
	return lost.length > 0
		? lost.join('  ')
		: seen.length > 0 && seen.length === nodes.length
			? 'no lines yet'
			: nodes.length === 1
				? `reading ${nodes[0]}'s journal …`
				: `reading the journals of ${nodes.join(', ')} …`;
}

/** In a replay, that its log lines, if it has any, are not played yet; undefined where there are lines, and live. */
function recordingWithoutLogs({replay, logs}: State): string | undefined {
	return replay === undefined ||
		logs.ring.chunks.some(({lines}) => lines.some(({node}) => node !== undefined))
		? undefined
		: replay.time < replay.to
			? 'no log lines in the recording up to here'
			: 'no log lines in this recording';
}

function lossOf({cluster, now, replay}: State, node: string): Cell[] {
	const source = `logs:${node}` as const;
	const sight = cluster.sourceStatuses.get(source);
	const why = unavailableReason(sight, source, now);
	// While it connects, the part itself says what is read; a recording connects to nothing.
	if (why === undefined || sight === undefined || sight.state === 'connecting') {
		return [];
	}

	if (replay !== undefined && sight.state !== 'lost') {
		return [];
	}

	return sight?.state === 'lost'
		? [cell(`${node} LOST${agePart(sight.since, now)}: ${why}  `, 'bad')]
		: [cell(`${node}: ${why}  `, 'dim')];
}
