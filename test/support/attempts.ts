/** Attempts to write, of the application and of the console's probe, beside each other. */
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {holds} from '../../lab/wait-until.ts';
import type {Stamped} from '../../source/domain/events.ts';

/**
 * An attempt to write, with its times, Unix ms. `server`: who acknowledged it. `error`: why it failed, or a stall. `key`: of the
 * row that an application wrote.
 */
export type Attempt = {began: number; ended: number; server?: string; error?: string; key?: string};

/** ms before the outage that are shown, too. */
const beforeMs = 1000;
/** ms until the console has written an event to its recording; a busy machine takes longer. */
const recordedMaxMs = 10_000;

/** The writes of the console's probe by its recording, which is complete a moment later. */
export async function attemptsInRecording(file: string, until: number): Promise<Attempt[]> {
	await holds(() => (recorded(file).at(-1)?.at ?? 0) >= until, recordedMaxMs);
	return recorded(file).flatMap(attemptOf);
}

function attemptOf({at, event}: Stamped): Attempt[] {
	if (event.type === 'probe.answered' && event.port === 5000) {
		return [{began: event.startedAt, ended: event.answeredAt ?? at, server: event.server}];
	}

	if (event.type === 'probe.failed' && event.port === 5000) {
		return [{began: event.startedAt, ended: at, error: event.reason}];
	}

	return event.type === 'console.stalled' && event.port === 5000
		? [{began: at - event.milliseconds, ended: at, error: 'the probe did not run'}]
		: [];
}

function recorded(file: string): Stamped[] {
	const bytes = readFileSync(file);
	const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
	const lines = text.split('\n').slice(0, -1);
	return lines.filter(line => line.startsWith('{"at":')).map(line => JSON.parse(line) as Stamped);
}

/** A row for each attempt, in the order of their ends; times in ms since `began`. */
export function attemptsTable(
	of: Readonly<Record<string, readonly Attempt[]>>,
	began: number,
	until: number,
): string {
	return Object.entries(of)
		.flatMap(([who, attempts]) => attempts.map(attempt => ({who, ...attempt})))
		.filter(({ended}) => ended >= began - beforeMs && ended <= until)
		.toSorted((a, b) => a.ended - b.ended)
		.map(({who, server, error, ...at}) => {
			const [from, to] = [at.began - began, at.ended - began].map(ms => String(ms).padStart(6));
			return `${from} → ${to}  ${who.padEnd(7)}  ${error ?? `acknowledged by ${server}`}`;
		})
		.join('\n');
}
