/** The write outage of an application that is independent of the console, compared with the console's. */
import {spawn} from 'node:child_process';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {expect} from 'vitest';
import {readInventory} from '../../lab/inventory.ts';
import {execCommand} from '../../lab/lab.ts';
import {sqlThroughVip} from '../../lab/psql.ts';
import {type Attempt, attemptsInRecording, attemptsTable} from './attempts.ts';

/** Tolerance, ms: two programs reconnect on a busy machine, each at a moment of its own, and the screen is read later. */
const toleranceMs = 300;

export type Application = {
	/** All attempts until now, in the order of their ends. */
	attempts: readonly Attempt[];
	/** Resolves at the first acknowledgement after the call. */
	written: () => Promise<void>;
	/** The longest time between two acknowledgements since `moment`, ms. */
	longest: (moment: number, until?: number) => number;
	end: () => void;
};

export async function application(vip = '10.73.0.172'): Promise<Application> {
	const writer = path.join(import.meta.dirname, 'writer.ts');
	const {file, args, env} = execCommand([process.execPath, writer, vip]);
	const child = spawn(file, args, {env, stdio: ['pipe', 'pipe', 'inherit']});
	const attempts: Attempt[] = [];
	const waiting = new Set<() => void>();
	createInterface({input: child.stdout}).on('line', line => {
		const attempt = JSON.parse(line) as Attempt;
		attempts.push(attempt);
		if (attempt.server !== undefined) {
			for (const resolve of waiting) {
				resolve();
			}

			waiting.clear();
		}
	});
	const written = async () =>
		new Promise<void>((resolve, reject) => {
			const fail = () => {
				reject(new Error('the application ended'));
			};
			waiting.add(() => {
				child.off('exit', fail);
				resolve();
			});
			child.once('exit', fail);
		});
	await written();
	return {
		attempts,
		written,
		longest(moment, until = Infinity) {
			return longestGap(
				attempts.filter(({ended}) => ended <= until),
				moment,
			);
		},
		end() {
			child.stdin.end();
		},
	};
}

/** The acknowledged writes of an application that are not there now, in the order of their acknowledgement. */
export async function missingOf({attempts}: Application): Promise<Attempt[]> {
	const acknowledged = attempts.filter(({server}) => server !== undefined);
	const rows = await sqlThroughVip(readInventory(), 'SELECT key FROM keyed', 'app');
	const there = new Set(rows.split('\n'));
	return acknowledged
		.filter(({key}) => key === undefined || !there.has(key))
		.toSorted((a, b) => a.ended - b.ended);
}

/** The longest time between two acknowledgements since `moment`, ms; an outage that has begun then counts from its begin. */
export function longestGap(attempts: readonly Attempt[], moment: number): number {
	const acknowledged = attempts.filter(({server}) => server !== undefined).map(({ended}) => ended);
	const first = Math.max(
		0,
		acknowledged.findLastIndex(at => at < moment),
	);
	const since = acknowledged.slice(first);
	return Math.max(...since.slice(1).map((at, index) => at - (since[index] ?? at)));
}

/** An outage as the console shows it. `stalledMs`: the outage may have been that much shorter. */
export type ShownOutage = {lengthMs: number; stalledMs: number};

/** The write outages whose end is on the screen, without those on an earlier one: a slow answer long before is one, too. */
export function outagesOnScreen(text: string, earlier = ''): ShownOutage[] {
	const known = endEntries(earlier).map(([entry]) => entry);
	return endEntries(text)
		.filter(([entry]) => !known.includes(entry))
		.map(([, length, unit, stalled = '0']) => ({
			lengthMs: Number(length) * (unit === 's' ? 1000 : 1),
			stalledMs: Number(stalled) * 1000,
		}));
}

function endEntries(text: string): RegExpExecArray[] {
	return [
		...text.matchAll(
			/[\d:.]+ \+ (?:[├└] )?write outage through :5000 ended after ([\d.]+) (m?s)(?: at [\d:.]+)?(?:, of which this console was stalled for ([\d.]+) s)?/g,
		),
	];
}

export function longestOf(outages: readonly ShownOutage[]): ShownOutage | undefined {
	return outages.toSorted((a, b) => b.lengthMs - a.lengthMs)[0];
}

/** Writes are acknowledged by this member: an outage in which it became the leader is over. */
export function isWritten(text: string, member: string): boolean {
	return new RegExp(`Writes +ok [^│]* ${member} `).test(text);
}

/** How far the two are apart, ms. */
export function apartMs({lengthMs, stalledMs}: ShownOutage, applicationMs: number): number {
	return Math.max(0, applicationMs - lengthMs, lengthMs - stalledMs - applicationMs);
}

/**
 * Within 5 % of each other, or within the tolerance; otherwise rejects with what both have seen since `began`.
 *
 * @param recording by the console, which is complete if it is compressed; undefined: only the application's attempts are shown
 */
export async function expectSame(
	shown: ShownOutage,
	app: Application,
	began: number,
	recording?: string,
): Promise<void> {
	const compared = Date.now();
	const applicationMs = app.longest(began);
	const stalled = shown.stalledMs === 0 ? '' : ` (stalled for ${shown.stalledMs} ms)`;
	const words = `the console says ${shown.lengthMs} ms${stalled}, the application ${applicationMs} ms`;
	process.stderr.write(`write outage: ${words}\n`);
	const allowedMs = Math.max(applicationMs * 0.05, toleranceMs);
	if (apartMs(shown, applicationMs) > allowedMs) {
		const console = recording === undefined ? [] : await attemptsInRecording(recording, compared);
		expect.fail(`${words}\n${attemptsTable({console, app: app.attempts}, began, compared)}`);
	}
}
