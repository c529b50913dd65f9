/** `pgha-top autopsy`: its flags, and its exit code. */
import process from 'node:process';
import {type Done, exitCodes} from '../cli/command-line.ts';
import {definition, flags} from '../cli/commands/autopsy.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {catchFaults} from '../lib/faults.ts';
import {parseTime} from '../lib/parse-time.ts';
import {RecordingError} from '../recording/schema.ts';
import {AutopsyError} from './problem.ts';
import {runAutopsy} from './run.ts';

const here = 'pgha-top autopsy --help';

/** @throws UsageError, ConfigError */
export async function autopsyCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, here);
	const {since: sinceText, until: untilText, nodes, logs, output, json, help, ...given} = typed;
	if (help) {
		return {text: helpText(definition), exitCode: 0};
	}

	if (input.length > 0) {
		throw new UsageError(`unexpected argument ${shownArgument(input[0] ?? '')}; see ${here}`);
	}

	const now = Date.now();
	const until = untilText === undefined ? now : timeOf('--until', untilText, now);
	const since = timeOf('--since', sinceText, now);
	if (since >= until) {
		throw new UsageError(
			`--since must be before --until${untilText === undefined ? ', which is now' : ''}; see ${here}`,
		);
	}

	const only = nodes
		?.split(',')
		.map(name => name.trim())
		.filter(name => name !== '');
	const {promise: fault, reject} = Promise.withResolvers<never>();
	const stopCatching = catchFaults(reject);
	const stop = new AbortController();
	const abort = () => {
		stop.abort(new RecordingError('interrupted: nothing was written'));
	};
	process.once('SIGINT', abort).once('SIGTERM', abort).once('SIGHUP', abort);
	try {
		const isShown = process.stderr.isTTY === true;
		const wish = {given, logs, only, span: {since, until}, output, json, isShown, signal: stop.signal};
		const {text, complaint, isComplete, isEmpty} = await Promise.race([runAutopsy(wish), fault]);
		return {
			text,
			exitCode: isEmpty ? 2 : isComplete ? exitCodes.done : 1,
			...(complaint === undefined ? {} : {complaint}),
		};
	} catch (error) {
		if (error instanceof AutopsyError) {
			if (error.cause === 'usage') {
				throw new UsageError(`${error.message}; see ${here}`);
			}

			return {text: '', exitCode: exitCodes.noInput, complaint: error.message};
		}

		if (error instanceof RecordingError) {
			const exitCode = stop.signal.aborted ? exitCodes.interrupted : exitCodes.cannotCreate;
			return {text: '', exitCode, complaint: error.message};
		}

		throw error;
	} finally {
		process.off('SIGINT', abort).off('SIGTERM', abort).off('SIGHUP', abort);
		stopCatching();
	}
}

function timeOf(flag: string, typed: string, now: number): number {
	const moment = parseTime(typed, {
		from: {back: now},
		day: {until: now},
		forms: () => 'write -2h, 02:10, or 2026-11-27 02:10 (with +01:00 or Z for another zone)',
	});
	if ('problem' in moment) {
		throw new UsageError(`${flag}: ${moment.problem}; see ${here}`);
	}

	return moment.at;
}
