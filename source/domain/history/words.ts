/** The lines of a node's logs that count as last words, and what is kept of them. Pure. */
import {redact} from '../../lib/secrets.ts';
import type {SourceId} from '../facts.ts';
import type {LogLine} from '../logs/log-buffer.ts';
import {readLine} from './read-line.ts';
import type {Said, SaidKind} from './said.ts';

/** A line of the log of Patroni or PostgreSQL that counts here. */
export type Word = {
	/** By the session's time, Unix ms: within `uncertainMs`. */
	at: number;
	uncertainMs: number;
	/** The message, as evidence. */
	text: string;
	said: Said;
};

export type LastWords = {
	source: SourceId;
	/** Patroni's last decision: one each loop. */
	decision?: Word;
	/** What it logged in the loop that ended with the decision: why. The last few, in their order. */
	reasons: readonly Word[];
	/** What it logged since. */
	since: readonly Word[];
	/** PostgreSQL's last PANIC or FATAL, and what else stops its replication or its writes. */
	postgres?: Word;
};

/** Lines of Patroni between two decisions that say why it decides so. */
const reasonKinds: ReadonlySet<SaidKind> = new Set([
	'patroni.waits',
	'patroni.watchdog',
	'patroni.dcs-lost',
	'patroni.lock-lost',
	'patroni.demoted',
	'patroni.rewind-failed',
	'patroni.reinitialize-failed',
	'patroni.stopped',
]);

/** What stops replication or writes, whatever the level of its line. */
const complaints: ReadonlySet<SaidKind> = new Set([
	'postgres.wal-removed',
	'postgres.diverged',
	'postgres.disk-full',
]);

/** Ends of a process that ends the server, or what it does for the cluster. */
const ends: ReadonlySet<SaidKind> = new Set(['postgres.panic', 'postgres.fatal', 'postgres.streaming-lost']);

/** Undefined: the line is none of the last words. Secrets in it are masked. */
export function wordOf(line: LogLine, uncertainMs: number): Word | undefined {
	const said = readLine(line);
	if (said === undefined || !isWord(said, line.word)) {
		return undefined;
	}

	const {why} = said;
	return {
		at: line.order / 1000,
		uncertainMs,
		text: redact(line.text.slice(line.messageAt ?? 0, line.messageEnd)).slice(0, wordMaxLength),
		said: why === undefined ? said : {...said, why: redact(why)},
	};
}

/** Characters of a message that are kept. */
export const wordMaxLength = 300;

function isWord({kind, isDecision, why = ''}: Said, level: string): boolean {
	return (
		isDecision === true ||
		reasonKinds.has(kind) ||
		complaints.has(kind) ||
		kind === 'postgres.streaming-began' ||
		(ends.has(kind) && (level === 'FATAL' || level === 'PANIC')) ||
		// While PostgreSQL starts or stops, or for a wrong login, a refusal says nothing of the server's state.
		(kind === 'postgres.refused' && why.startsWith('too many '))
	);
}

/** Reasons that are kept: a loop of the leader race logs a few a member. */
const reasonsMax = 8;

/** Over once it streams. */
const ofStreaming: ReadonlySet<SaidKind> = new Set([
	'postgres.wal-removed',
	'postgres.diverged',
	'postgres.streaming-lost',
]);

/** A member that leads receives no WAL. */
const leading: ReadonlySet<SaidKind> = new Set(['patroni.leads', 'patroni.promoted']);

function withoutStreaming(word: Word | undefined): Word | undefined {
	return word !== undefined && ofStreaming.has(word.said.kind) ? undefined : word;
}

/**
 * @param words in the order of their log. The last one counts, whatever its time: a clock may be set back, and a log that is read
 * again from a little earlier ends with its last line, too.
 */
export function foldWords(
	before: LastWords | undefined,
	source: SourceId,
	words: readonly Word[],
): LastWords {
	let {decision, reasons, since, postgres}: Omit<LastWords, 'source'> = before ?? {reasons: [], since: []};
	for (const word of words) {
		if (word.said.kind === 'postgres.streaming-began') {
			postgres = withoutStreaming(postgres);
		} else if (!word.said.kind.startsWith('patroni.')) {
			postgres = word;
		} else if (word.said.isDecision) {
			[decision, reasons, since] = [word, since, []];
			postgres = leading.has(word.said.kind) ? withoutStreaming(postgres) : postgres;
		} else {
			since = [...since, word].slice(-reasonsMax);
		}
	}

	return {
		source,
		reasons,
		since,
		...(decision === undefined ? {} : {decision}),
		...(postgres === undefined ? {} : {postgres}),
	};
}

/** Lines of one event that are looked at: only the last words count, and a log may have many thousand lines a second. */
const linesMax = 500;

export function wordsOf(lines: readonly LogLine[], uncertainMs: number): Word[] {
	return lines
		.filter(({service}) => service === 'patroni' || service === 'postgresql')
		.slice(-linesMax)
		.flatMap(line => wordOf(line, uncertainMs) ?? []);
}
