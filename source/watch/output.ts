/** The lines that a watch prints: for a terminal with their time, for the journal with their priority. */
import {fstatSync} from 'node:fs';
import type {Severity} from '../domain/findings/finding.ts';
import {age} from '../lib/format.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import type {Change} from './episodes.ts';

/** Levels of syslog. */
export const priorities = {error: 3, warning: 4, notice: 5, info: 6} as const;

type Priority = keyof typeof priorities;

const bySeverity: Readonly<Record<Severity, Priority>> = {
	critical: 'error',
	degraded: 'warning',
	unknown: 'warning',
	notice: 'notice',
};

export type Print = (text: string, priority: Priority) => void;

/** @param write takes a line @param isJournal the journal reads the output, and adds the time */
export function printerOf(write: (line: string) => void, isJournal: boolean, now: () => number): Print {
	return (text, priority) => {
		const line = sanitize(redact(text));
		const time = new Date(now()).toISOString().replace(/\.\d+/, '');
		write(isJournal ? `<${priorities[priority]}>${line}\n` : `${time} ${line}\n`);
	};
}

/** Whether standard output is the journal's (systemd.exec(5), `JOURNAL_STREAM`). */
export function writesToJournal({
	JOURNAL_STREAM: stream,
}: Readonly<Record<string, string | undefined>>): boolean {
	if (!stream) {
		return false;
	}

	const {dev, ino} = fstatSync(1);
	return stream === `${dev}:${ino}`;
}

/** `critical began: no leader`, `critical ended after 12s: no leader` */
export function changeLine(
	{phase, finding, since, until}: Change<{severity: Severity; text: string}>,
	verdict: string,
): {text: string; priority: Priority} {
	const {severity, text} = finding;
	return phase === 'ended'
		? {
				text: `${severity} ended after ${age(until - since)}: ${text}; the cluster is ${verdict}`,
				priority: 'info',
			}
		: {text: `${severity} ${phase}: ${text}`, priority: bySeverity[severity]};
}
