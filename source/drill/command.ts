/** `pgha-top drill`: what was typed behind it, and what comes of it. */
import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import packageJson from '../../package.json' with {type: 'json'};
import {negatable, settingFlags} from '../cli/command-line.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import type {Done} from '../cli/subcommand.ts';
import {configOf} from '../config/config.ts';
import {printConfig} from '../config/print.ts';
import {readSettings} from '../config/settings.ts';
import {anyOf} from '../domain/drill/goals.ts';
import {type DrillKind, type DrillResult, drillKinds} from '../domain/drill/types.ts';
import {verdictWord} from '../domain/drill/verdict.ts';
import {catchFaults} from '../lib/faults.ts';
import {clock} from '../lib/format.ts';
import {sanitize} from '../lib/sanitize.ts';
import {RecordingError} from '../recording/format.ts';
import {durationOf, goalsTyped} from '../report/command.ts';
import type {Ended} from './outcome.ts';
import {drillsFile, earlierDrills, saveDrill} from './past.ts';
import {drillConfig, openSession} from './session.ts';
import {Stages, type Words} from './stages.ts';
import {tableOf} from './table.ts';
import {waitUntil} from './wait-until.ts';

export const usage = `
  Does it on purpose, and measures how long clients feel it

  Usage
    $ pgha-top drill switchover|shutdown|power-cut [options]

  Options, beside those that say which cluster (see pgha-top --help)
    --target NAME           who takes over, or whose machine goes away; else who fits best, or the leader's machine
    --goal DURATION         the longest time without writes that is accepted, such as 5s; of another measure
    --goal MEASURE=DURATION leaderless, leader, vip or redundancy, such as redundancy=60s; as often as there are measures
    --within DURATION       each stage may take this long (default 10m)
    --yes                   without a question, for a rehearsal that nobody attends
    --record FILE           where the recording goes; else beside the others
    --record-logs           the nodes' log lines as well
    --reason TEXT           why, for the recording and the audit log
    --help

  Exit codes: 0 the goal was met, 1 it was not, 2 the drill failed, 3 nobody can tell, 64 the command line is wrong,
  73 the recording can't be written
`;

export const flags = {
	...settingFlags,
	target: {type: 'string'},
	goal: {type: 'string', isMultiple: true},
	within: {type: 'string', default: '10m'},
	yes: {type: 'boolean', default: false},
	record: {type: 'string'},
	recordLogs: {type: 'boolean', default: false},
	reason: {type: 'string'},
	help: {type: 'boolean', shortFlag: 'h', default: false},
} as const;

const here = 'pgha-top drill --help';
const exitCodes: Readonly<Record<DrillResult, number>> = {met: 0, 'not met': 1, failed: 2, unknown: 3};
const notWritten = 73;

/** @throws UsageError, ConfigError */
export async function drillCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, {help: here, negatable});
	const {
		target,
		goal: typedGoals,
		within: typedWithin,
		yes,
		record,
		recordLogs,
		reason,
		help,
		...given
	} = typed;
	if (help) {
		return {text: usage, exitCode: 0};
	}

	const kind = kindOf(input);
	const goals = goalsTyped(typedGoals);
	const within = durationOf('--within', typedWithin);
	const attended = process.stdin.isTTY === true && process.stdout.isTTY === true;
	if (!yes && !attended) {
		throw new UsageError(`nobody is there to be asked: --yes says that it is meant; see ${here}`);
	}

	const settings = readSettings(given, process.env);
	const config = drillConfig(configOf(settings));
	if (goals.writes !== undefined && config.probe === undefined) {
		throw new UsageError('--goal needs the probe, which measures the time without writes: give --probe');
	}

	const broken = new AbortController();
	const breakOff = () => {
		broken.abort();
	};
	process.once('SIGINT', breakOff).once('SIGTERM', breakOff).once('SIGHUP', breakOff);
	const fault = Promise.withResolvers<never>();
	const uncaught = catchFaults(fault.reject);
	let session: Awaited<ReturnType<typeof openSession>>;
	try {
		session = await openSession(config, {
			program: packageJson.version,
			printedConfig: () => printConfig(config, settings),
			file: record,
			logs: recordLogs,
			reason,
			kind,
			attended,
			onFault: fault.reject,
		});
	} catch (error) {
		if (error instanceof RecordingError) {
			return {text: '', exitCode: notWritten, complaint: error.message};
		}

		throw error;
	}

	const words = wordsOf(session.runtime, {yes, signal: broken.signal});
	try {
		const wait = waitUntil(session.runtime, broken.signal);
		const stages = new Stages(session, wait, words, {kind, target, goals, reason, within, logs: recordLogs});
		const ended = await Promise.race([stages.run(), fault.promise]);
		const text = await told(ended, {scope: config.scope, recording: session.recording, reason, words});
		return {text, exitCode: exitCodes[ended.result]};
	} finally {
		await session.close();
		uncaught();
	}
}

function kindOf([kind, more]: readonly string[]): DrillKind {
	const known = drillKinds.find(one => one === kind);
	if (known === undefined || more !== undefined) {
		throw new UsageError(
			known === undefined
				? `say which drill: ${anyOf(drillKinds)}; see ${here}`
				: `unexpected argument ${shownArgument(more ?? '')}; see ${here}`,
		);
	}

	return known;
}

type Runtime = Awaited<ReturnType<typeof openSession>>['runtime'];

/** Lines as they come; what the timeline tells among them. */
function wordsOf(runtime: Runtime, {yes, signal}: {yes: boolean; signal: AbortSignal}): Words {
	const say = (text: string) => {
		const now = Date.now();
		process.stdout.write(`${clock(now, now)} ${sanitize(text)}\n`);
	};
	let {timeline} = runtime.state;
	runtime.subscribe(state => {
		if (state.timeline !== timeline) {
			const known = timeline.at(-1);
			const first = known === undefined ? 0 : state.timeline.lastIndexOf(known) + 1;
			for (const {text} of state.timeline.slice(first)) {
				say(text);
			}

			timeline = state.timeline;
		}
	});
	return {
		say,
		async agree(question, name) {
			if (yes) {
				return true;
			}

			const terminal = createInterface({input: process.stdin, output: process.stdout});
			try {
				const answer = await terminal.question(
					name === undefined ? `${question} [y/N] ` : `${question} Type ${name} to confirm: `,
					{signal},
				);
				return name === undefined ? /^y(es)?$/i.test(answer.trim()) : answer.trim() === name;
			} catch (error) {
				if (signal.aborted) {
					return false;
				}

				throw error;
			} finally {
				terminal.close();
			}
		},
	};
}

type Telling = {scope: string; recording: string; reason: string | undefined; words: Words};

/** What is printed at the end; what was measured is kept for the next one to be compared with. */
async function told({result, text, drill, measures}: Ended, telling: Telling): Promise<string> {
	const {scope, recording, reason, words} = telling;
	const end = `${verdictWord(result, drill)}: ${text}\nrecorded to ${recording}\n`;
	if (drill === undefined) {
		return sanitizeLines(end);
	}

	const {earlier, unreadable} = await earlierDrills(scope, drill.kind);
	if (unreadable > 0) {
		words.say(`${unreadable} lines of ${drillsFile()} can not be read: they are left out of the comparison`);
	}

	await saveDrill({result, text, drill, measures}, {scope, recording, reason});
	return sanitizeLines(
		`\n${tableOf(measures, drill, earlier)}\n\n${end}pgha-top report ${recording} --format html tells it\n`,
	);
}

function sanitizeLines(text: string): string {
	return text
		.split('\n')
		.map(line => sanitize(line))
		.join('\n');
}
