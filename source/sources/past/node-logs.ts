/** Reads what a node's logs say of some time, over SSH: the journal, and the files that its programs write. */
import {reasonOf} from '../../connections/error-reason.ts';
import {SshError} from '../../connections/ssh/prompts.ts';
import type {Ssh} from '../../connections/ssh/ssh.ts';
import type {PastLine} from '../../domain/history/collect.ts';
import {
	bootOf,
	cursorOf,
	FileReader,
	JournalReader,
	type NodeClock,
	textMaxLength,
} from '../../domain/logs/journal.ts';
import {type NodeLogs, noticeableOffsetMs} from '../../domain/logs/logs.ts';
import {
	effectiveSettings,
	type LogSettings,
	logExtensions,
	postgresLogFolder,
} from '../../domain/logs/settings.ts';
import {crypto} from '../../lib/builtin.ts';
import {fullUnit} from '../logs/command.ts';
import {problemOf} from '../logs/file-stream.ts';
import {type AskedClock, askClock, patroniLogFiles, readPatroniFile} from '../logs/node.ts';
import type {Ended} from '../logs/streams.ts';
import {readLines} from '../logs/streams.ts';
import {
	journalBeforeCommand,
	lastEntryCommand,
	pastFilesCommand,
	pastJournalCommand,
	type Span,
} from './commands.ts';
import {LineQueue} from './line-queue.ts';

export type PastLogs = {
	node: string;
	/** In the order of time, each; a log is read from when its first line is asked for. */
	logs: readonly AsyncIterable<PastLine>[];
	/** What could not be read, and what would mend it; complete when all logs have ended. */
	problems: string[];
};

const jsonMaxBytes = 1024 * 1024;
/** Lines before the time that is asked for: of services that hold a state for long, and of Patroni's last loops. */
const beforeMax = {lasting: 40, patroni: 15} as const;
/** Of a service that moves a VIP: its states, and its end. */
const lastingWords = 'STATE|Stopped|Transition|address|Started';
/** A clock that was not compared in an earlier boot is trusted this much, ms. */
const otherBootMs = 500;
/** Between the clock and what a program writes in its own file, ms. */
const fileMs = 20;

export type PastOptions = {
	ssh: Ssh;
	plan: NodeLogs;
	span: Span;
	/** Of a log at most its end: lines of the journal, and bytes of each of the latest files. */
	max?: {lines: number; bytes: number; files: number};
	signal: AbortSignal;
};

/** Starts to read; rejects if the node cannot be reached. */
export async function pastLogsOf(options: PastOptions): Promise<PastLogs> {
	const {ssh, plan} = options;
	const asked = await askClock(ssh, plan.host);
	const span = onClockOf(asked, options.span);
	const own = await readPatroniFile(ssh, plan);
	const settings = effectiveSettings(plan.settings ?? {}, own?.settings);
	const boot = await presentBoot(ssh, plan.host);
	const problems: string[] = [];
	const reading: Reading = {...options, asked, settings, boot, problems};
	const {units} = plan;
	const before = (services: readonly string[], lines: number, filter?: string) => {
		const wanted = units.flatMap(({name, unit}) => (services.includes(name) ? [unit] : []));
		const command = {since: span.since, lines, filter};
		return wanted.length === 0 ? [] : [journal(reading, journalBeforeCommand(wanted, command), true)];
	};
	const names = units.map(({unit}) => unit);
	return {
		node: plan.node,
		problems,
		logs: [
			...before(['keepalived', 'vip-manager'], beforeMax.lasting, lastingWords),
			...before(['patroni'], beforeMax.patroni),
			journal(reading, pastJournalCommand(names, span, options.max?.lines)),
			...[...plan.files, ...patroniLogFiles(plan, own)].map(file => logFile(reading, file)),
		],
	};
}

/** The same time as the node's clock has it. */
function onClockOf({offset}: AskedClock, {since, until}: Span): Span {
	return {since: Math.floor(since + offset / 1000), until: Math.ceil(until + offset / 1000)};
}

type Reading = PastOptions & {
	asked: AskedClock;
	settings: LogSettings;
	boot: PresentBoot | undefined;
	problems: string[];
};

/** `baseUs`: of the boot's own clock to the node's present time, µs. */
type PresentBoot = {id: string; baseUs: number};

async function presentBoot(ssh: Ssh, host: string): Promise<PresentBoot | undefined> {
	let text: string;
	try {
		text = await ssh.run(host, lastEntryCommand);
	} catch (error) {
		if (error instanceof SshError) {
			// Without a journal, or the right to read it: the journal's own stream reports that.
			return undefined;
		}

		throw error;
	}

	const cursor = cursorOf(text);
	const times = cursor === undefined ? undefined : timesOf(cursor);
	const id = cursor === undefined ? undefined : bootOf(cursor);
	return times === undefined || id === undefined ? undefined : {id, baseUs: times.realUs - times.bootUs};
}

/** Both clocks of an entry, µs: since the boot, and Unix time. */
function timesOf(cursor: string): {bootUs: number; realUs: number} | undefined {
	const [, boot, real] = /;m=([\da-f]{1,16});t=([\da-f]{1,16})(?:;|$)/.exec(cursor) ?? [];
	return boot === undefined || real === undefined
		? undefined
		: {bootUs: Number.parseInt(boot, 16), realUs: Number.parseInt(real, 16)};
}

/** The clock is corrected when a line's time is known, by its boot; the reader's own correction stays at none. */
function journal(
	{ssh, plan, asked, settings, boot, problems, max, signal}: Reading,
	command: string,
	isBefore = false,
): AsyncIterable<PastLine> {
	const queue = new LineQueue<PastLine>();
	const clock: NodeClock = {correction: 0, zone: asked.zone};
	const reader = new JournalReader(
		plan.node,
		clock,
		new Map(plan.units.map(({name, unit}) => [fullUnit(unit), name])),
		settings,
	);
	const from = `journal of ${plan.node}`;
	let count = 0;
	const take = (text: string) => {
		count++;
		const read = reader.read(text);
		if (read === undefined) {
			return;
		}

		const {line, cursor} = read;
		const id = cursor === undefined ? undefined : bootOf(cursor);
		const times = cursor === undefined ? undefined : timesOf(cursor);
		const isPresent = boot !== undefined && id === boot.id;
		// A clock that was set since then: the boot's own clock was not.
		const setUs = isPresent && times !== undefined ? boot.baseUs - (times.realUs - times.bootUs) : 0;
		const realUs = line.at + (Math.abs(setUs) > noticeableOffsetMs * 1000 ? setUs : 0);
		const offset = Math.abs(asked.offset) > noticeableOffsetMs ? asked.offset : 0;
		const order = realUs - Math.round(offset * 1000);
		queue.push({
			at: order / 1000,
			uncertainMs: asked.took / 2 + (isPresent ? 0 : otherBootMs),
			from,
			boot: id,
			...(isBefore ? {isBefore: true as const} : {}),
			line: {...line, order},
		});
	};
	return readAll(
		queue,
		{ssh, plan, command, lineMaxBytes: jsonMaxBytes, signal},
		take,
		({status, errors}) => {
			if (/not seeing messages from other users|insufficient permissions|Permission denied/i.test(errors)) {
				problems.push(
					`${plan.node}: ${asked.user} may not read the journal; on the node: sudo usermod -aG systemd-journal ${asked.user}`,
				);
			} else if (max !== undefined && count >= max.lines) {
				problems.push(
					`${plan.node}: of its journal only the last ${max.lines.toLocaleString('en')} lines are read`,
				);
			} else if (status !== 'ended 0' && !(isBefore && status === 'ended 1')) {
				// With a filter, no line at all is an error of some versions.
				problems.push(
					`${plan.node}: its journal is not read to its end: ${status || 'the command was ended'}`,
				);
			}
		},
	);
}

function logFile(
	{ssh, plan, span, asked, settings, problems, max, signal}: Reading,
	{name, path}: {name: string; path: string | undefined},
): AsyncIterable<PastLine> {
	const queue = new LineQueue<PastLine>();
	const token = crypto().randomUUID().replaceAll('-', '');
	const offset = Math.abs(asked.offset) > noticeableOffsetMs ? asked.offset : 0;
	const clock: NodeClock = {correction: Math.round(offset * 1000), zone: asked.zone};
	const reader = new FileReader(plan.node, name, clock, settings);
	let from = `${name} log of ${plan.node}`;
	const command = pastFilesCommand(path, {
		token,
		since: onClockOf(asked, span).since,
		max,
		folder: postgresLogFolder(settings),
		extensions: logExtensions(settings),
	});
	let length = 0;
	const noteIfCut = () => {
		if (max !== undefined && length >= max.bytes) {
			problems.push(`only the end of ${from} is read, ${max.bytes / 1024 / 1024} MiB`);
		}

		length = 0;
	};
	const take = (text: string, bytes: number, isCut: boolean) => {
		if (text.startsWith(`${token} `)) {
			noteIfCut();
			from = `${text.slice(text.lastIndexOf('/') + 1)} of ${plan.node}`;
			return;
		}

		length += bytes + 1;
		if (text === '') {
			return;
		}

		const shown = isCut ? `${text.slice(0, textMaxLength)}… (${bytes} bytes)` : text;
		const line = reader.read(shown, span.until * 1000, isCut);
		const at = line.order / 1000;
		// The file began before, or a line before the first with a time.
		if (!line.isTimeAssumed && at >= span.since * 1000 && at <= span.until * 1000 + 1000) {
			queue.push({at, uncertainMs: asked.took / 2 + fileMs, from, boot: undefined, line});
		}
	};
	return readAll(queue, {ssh, plan, command, lineMaxBytes: textMaxLength * 2, signal}, take, ({status}) => {
		noteIfCut();
		const broken = /^none broken (\S+)/.exec(status)?.[1];
		if (broken !== undefined) {
			problems.push(
				`${plan.node}: ${broken} is not read to its end: it is damaged, or what unpacks it is not installed there`,
			);
			return;
		}

		const problem = status.startsWith('ended') ? undefined : problemOf(status, path, asked.user);
		if (problem !== undefined) {
			problems.push(
				`${plan.node}: ${problem.text}${problem.remedy === undefined ? '' : `; ${problem.remedy}`}`,
			);
		}
	});
}

/** The lines, from when the first one is asked for. */
async function* readAll(
	queue: LineQueue<PastLine>,
	{
		ssh,
		plan,
		command,
		lineMaxBytes,
		signal,
	}: {ssh: Ssh; plan: NodeLogs; command: string; lineMaxBytes: number; signal: AbortSignal},
	take: (line: string, bytes: number, isCut: boolean) => void,
	onEnd: (ended: Ended) => void,
): AsyncGenerator<PastLine> {
	const read = async () => {
		const channel = await ssh.stream(plan.host, command);
		onEnd(
			await readLines(channel, {
				batches: queue,
				lineMaxBytes,
				take,
				onErrors() {
					// They are read at the end.
				},
				signal,
			}),
		);
	};
	read().then(
		() => {
			queue.end();
		},
		(error: unknown) => {
			queue.end(error);
		},
	);
	yield* queue;
}

/** Why a log broke, in words. */
export function brokenLog(node: string, error: unknown): string {
	return `${node}: its logs are not read to their end: ${reasonOf(error)}`;
}
