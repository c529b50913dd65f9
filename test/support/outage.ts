/** The write outage of an application that is independent of the console, compared with the console's. */
import {spawn} from 'node:child_process';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {expect} from 'vitest';
import {execCommand} from '../../lab/lab.ts';

/** Tolerance, ms: two programs reconnect on a busy machine, each at a moment of its own, and the screen is read later. */
const toleranceMs = 300;

export type Application = {
	/** Resolves at the first acknowledgement after the call. */
	written: () => Promise<void>;
	/** The longest time between two acknowledgements since `moment`, ms. */
	longest: (moment: number) => number;
	end: () => void;
};

export async function application(vip = '10.73.0.172'): Promise<Application> {
	const writer = path.join(import.meta.dirname, 'writer.ts');
	const {file, args, env} = execCommand([process.execPath, writer, vip]);
	const child = spawn(file, args, {env, stdio: ['pipe', 'pipe', 'inherit']});
	const acknowledged: number[] = [];
	const waiting = new Set<() => void>();
	createInterface({input: child.stdout}).on('line', line => {
		acknowledged.push(Number(line));
		for (const resolve of waiting) {
			resolve();
		}
	});
	const written = async () =>
		new Promise<void>((resolve, reject) => {
			waiting.add(resolve);
			child.once('exit', () => {
				reject(new Error('the application ended'));
			});
		});
	await written();
	return {
		written,
		longest(moment) {
			// An outage that has begun is measured from the last acknowledgement.
			const first = Math.max(
				0,
				acknowledged.findLastIndex(at => at < moment),
			);
			const since = acknowledged.slice(first);
			return Math.max(...since.slice(1).map((at, index) => at - (since[index] ?? at)));
		},
		end() {
			child.stdin.end();
		},
	};
}

/** The longest write outage on the console's screen, ms. */
export function longestOnScreen(text: string): number {
	const said = [...text.matchAll(/write outage through :5000 ended after ([\d.]+) (m?s)/g)];
	return Math.max(0, ...said.map(([, length, unit]) => Number(length) * (unit === 's' ? 1000 : 1)));
}

/** Within 5 % of each other, or within the tolerance. */
export function expectSame(console: number, application: number): void {
	const apart = Math.abs(console - application);
	process.stderr.write(`write outage: the console says ${console} ms, the application ${application} ms\n`);
	expect(apart, `the console says ${console} ms, the application ${application} ms`).toBeLessThanOrEqual(
		Math.max(application * 0.05, toleranceMs),
	);
}
