/** `pgha-top report`: its flags and its output. */
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Done} from '../cli/command-line.ts';
import {exitCodes} from '../cli/command-line.ts';
import {definition, type Format, flags, formats} from '../cli/commands/report.ts';
import {helpText} from '../cli/help-text.ts';
import {mustBeFile, parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import type {Goals} from '../domain/drill/types.ts';
import {parseGoals} from '../domain/drill/verdict.ts';
import {errnoWords} from '../lib/faults.ts';
import {parseDuration} from '../lib/parse-units.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import {openRecording} from '../recording/read/open.ts';
import {RecordingError} from '../recording/schema.ts';
import {buildReport} from './build.ts';
import type {Report} from './schema.ts';

const here = 'pgha-top report --help';

/** @throws UsageError */
export async function reportCommand(args: readonly string[]): Promise<Done> {
	const {flags: given, input} = parseFlags(flags, args, here);
	if (given.help) {
		return {text: helpText(definition), exitCode: 0};
	}

	const [file, more] = input;
	if (file === undefined || more !== undefined) {
		throw new UsageError(
			file === undefined
				? `name the recording to report; see ${here}`
				: `unexpected argument ${shownArgument(more ?? '')}; see ${here}`,
		);
	}

	mustBeFile(file, here);
	if (given.output === '-') {
		throw new UsageError(`--output needs a file; leave it out for standard output; see ${here}`);
	}

	const format = formatOf(given.format, given.output);
	const goals = parseGoalFlags(given.goal);
	try {
		const text = await textOf(await readReport(file, goals), format);
		if (given.output === undefined) {
			return {text, exitCode: 0};
		}

		try {
			await writeReport(given.output, text);
		} catch (error) {
			return failure(error, exitCodes.cannotCreate);
		}

		return {text: '', exitCode: 0};
	} catch (error) {
		return failure(error, exitCodes.noInput);
	}
}

function failure(error: unknown, exitCode: number): Done {
	if (error instanceof RecordingError) {
		return {text: '', exitCode, complaint: error.message};
	}

	throw error;
}

function formatOf(typed: Format | undefined, output: string | undefined): Format {
	return typed ?? formats.find(one => output?.endsWith(`.${one}`)) ?? 'md';
}

/** @returns ms @throws UsageError */
export function parseDurationFlag(flag: string, typed: string): number {
	const value = parseDuration(typed);
	if (value === undefined) {
		throw new UsageError(`${flag} must be a time with its unit, such as 5s or 500ms`);
	}

	return value;
}

/** @throws UsageError */
export function parseGoalFlags(typed: readonly string[] = []): Goals {
	const parsed = parseGoals(typed);
	if ('problem' in parsed) {
		throw new UsageError(`--goal: ${parsed.problem}`);
	}

	return parsed.goals;
}

/** Never overwrites a file. @throws RecordingError */
export async function writeReport(file: string, text: string): Promise<void> {
	try {
		// It contains a cluster's addresses and incidents: readable by its owner only.
		await writeFile(file, text, {mode: 0o600, flag: 'wx'});
	} catch (error) {
		throw new RecordingError(`${file}: ${errnoWords(error)}`);
	}
}

/** @throws RecordingError if the recording's beginning cannot be read */
export async function readReport(file: string, goals: Goals = {}): Promise<Report> {
	const recording = await openRecording(file);
	try {
		const {header, cutShort, endedAt, events, places} = recording;
		return buildReport({
			file: path.basename(file),
			header,
			cutShort,
			endedAt,
			events,
			first: places.length === 0 ? undefined : recording.segment(0).state,
			moments: recording.replay(),
			goals,
		});
	} finally {
		recording.close();
	}
}

export async function textOf(report: Report, format: Format): Promise<string> {
	// The recording may be from a version that did not recognize some secrets.
	const safe = sanitizeJson(report, redact) as Report;
	switch (format) {
		case 'md': {
			const {markdownOf} = await import('./markdown.ts');
			return markdownOf(safe);
		}

		case 'html': {
			const {htmlOf} = await import('./html.tsx');
			return htmlOf(safe);
		}

		case 'json': {
			return `${JSON.stringify(safe, undefined, 2)}\n`;
		}
	}
}
