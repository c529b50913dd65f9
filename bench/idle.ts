/** The cost of an idle console, compared with `patronictl list -w 1`: both in terminals, for the same minute. */
import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {Terminal} from '../test/support/terminal.ts';
import {patronictl} from './patronictl.ts';
import type {Figure} from './report.ts';
import {residentMemory} from './resident.ts';

const seconds = 60;
/** Milliseconds until caches are warm, the first garbage collection is over, and a minute without news has passed. */
const settling = 120_000;
/** Clock ticks per second, the unit of CPU time in /proc; 100 on every Linux that Node.js supports. */
const ticksPerSecond = 100;

export async function idle(): Promise<Figure[]> {
	const peer = patronictl('pgdb1');
	const console = new Terminal('pgha-top', []);
	const [command = '', ...args] = [...peer.list, '-w', '1'];
	const list = new Terminal(command, args);
	try {
		await Promise.all(
			[console, list].map(async terminal => terminal.until('both members', bothMembers, 30_000)),
		);
		await delay(settling);
		const before = [spent(console), spent(list)] as const;
		await delay(seconds * 1000);
		const [ours, theirs] = [since(console, before[0]), since(list, before[1])];
		const note = `the same ${seconds} s`;
		return [
			{
				what: 'idle: CPU',
				unit: '% of a core',
				ours: ours.cpu,
				peer: theirs.cpu,
				goal: {atMost: 3, of: 'value'},
				note,
			},
			{
				what: 'idle: resident memory',
				unit: 'MB',
				ours: ours.memory,
				peer: theirs.memory,
				goal: {atMost: 130, of: 'value'},
				note,
			},
			{
				what: 'idle: written to the terminal',
				unit: 'bytes/s',
				ours: ours.bytes,
				peer: theirs.bytes,
				goal: {atMost: 1, of: 'peer'},
				note,
			},
		];
	} finally {
		await Promise.all([console.kill(), list.kill()]);
		peer.end();
	}
}

const bothMembers = (screen: string) => /pgdb1 .*pgdb2 /s.test(screen);

type Spent = {ticks: number; bytes: number; at: number};

/** CPU ticks (user and system, reaped children included) and bytes written, since the program's start. */
function spent({pid, raw}: Terminal): Spent {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
		.replace(/^.*\) /, '')
		.split(' ')
		.map(Number);
	const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0);
	return {ticks, bytes: Buffer.byteLength(raw), at: performance.now()};
}

function since(terminal: Terminal, before: Spent): {cpu: number; bytes: number; memory: number} {
	const now = spent(terminal);
	const passed = (now.at - before.at) / 1000;
	return {
		cpu: ((now.ticks - before.ticks) / ticksPerSecond / passed) * 100,
		bytes: (now.bytes - before.bytes) / passed,
		memory: residentMemory(terminal.pid).now,
	};
}
