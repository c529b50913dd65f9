/** `pgha-top doctor`: its flags, its table, its JSON and its exit code. */
import * as z from 'zod';
import type {Done} from '../cli/command-line.ts';
import {definition, flags} from '../cli/commands/doctor.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {type Config, configOf} from '../config/config.ts';
import {readSettings, type Settings} from '../config/settings.ts';
import {briefConnections} from '../connections/connections.ts';
import {clusterTitle} from '../domain/target.ts';
import {catchFaults} from '../lib/faults.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {foundSchema} from '../snapshot/schema.ts';
import {cell, type Table} from '../state/view/cells.ts';
import {printableTable} from '../ui/table-layout.ts';
import type {Check} from './diagnosis.ts';
import {type Examination, examine} from './examine.ts';

const here = 'pgha-top doctor --help';
const timeoutMaxSeconds = 600;

export const schema = z.object({
	version: z.literal(1),
	at: z.string().describe('when it ended, ISO 8601 in UTC'),
	scope: z.string(),
	profile: z.string().nullable().optional().describe('the profile that was chosen; null without one'),
	exit_code: z.int(),
	found: foundSchema,
	checks: z.array(
		z.object({
			asked: z
				.enum(['etcd', 'rest', 'haproxy', 'probe', 'sql', 'ssh', 'sudo', 'journal', 'clock', 'setting'])
				.describe('the kind of check'),
			name: z.string().describe('the source in words: `REST of pgdb1`'),
			address: z.string().describe('how it is reached; empty for a check of what others said'),
			use: z.string().describe('what the console uses it for'),
			ok: z.boolean(),
			ms: z.int().nullable().describe('time until its first answer with the login; null without one'),
			cause: z.string().nullable().describe('why it fails; null: it works'),
			remedy: z.string().nullable().describe('the command or setting that mends it'),
		}),
	),
});

/** The output's schema as JSON Schema, for the documentation. */
export function doctorJsonSchema(): unknown {
	return z.toJSONSchema(schema);
}

/** @throws UsageError, ConfigError */
export async function doctorCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, here);
	const {json, timeout, help, ...settings} = typed;
	if (help) {
		return {text: helpText(definition), exitCode: 0};
	}

	if (input.length > 0) {
		throw new UsageError(`unexpected argument ${shownArgument(input[0] ?? '')}; see ${here}`);
	}

	if (!(timeout > 0 && timeout <= timeoutMaxSeconds)) {
		throw new UsageError(
			`--timeout must be a number of seconds above 0, at most ${timeoutMaxSeconds}; see ${here}`,
		);
	}

	const read = readSettings(settings, process.env);
	return runDoctor(read, {json, timeoutMs: timeout * 1000});
}

/** @throws ConfigError */
export async function runDoctor(
	settings: Settings,
	{json, timeoutMs}: {json: boolean; timeoutMs: number},
): Promise<Done> {
	const config = configOf(settings);
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const examination = await Promise.race([
		examine(config, briefConnections(config), {timeoutMs, settings}),
		fault,
	]);
	const exitCode = exitCodeOf(examination);
	const text = json
		? `${JSON.stringify(sanitizeJson(jsonOf(config, examination), withoutKnownSecrets), undefined, 2)}\n`
		: withoutKnownSecrets(await textOf(config, examination));
	return {text, exitCode};
}

function exitCodeOf({checks, isBlind}: Examination): number {
	return isBlind ? 2 : checks.some(({failure}) => failure !== undefined) ? 1 : 0;
}

export function jsonOf(
	{scope, profile}: Pick<Config, 'scope' | 'profile'>,
	examination: Examination,
): z.infer<typeof schema> {
	return {
		version: 1,
		at: new Date().toISOString(),
		scope,
		profile: profile ?? null,
		exit_code: exitCodeOf(examination),
		found: {values: [...examination.found.values], remarks: [...examination.found.remarks]},
		checks: examination.checks.map(({asked, name, address, use, ms, failure}) => ({
			asked,
			name,
			address,
			use,
			ok: failure === undefined,
			ms: ms ?? null,
			cause: failure?.cause ?? null,
			remedy: failure?.remedy ?? null,
		})),
	};
}

export async function textOf(
	config: Pick<Config, 'scope' | 'profile' | 'warnings'>,
	{checks, found}: Examination,
): Promise<string> {
	const failed = checks.filter(({failure}) => failure !== undefined);
	const title = clusterTitle(config);
	const head =
		failed.length === 0
			? `${title}: everything answers (${checks.length} checks)`
			: `${title}: ${failed.length} of ${checks.length} checks failed`;
	return [
		head,
		...config.warnings.map(warning => `  warning: ${warning}`),
		'',
		await printableTable(tableOf(checks)),
		...problemsOf(failed).flatMap(({names, failure}) => [
			'',
			names.join(', '),
			`  why  ${failure.cause}`,
			`  do   ${failure.remedy}`,
		]),
		...(found.values.length === 0 ? [] : ['', 'Found on the nodes, since it is not configured:']),
		...found.values.map(({setting, value, from}) => `  ${setting}: ${value}  # ${from}`),
		...(found.remarks.length === 0 ? [] : ['']),
		...found.remarks.map(remark => `  note: ${remark}`),
		'',
	].join('\n');
}

function tableOf(checks: readonly Check[]): Table {
	return {
		columns: [
			{title: 'Source', align: 'left', rank: 0},
			{title: 'Reached by', align: 'left', rank: 0},
			{title: 'Answer', align: 'right', rank: 0},
			{title: 'Used for', align: 'left', rank: 0},
		],
		rows: checks.map(({name, address, use, ms, failure}) => ({
			id: name,
			cells: [
				cell(name, 'strong'),
				cell(address),
				failure === undefined ? cell(ms === undefined ? 'ok' : `${ms} ms`, 'good') : cell('FAILED', 'bad'),
				cell(use, 'dim'),
			],
		})),
	};
}

/** One entry for each cause: a login that is refused fails all that is read through it. */
function problemsOf(failed: readonly Check[]): {names: string[]; failure: NonNullable<Check['failure']>}[] {
	const byCause = new Map<string, {names: string[]; failure: NonNullable<Check['failure']>}>();
	for (const {name, failure} of failed) {
		if (failure !== undefined) {
			const key = JSON.stringify(failure);
			byCause.set(key, {names: [...(byCause.get(key)?.names ?? []), name], failure});
		}
	}

	return [...byCause.values()];
}
