/** `pgha-top history`, `topology` and `dsn`: the DCS, or what the members say of it, is read once. */
import {type Done, exitCodes} from '../cli/command-line.ts';
import {
	dsnDefinition,
	dsnFlags,
	historyDefinition,
	tableFlags,
	type tableFormats,
	topologyDefinition,
} from '../cli/commands/cluster.ts';
import type {CommandDefinition} from '../cli/definition.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {configOf} from '../config/config.ts';
import type {Flags} from '../config/layers.ts';
import {readSettings} from '../config/settings.ts';
import {briefConnections} from '../connections/connections.ts';
import {dcsIsRead} from '../domain/cluster/keys.ts';
import {scopeProblem} from '../domain/findings/rules/cluster.ts';
import type {Subscription} from '../domain/subscription.ts';
import {catchFaults} from '../lib/faults.ts';
import {sanitize} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import type {State} from '../state/state.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {dsnText, historyTable, type Printed, topologyTable} from './cluster-tables.ts';
import {look} from './look.ts';
import {plainTable} from './text.ts';

const timeoutMaxSeconds = 600;

/** @throws UsageError, ConfigError */
export async function historyCommand(args: readonly string[]): Promise<Done> {
	return tableCommand(historyDefinition, args, state => historyTable(state));
}

/** @throws UsageError, ConfigError */
export async function topologyCommand(args: readonly string[]): Promise<Done> {
	return tableCommand(topologyDefinition, args, (state, format) =>
		topologyTable(state, {isTree: format === 'text'}),
	);
}

/** @throws UsageError, ConfigError */
export async function dsnCommand(args: readonly string[]): Promise<Done> {
	const here = 'pgha-top dsn --help';
	const {flags: typed, input} = parseFlags(dsnFlags, args, here);
	const {role, member, timeout, help, ...settings} = typed;
	if (help) {
		return {text: helpText(dsnDefinition), exitCode: exitCodes.done};
	}

	if (role !== undefined && member !== undefined) {
		throw new UsageError(`--role cannot be used with --member; see ${here}`);
	}

	return withCluster(withScope(settings, input, here), secondsOf(timeout, here), state => {
		const dsn = dsnText(state, {role, member});
		return dsn === undefined
			? {
					text: '',
					exitCode: 1,
					complaint:
						member === undefined
							? `no member is ${role ?? 'leader'} now, or it publishes no address`
							: `no member ${shownArgument(member)} with an address`,
				}
			: {text: `${sanitize(withoutKnownSecrets(dsn))}\n`, exitCode: exitCodes.done};
	});
}

type TableFormat = (typeof tableFormats)[number];

async function tableCommand(
	definition: CommandDefinition,
	args: readonly string[],
	tableOf: (state: State, format: TableFormat) => Printed | undefined,
): Promise<Done> {
	const here = `pgha-top ${definition.name} --help`;
	const {flags: typed, input} = parseFlags(tableFlags, args, here);
	const {format, timeout, help, ...settings} = typed;
	if (help) {
		return {text: helpText(definition), exitCode: exitCodes.done};
	}

	return withCluster(withScope(settings, input, here), secondsOf(timeout, here), async state => {
		const table = tableOf(state, format);
		return table === undefined
			? {
					text: '',
					exitCode: exitCodes.unavailable,
					complaint: `the ${definition.name} is not known: no member reported it in time`,
				}
			: {text: await printed(safe(table), format), exitCode: exitCodes.done};
	});
}

function withScope(settings: Flags, [scope, more]: readonly string[], here: string): Flags {
	if (more !== undefined) {
		throw new UsageError(`unexpected argument ${shownArgument(more)}; see ${here}`);
	}

	if (scope !== undefined && settings.scope !== undefined && settings.scope !== scope) {
		throw new UsageError(`--scope and ${shownArgument(scope)} contradict each other; see ${here}`);
	}

	return scope === undefined ? settings : {...settings, scope};
}

/** @returns ms */
function secondsOf(timeout: number, here: string): number {
	if (!(timeout > 0 && timeout <= timeoutMaxSeconds)) {
		throw new UsageError(
			`--timeout must be a number of seconds above 0, at most ${timeoutMaxSeconds}; see ${here}`,
		);
	}

	return timeout * 1000;
}

/** What leader and members are known by. */
function isOfCluster({kind}: Subscription): boolean {
	return ['clock', 'etcd', 'lease', 'view', 'patroni'].includes(kind);
}

async function withCluster(
	flags: Flags,
	timeoutMs: number,
	print: (state: State) => Done | Promise<Done>,
): Promise<Done> {
	const config = configOf(readSettings(flags, process.env));
	const {promise: fault, reject} = Promise.withResolvers<never>();
	const stopCatching = catchFaults(reject);
	const {runtime} = await Promise.race([
		look(config, briefConnections(config), {timeoutMs, isWanted: isOfCluster}),
		fault,
	]).finally(stopCatching);
	const {state} = runtime;
	const {cluster, target, now} = state;
	const problem = scopeProblem(cluster, target, now);
	if (problem !== undefined) {
		return {text: '', exitCode: exitCodes.usage, complaint: problem};
	}

	const [finding] = judgeCluster(state).findings;
	return dcsIsRead(cluster, now)
		? print(state)
		: {
				text: '',
				exitCode: exitCodes.unavailable,
				complaint: `leader and members are not known now: ${finding?.text ?? 'no answer in time'}`,
			};
}

function safe({columns, rows}: Printed): Printed {
	return {
		columns,
		rows: rows.map(cells =>
			cells.map(value => (typeof value === 'string' ? sanitize(withoutKnownSecrets(value)) : value)),
		),
	};
}

async function printed({columns, rows}: Printed, format: TableFormat): Promise<string> {
	const objects = () =>
		rows.map(cells => Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null])));
	switch (format) {
		case 'json': {
			return `${JSON.stringify(objects(), undefined, 2)}\n`;
		}

		case 'yaml': {
			const {yamlText} = await import('./formats.ts');
			return yamlText(objects());
		}

		case 'tsv': {
			return [columns, ...rows].map(cells => `${cells.map(cell => cell ?? '').join('\t')}\n`).join('');
		}

		case 'text': {
			return `${(await plainTable(columns, rows)).join('\n')}\n`;
		}

		default: {
			return format satisfies never;
		}
	}
}
