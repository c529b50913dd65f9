/** `pgha-top drill`: its flags, its terminal, and its final output. */

import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import packageJson from '../../package.json' with {type: 'json'};
import type {Done} from '../cli/command-line.ts';
import {exitCodes} from '../cli/command-line.ts';
import {definition, flags} from '../cli/commands/drill.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, suggestionFor, UsageError} from '../cli/parse-flags.ts';
import {configOf} from '../config/config.ts';
import {printConfig} from '../config/print.ts';
import {readSettings} from '../config/settings.ts';
import {type DrillKind, type DrillResult, drillKinds} from '../domain/drill/types.ts';
import {anyOf, verdictWord} from '../domain/drill/verdict.ts';
import {newEntries} from '../domain/timeline/timeline.ts';
import {catchFaults} from '../lib/faults.ts';
import {clock} from '../lib/format.ts';
import {sanitize} from '../lib/sanitize.ts';
import {RecordingError} from '../recording/schema.ts';
import {defaultFile} from '../recording/write/session-recorder.ts';
import {parseDurationFlag, parseGoalFlags} from '../report/command.ts';
import type {Runtime} from '../runtime.ts';
import {recordingsFolder, Session} from '../session.ts';
import type {DrillRun} from '../state/state.ts';
import {leave} from '../state/update/operations.ts';
import {measuresTable} from '../state/view/drill.ts';
import {askForDrill, type DrillOutcome, type DrillTerminal} from './ask.ts';

const here = 'pgha-top drill --help';
const resultCodes: Readonly<Record<DrillResult, number>> = {met: 0, 'not met': 1, failed: 2, unknown: 3};

/** @throws UsageError, ConfigError */
export async function drillCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, here);
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
		return {text: helpText(definition), exitCode: 0};
	}

	const kind = kindOf(input);
	const goals = parseGoalFlags(typedGoals);
	const stageMaxMs = parseDurationFlag('--within', typedWithin);
	const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true;
	if (!yes && !isAttended) {
		throw new UsageError(`no terminal to confirm on: pass --yes; see ${here}`);
	}

	const settings = readSettings(given, process.env);
	const config = configOf(settings);
	if (goals.writes !== undefined && config.probe === undefined) {
		throw new UsageError('--goal for the write outage needs a probe: pass --probe');
	}

	const {promise: fault, reject} = Promise.withResolvers<never>();
	const stopCatching = catchFaults(reject);
	const session = new Session({config, settings, onFault: reject, stageMaxMs});
	const recorder = await session.prepareRecorder({
		program: packageJson.version,
		config: () => printConfig(config, settings),
		logs: recordLogs,
		reason,
	});
	const file = record ?? (await defaultFile(recordingsFolder(), config.scope, new Date(), `-drill-${kind}`));
	try {
		await recorder.begin(file);
	} catch (error) {
		stopCatching();
		if (error instanceof RecordingError) {
			return {text: '', exitCode: exitCodes.cannotCreate, complaint: error.message};
		}

		throw error;
	}

	const {runtime} = session;
	const aborted = new AbortController();
	const abort = () => {
		aborted.abort();
		session.perform({type: 'drill.stop'});
	};
	process.once('SIGINT', abort).once('SIGTERM', abort).once('SIGHUP', abort);
	const stopPrinting = printTimeline(runtime);
	try {
		// Without an operator ssh's questions are skipped.
		await session.connect(async task => (isAttended ? task() : undefined));
		const terminal = terminalOf({yes, signal: aborted.signal});
		const wish = {kind, target, goals, reason: reason ?? '', logs: recordLogs};
		const outcome = await Promise.race([askForDrill(runtime, terminal, wish, aborted.signal), fault]);
		return {text: await endText(outcome, file), exitCode: resultCodes[outcome.result]};
	} finally {
		stopPrinting();
		for (const effect of leave(runtime.state)) {
			session.perform(effect);
		}

		await session.close();
		stopCatching();
	}
}

function kindOf([kind, more]: readonly string[]): DrillKind {
	const known = drillKinds.find(one => one === kind);
	if (known === undefined || more !== undefined) {
		throw new UsageError(
			known === undefined
				? `name a drill: ${anyOf(drillKinds)}${suggestionFor(kind ?? '', drillKinds)}; see ${here}`
				: `unexpected argument ${shownArgument(more ?? '')}; see ${here}`,
		);
	}

	return known;
}

function print(text: string): void {
	const now = Date.now();
	process.stdout.write(`${clock(now, now)} ${sanitize(text)}\n`);
}

/** Prints entries of the timeline and warnings as they arrive. @returns a function that stops it */
function printTimeline(runtime: Runtime): () => void {
	return runtime.observe(({before, after}) => {
		const entries = newEntries(before.timeline, after.timeline);
		for (const {text} of entries) {
			print(text);
		}

		const {notice} = after.view;
		if (notice !== before.view.notice && notice?.tone === 'warn') {
			print(notice.text);
		}
	});
}

function terminalOf({yes, signal}: {yes: boolean; signal: AbortSignal}): DrillTerminal {
	return {
		print,
		async confirm(question, name) {
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

/** A drill that did not begin has no measures. */
async function endText({result, text, run}: DrillOutcome, recording: string): Promise<string> {
	const end = `${verdictWord(result, run?.drill)}: ${text}\nrecorded to ${recording}\n`;
	if (run === undefined || run.measures.length === 0) {
		return sanitizeLines(end);
	}

	const report = sanitizeLines(`${end}report: pgha-top report ${recording} --format html\n`);
	return `\n${await measuresText(run)}\n\n${report}`;
}

/** Measures, with their goals and with those of earlier drills of the same kind. */
export async function measuresText({
	measures,
	drill,
	prepared,
}: Pick<DrillRun, 'measures' | 'drill' | 'prepared'>): Promise<string> {
	const {printableTable} = await import('../ui/table-layout.ts');
	return printableTable(measuresTable(measures, drill, prepared?.earlier));
}

function sanitizeLines(text: string): string {
	return text
		.split('\n')
		.map(line => sanitize(line))
		.join('\n');
}
