/** Follows a node's journal: emits lines, stores the position, and reports what prevents reading. */
import type {Ssh} from '../../connections/ssh/ssh.ts';
import type {Problem} from '../../domain/facts.ts';
import {
	bootOf,
	cursorOf,
	entryOf,
	isSameMoment,
	JournalReader,
	type NodeClock,
} from '../../domain/logs/journal.ts';
import type {NodeLogs} from '../../domain/logs/logs.ts';
import type {LogSettings} from '../../domain/logs/settings.ts';
import {cursorCommand, fullUnit, type JournalStart, journalCommand, journalWordsCommand} from './command.ts';
import type {LineBatcher} from './line-batcher.ts';
import type {ReadPositions} from './streams.ts';
import {type Ended, readLines} from './streams.ts';

/** Bytes of a JSON line; a longer one is no useful log line. */
const jsonMaxBytes = 1024 * 1024;

export type StreamContext = {
	ssh: Pick<Ssh, 'stream'>;
	plan: NodeLogs;
	/** How the node's services write their logs. */
	settings: LogSettings;
	clock: NodeClock;
	/** The login's user on the node. */
	user: string;
	batches: LineBatcher;
	places: ReadPositions;
	signal: AbortSignal;
	/** Only lines with one of these words are read, the last ones again after a break. */
	filter?: string;
	/** Reports a problem of one of the node's streams; undefined if it is solved. */
	reportProblem: (stream: string, problem: Omit<Problem, 'node'> | undefined) => void;
	/** Inserts a line of the console about a single event. */
	mark: (text: string) => void;
};

type Reading = {
	system: boolean;
	start: JournalStart;
	until: 'stopped' | 'end';
	/** Boots whose entries are skipped: they were read before, or are read later. */
	without?: ReadonlySet<string>;
};

/** Resolves when journalctl ends by itself; rejects when the connection is lost. */
export async function followJournal(context: StreamContext, system: boolean): Promise<void> {
	const {places} = context;
	const left = context.filter === undefined ? places.cursor : undefined;
	if (left === undefined) {
		await readJournal(context, {system, start: 'history', until: 'stopped'});
		return;
	}

	const found = await findCursor(context, left);
	if (found === undefined) {
		return;
	}

	if (!found.isSame) {
		context.mark(
			'the journal no longer has the entry that was read last (vacuumed, or another machine): lines may be missing',
		);
	}

	if (found.first === undefined) {
		places.loseCursor();
		await readJournal(context, {system, start: 'history', until: 'stopped'});
		return;
	}

	places.moveTo(found.first);
	const boot = bootOf(found.first);
	if (boot !== undefined && boot === found.boot) {
		await readJournal(context, {system, start: {cursor: found.first}, until: 'stopped'});
		return;
	}

	// Across boots journalctl finds entries by time, but a clock may be set back: so earlier boots are read to their
	// end, then the present one from its beginning, each once.
	const others = [...places.boots, found.boot ?? ''].filter(one => one !== boot);
	const drain: Reading = {system, start: {cursor: found.first}, until: 'end', without: new Set(others)};
	if (await readJournal(context, drain)) {
		if (boot !== undefined) {
			places.boots.add(boot);
		}

		const start = found.boot === undefined ? {cursor: places.cursor ?? found.first} : 'boot';
		await readJournal(context, {system, start, until: 'stopped'});
	}
}

type Found = {
	/** Id of the present boot. */
	boot: string | undefined;
	/** The entry at the cursor is the one that was read last. */
	isSame: boolean;
	/** Cursor of that entry; undefined if there is none at or after the position. */
	first: string | undefined;
};

/** Undefined if the journal cannot be read. */
async function findCursor(context: StreamContext, cursor: string): Promise<Found | undefined> {
	const {ssh, plan, batches, signal} = context;
	let boot: string | undefined;
	let first: string | undefined;
	const ended = await readLines(await ssh.stream(plan.host, cursorCommand(cursor)), {
		batches,
		lineMaxBytes: jsonMaxBytes,
		signal,
		take(text) {
			boot ??= text.replaceAll('-', '');
			first ??= cursorOf(text);
		},
		onErrors: reportPermission(context),
	});
	// This journalctl does not accept the cursor.
	const isRefused = /Failed to seek to cursor/.test(ended.errors);
	if (ended.status !== 'ended 0' && !isRefused) {
		reportEnd(context, ended);
		return undefined;
	}

	return {
		boot: boot !== undefined && /^[\da-f]{32}$/.test(boot) ? boot : undefined,
		isSame: first !== undefined && isSameMoment(first, cursor),
		first,
	};
}

/** @returns whether the read was complete */
async function readJournal(
	context: StreamContext,
	{system, start, until, without}: Reading,
): Promise<boolean> {
	const {ssh, plan, clock, batches, places, signal} = context;
	const reader = new JournalReader(
		plan.node,
		clock,
		new Map(plan.units.map(({name, unit}) => [fullUnit(unit), name])),
		context.settings,
	);
	const units = plan.units.map(({unit}) => unit);
	/** Entries that may be read again. */
	const known = places.recentEntries();
	const {filter} = context;
	const channel = await ssh.stream(
		plan.host,
		filter === undefined
			? journalCommand(units, {system, start, until})
			: journalWordsCommand(units[0] ?? '', filter),
	);
	let last: string | undefined;
	const readLast = () => {
		// The last skipped entry is the journal's position.
		const cursor = last === undefined ? undefined : cursorOf(last);
		last = undefined;
		if (cursor !== undefined) {
			places.readEntry(cursor);
		}
	};
	const ended = await readLines(channel, {
		batches,
		lineMaxBytes: jsonMaxBytes,
		signal,
		take(text) {
			if (without?.has(bootOf(cursorOf(text) ?? '') ?? '')) {
				return;
			}

			if (batches.leavesOut) {
				batches.skip();
				last = text;
				return;
			}

			last = undefined;
			const read = text === '' ? undefined : reader.read(text);
			if (read === undefined) {
				// "-- No entries --", "-- Boot … --"
				if (text !== '' && !text.startsWith('-- ')) {
					batches.skip();
				}

				return;
			}

			if (read.cursor !== undefined && isKnown(known, read.cursor)) {
				places.moveTo(read.cursor);
				return;
			}

			if (read.cursor !== undefined) {
				places.readEntry(read.cursor);
			}

			batches.add(read.line);
		},
		onErrors: reportPermission(context),
	}).finally(readLast);
	if (until === 'end' && ended.status === 'ended 0') {
		return true;
	}

	reportEnd(context, ended);
	return false;
}

/** Whether the entry was read before; counts down, since equal entries may be read several times. */
function isKnown(known: Map<string, number>, cursor: string): boolean {
	const entry = entryOf(cursor);
	const count = known.get(entry) ?? 0;
	if (count > 0) {
		known.set(entry, count - 1);
	}

	return count > 0;
}

function reportPermission({reportProblem, user}: StreamContext): (errors: string) => void {
	return errors => {
		reportProblem('journal', permission(errors, user));
	};
}

function reportEnd({reportProblem, user}: StreamContext, {status, errors}: Ended): void {
	if (status.endsWith(' 127')) {
		reportProblem('journal', {
			text: 'there is no journalctl',
			remedy: 'name its log files in your configuration, below logs',
		});
	} else if (status !== '' && permission(errors, user) === undefined) {
		const why = errors.split('\n').find(line => line !== '' && !line.startsWith('pgha-top:'));
		reportProblem('journal', {text: `journalctl ended: ${why ?? status}`, remedy: undefined});
	}
}

function permission(errors: string, user: string): Omit<Problem, 'node'> | undefined {
	return /insufficient permissions|not seeing messages from other users/.test(errors)
		? {
				text: `${user} may not read the journal`,
				remedy: `on the node: sudo usermod -aG systemd-journal ${user}`,
			}
		: undefined;
}
