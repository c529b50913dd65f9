/**
 * `npm run judge -- ORACLE RECORDING [--faults FILE] [--cut DIR]`: finds lies, misses and false alarms of the screen.
 */
import process from 'node:process';
import {parseArgs} from 'node:util';
import {openRecording} from '../../source/recording/read/open.ts';
import {RecordingError} from '../../source/recording/schema.ts';
import type {Verdict} from './compare.ts';
import {cut} from './cut.ts';
import {FaultTimes} from './fault-times.ts';
import {eventsBetween, judge} from './judge.ts';
import {InputError, readChaos, readOracle} from './oracle-file.ts';

const usage = 'usage: npm run judge -- ORACLE RECORDING [--faults FILE] [--cut DIR]';

/** @returns 0: no verdict; 1: some; 2: the input is invalid */
async function main(): Promise<number> {
	const {values, positionals} = parseArgs({
		allowPositionals: true,
		options: {faults: {type: 'string'}, cut: {type: 'string'}},
	});
	const [oracleFile, recordingFile, ...more] = positionals;
	if (oracleFile === undefined || recordingFile === undefined || more.length > 0) throw new InputError(usage);
	const oracle = readOracle(oracleFile);
	const chaos = values.faults === undefined ? undefined : readChaos(values.faults);
	const faults = new FaultTimes(chaos?.lines ?? []);
	const recording = await openRecording(recordingFile);
	try {
		const {from, to, counts, verdicts} = judge(oracle, recording, faults);
		if (counts.moments === 0) throw new InputError('the oracle and the recording have no time in common');
		for (const [index, verdict] of verdicts.entries()) {
			const around = eventsBetween(
				recording,
				(verdict.changedAt ?? verdict.from) - 4000,
				verdict.from + 1000,
			);
			write(
				`${index + 1}. ${describe(verdict)}`,
				`   in force: ${describeFaults(faults, verdict)}${chaos === undefined ? ' (no --faults)' : ` (seed ${chaos.header.seed})`}`,
				...around.slice(-14).map(line => `   ${line}`),
				'',
			);
		}

		const count = (kind: Verdict['kind']) => verdicts.filter(one => one.kind === kind).length;
		write(
			`${time(from)} to ${time(to)}: ${counts.moments} moments, ${counts.claims} values shown live, ` +
				`${counts.changes} changes, ${counts.judged} of them judged ` +
				`(${counts.dropped.unseen} out of sight, ${counts.dropped.over} soon over), ` +
				`${counts.findings} findings judged`,
			...(counts.brief === 0 ? [] : [`not judged: ${counts.brief} of addresses for less than two samples`]),
			...[...counts.unjudged].map(([id, times]) => `not judged: ${id}, at ${times} moments`),
			`faults done: ${faults.all.length}; lies: ${count('lie')}, misses: ${count('miss')}, false alarms: ${count('false alarm')}`,
		);
		if (values.cut !== undefined && verdicts.length > 0) {
			const files = await cut(recording, verdicts, values.cut);
			write(`cut: ${files.length} recordings in ${values.cut}; pgha-top replay FILE plays one`);
		}

		return verdicts.length === 0 ? 0 : 1;
	} finally {
		recording.close();
	}
}

function describe({
	kind,
	subject,
	from,
	to,
	shown,
	actual,
	source,
	changedAt,
	lateMs,
	boundMs,
}: Verdict): string {
	const when = to - from < 200 ? time(from) : `${time(from)} to ${time(to)}`;
	switch (kind) {
		case 'lie': {
			return `LIE ${when} ${subject}: shown live as "${shown}" (${source}); for ${boundMs} ms it was: ${actual}`;
		}

		case 'miss': {
			const late = lateMs === undefined ? 'not shown' : `shown after ${lateMs} ms`;
			return `MISS ${when} ${subject}: ${actual} at ${time(changedAt ?? from)}, ${late}; the screen had "${shown}" (${source})`;
		}

		case 'false alarm': {
			return `FALSE ALARM ${when} ${subject}: ${shown}`;
		}
	}
}

function describeFaults(faults: FaultTimes, {from, to, changedAt}: Verdict): string {
	const inForce = faults.between((changedAt ?? from) - 10_000, to);
	return (
		inForce
			.map(fault =>
				[fault.kind, ...fault.nodes, fault.detail, `since ${time(fault.from)}`].filter(Boolean).join(' '),
			)
			.join('; ') || 'no fault'
	);
}

const time = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString().slice(11, 23) : '…');

function write(...lines: readonly string[]): void {
	process.stdout.write(`${lines.join('\n')}\n`);
}

try {
	process.exitCode = await main();
} catch (error) {
	const isUsage =
		error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
	if (!(error instanceof InputError || error instanceof RecordingError || isUsage)) throw error;
	process.stderr.write(`judge: ${error.message}\n`);
	process.exitCode = 2;
}
