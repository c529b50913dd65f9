/**
 * Three nodes that write to a log as fast as they can: key latency, cost and kept lines, compared with
 * `ssh NODE journalctl -f` in a terminal, and with lnav or multitail if Debian's package is installed.
 */
import {existsSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {execa} from 'execa';
import {parse, stringify} from 'yaml';
import {sshCommand} from '../lab/operator.ts';
import {Terminal} from '../test/support/terminal.ts';
import {latencies, latencyFigures} from './latency.ts';
import type {Figure} from './report.ts';

const nodes = ['pgdb1', 'pgdb2', 'etcd1'] as const;
const seconds = 60;
const file = '/var/tmp/pgha-bench-flood.log';
/**
 * Lines per node in a tenth of a second: three nodes together write a little more than 100,000 lines a second, if the
 * machine is fast enough.
 */
const perTenth = 4000;
const line = 'no action. I am (pgdb1), the leader with the lock, and this line is about as long as they are';
/** Clock ticks per second, the unit of CPU time in /proc. */
const ticksPerSecond = 100;

export async function flood(): Promise<Figure[]> {
	const floods = await Promise.all(nodes.map(beginFlood));
	try {
		return [...(await ours(floods)), ...(await others())];
	} finally {
		await Promise.all(floods.map(async one => one.end()));
	}
}

type Flood = {lines: () => Promise<number>; end: () => Promise<void>};

/** Writes the lines of a tenth of a second at a time; the writer counts them. */
async function beginFlood(node: string): Promise<Flood> {
	const run = async (script: string) => {
		const {file: ssh, args, env} = sshCommand(node, ['sh']);
		return (await execa(ssh, args, {env, input: script, timeout: 30_000})).stdout;
	};
	await run(
		[
			`: > ${file}`,
			`cat > ${file}.sh <<'END'`,
			'i=0',
			`while :; do yes '${line}' | head -n ${perTenth} >> ${file}; i=$((i + ${perTenth})); echo $i > ${file}.count; sleep 0.1; done`,
			'END',
			`setsid sh ${file}.sh > /dev/null 2>&1 < /dev/null &`,
			`echo $! > ${file}.pid`,
			'',
		].join('\n'),
	);
	return {
		lines: async () => Number(await run(`cat ${file}.count\n`)),
		async end() {
			await run(`kill -- -$(cat ${file}.pid); rm -f ${file} ${file}.sh ${file}.count ${file}.pid\n`);
		},
	};
}

/** The operator's configuration, with the flooded file as the only log. */
function configured(): string {
	const given = parse(readFileSync(process.env.PGHA_TOP_CONFIG_FILE ?? '', 'utf8')) as Record<
		string,
		unknown
	>;
	const config = path.join(mkdtempSync(path.join(tmpdir(), 'pgha-bench-')), 'pgha-top.yaml');
	const logs = Object.fromEntries(nodes.map(node => [node, [{name: 'flood', file}]]));
	writeFileSync(config, stringify({...given, logs}));
	return config;
}

async function ours(floods: readonly Flood[]): Promise<Figure[]> {
	const terminal = new Terminal('pgha-top', [], {env: {PGHA_TOP_CONFIG_FILE: configured()}});
	try {
		await terminal.until('the members', text => text.includes('q quit') && text.includes('pgdb2'), 30_000);
		terminal.press('l');
		await terminal.until('the log', text => text.includes('Log: '));
		terminal.press('a');
		await terminal.until('the flood', text => text.includes('flood'), 30_000);
		const written = async () =>
			(await Promise.all(floods.map(async one => one.lines()))).reduce((a, b) => a + b, 0);
		const before = {...spent(terminal), lines: await written(), frames: frames(terminal)};
		let most = 0;
		const watch = setInterval(() => {
			most = Math.max(most, memory(terminal));
		}, 1000);
		// Each press toggles one word in the last line but two, which log lines do not change.
		const times = await latencies(terminal, Math.round((seconds * 1000) / 250), index => ({
			make() {
				terminal.press('w');
			},
			seen: screen =>
				screen.includes(index % 2 === 0 ? 'wrapped' : 'lines kept') &&
				screen.includes('wrapped') === (index % 2 === 0),
		}));
		clearInterval(watch);
		const after = {...spent(terminal), lines: await written(), frames: frames(terminal)};
		const passed = (after.at - before.at) / 1000;
		const note = `${Math.round((after.lines - before.lines) / passed).toLocaleString('en')} lines/s written by ${nodes.length} nodes`;
		return [
			...latencyFigures('flood: key to the screen', times, 50),
			{
				what: 'flood: CPU',
				unit: '% of a core',
				ours: ((after.ticks - before.ticks) / ticksPerSecond / passed) * 100,
				note,
			},
			{
				what: 'flood: most resident memory',
				unit: 'MB',
				ours: most,
				goal: {atMost: 400, of: 'value'},
				note: lastWords(terminal),
			},
			{
				what: 'flood: frames',
				unit: 'frames/s',
				ours: (after.frames - before.frames) / passed,
				goal: {atMost: 25, of: 'value'},
			},
			{what: 'flood: written to the terminal', unit: 'bytes/s', ours: (after.bytes - before.bytes) / passed},
		];
	} finally {
		await terminal.kill();
	}
}

/** The console's line about the log lines that it keeps. */
function lastWords(terminal: Terminal): string {
	return terminal.lines().at(-3)?.trim().slice(0, 100) ?? '';
}

/**
 * CPU, memory and terminal output of other programs under the same flood. Their screens do not show the effect of a
 * key.
 */
async function others(): Promise<Figure[]> {
	const tail = (node: string) => sshCommand(node, ['tail', '-F', file]);
	const join = ({file: ssh, args}: {file: string; args: readonly string[]}) => [ssh, ...args].join(' ');
	const peers: {name: string; command: string; args: readonly string[]; env: Record<string, string>}[] = [
		{
			name: 'ssh tail -F in a terminal',
			command: tail('pgdb1').file,
			args: tail('pgdb1').args,
			env: tail('pgdb1').env,
		},
		...(existsSync('/usr/bin/multitail')
			? [
					{
						name: 'multitail of the three',
						command: '/usr/bin/multitail',
						args: nodes.flatMap((node, index) => [index === 0 ? '-l' : '-L', join(tail(node))]),
						env: tail('pgdb1').env,
					},
				]
			: []),
		...(existsSync('/usr/bin/lnav')
			? [
					{
						name: 'lnav of the three',
						command: 'bash',
						args: ['-c', `exec /usr/bin/lnav < <(${nodes.map(node => join(tail(node))).join(' & ')})`],
						env: tail('pgdb1').env,
					},
				]
			: []),
	];
	const figures: Figure[] = [];
	for (const {name, command, args, env} of peers) {
		const terminal = new Terminal(command, args, {env});
		try {
			await terminal.until('the flood', text => text.includes('no action'), 30_000);
			const before = spent(terminal);
			await delay(10_000);
			const after = spent(terminal);
			const passed = (after.at - before.at) / 1000;
			figures.push(
				{
					what: `flood: ${name}: CPU`,
					unit: '% of a core',
					ours: ((after.ticks - before.ticks) / ticksPerSecond / passed) * 100,
				},
				{
					what: `flood: ${name}: written to the terminal`,
					unit: 'bytes/s',
					ours: (after.bytes - before.bytes) / passed,
				},
				{what: `flood: ${name}: resident memory`, unit: 'MB', ours: memory(terminal)},
			);
		} finally {
			await terminal.kill();
		}
	}

	return figures;
}

function spent({pid, raw}: Terminal): {ticks: number; bytes: number; at: number} {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
		.replace(/^.*\) /, '')
		.split(' ')
		.map(Number);
	return {
		ticks: fields.slice(11, 15).reduce((sum, field) => sum + field, 0),
		bytes: Buffer.byteLength(raw),
		at: performance.now(),
	};
}

function memory({pid}: Terminal): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Ink brackets each frame as one synchronized update. */
function frames({raw}: Terminal): number {
	return raw.split('\u001B[?2026h').length - 1;
}
