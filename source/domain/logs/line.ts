/** One line of a log, and how grave it is. */

export type LogLine = {
	/** µs since 1970 by the node's own clock. */
	at: number;
	/** Where it stands among all nodes' lines: `at`, set right by the node's clock offset where that is worth a word. */
	order: number;
	/** Undefined for what the console says itself. */
	node: string | undefined;
	service: string;
	/** As syslog counts: 0 emergency, 3 error, 4 warning, 6 information, 7 debug. */
	level: number;
	/** What the service itself calls its level. */
	word: string;
	/** Safe for a terminal, but for tabs, which are shown as spaces. */
	text: string;
};

/** Between the places of two lines of one moment, µs: half a microsecond is more than the precision of doubles at this magnitude. */
export const tick = 0.5;

/** The service under which the console's own words stand in the stream. */
export const consoleService = 'pgha-top';

/** HAProxy's own lines about questions for its statistics: most of them are this console's. */
export const statisticsService = 'haproxy-stats';

/** By syslog's number. */
export const levelWords = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

export const levels = {crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7} as const;

/** What services call their levels: PostgreSQL, Python's logging, zap, HAProxy. */
const words: ReadonlyMap<string, number> = new Map(
	Object.entries({
		PANIC: levels.crit,
		FATAL: levels.err,
		ERROR: levels.err,
		WARNING: levels.warning,
		NOTICE: levels.notice,
		LOG: levels.info,
		INFO: levels.info,
		DEBUG: levels.debug,
		CRITICAL: levels.crit,
		ALERT: 1,
		EMERG: 0,
		DPANIC: levels.crit,
		WARN: levels.warning,
	}),
);

/** The level that a service's own word stands for; DEBUG1 to DEBUG5 are PostgreSQL's. */
export function levelOf(word: string): number | undefined {
	const upper = word.toUpperCase();
	return words.get(upper.startsWith('DEBUG') ? 'DEBUG' : upper);
}

/** What a line costs besides its text, roughly: the object and what refers to it. */
const overhead = 160;

export function bytesOf({text}: LogLine): number {
	return text.length + overhead;
}
