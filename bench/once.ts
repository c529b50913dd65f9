/**
 * `pgha-top --once` compared with `patronictl list`, alternating: wall time, and CPU time with all children. Once with
 * patronictl's sources (etcd and REST), and once with all of pgha-top's.
 */
import {execa} from 'execa';
import {patronictl} from './patronictl.ts';
import type {Figure} from './report.ts';
import {median} from './statistics.ts';

const rounds = 21;

/** Enables the sources that patronictl does not have: the VIP, SSH, HAProxy and the probe. */
const ownSettings = 'PGHA_TOP_CONFIG_FILE';

export async function once(): Promise<Figure[]> {
	const peer = patronictl('pgdb1');
	const looks: Look[] = [
		{
			what: "--once with patronictl's own configuration (etcd and REST)",
			argv: withoutOwnSettings,
			atMost: 0.45,
		},
		{
			what: '--once with all of it (also SSH, HAProxy and the probe)',
			argv: ['pgha-top', '--once'],
			atMost: 1,
		},
	];
	const ours = looks.map((): Timing[] => []);
	const theirs: Timing[] = [];
	try {
		for (const argv of [...looks.map(look => look.argv), peer.list]) {
			// The first runs fill the page cache and Node's cache of compiled code.
			await timed(argv);
		}

		for (let round = 0; round < rounds; round++) {
			for (const [index, {argv}] of looks.entries()) {
				ours[index]?.push(await timed(argv));
			}

			theirs.push(await timed(peer.list));
		}
	} finally {
		peer.end();
	}

	return looks.flatMap(({what, atMost}, index): Figure[] => {
		const of = (field: keyof Timing) => ({
			unit: 'ms' as const,
			ours: medianOf(ours[index] ?? [], field),
			peer: medianOf(theirs, field),
			note: `medians of ${rounds} rounds; peer: patronictl list`,
		});
		return [
			{what: `${what}: wall`, ...of('wall'), goal: {atMost, of: 'peer'}},
			{what: `${what}: CPU`, ...of('cpu')},
		];
	});
}

const withoutOwnSettings = ['env', '-u', ownSettings, 'pgha-top', '--once'];

function medianOf(timings: readonly Timing[], field: keyof Timing): number {
	return median(timings.map(timing => timing[field]));
}

/** `atMost`: the goal, as a ratio to the peer. */
type Look = {what: string; argv: readonly string[]; atMost: number};

type Timing = {wall: number; cpu: number};

/** Measured by the shell's `time`, which counts reaped children. */
async function timed(argv: readonly string[]): Promise<Timing> {
	const {stderr, stdout} = await execa('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...argv], {
		timeout: 30_000,
		reject: false,
	});
	if (!stdout.includes('pgdb2')) {
		throw new Error(`${argv.join(' ')} does not show the cluster:\n${stdout}\n${stderr}`);
	}

	const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
	return {wall: wall * 1000, cpu: (user + system) * 1000};
}
