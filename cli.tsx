#!/usr/bin/env node
/** The front door: flags, which mode to run, the exit code. */
import './source/node-version.ts';
import meow from 'meow';
import {type Config, readConfig} from './source/config/config.ts';
import {ConfigError} from './source/config/error.ts';
import {terminalProblem} from './source/ui/terminal.ts';

const cli = meow(
	`
	Usage
	  $ pgha-top [options]

	Options
	  -c, --config-file FILE  patronictl's configuration, or a node's patroni.yml
	  --scope NAME            the cluster's name, over the file's
	  --vip ADDRESS           the virtual address that keepalived moves
	  --once                  print one snapshot and exit: 0 healthy, 1 degraded, 2 critical, 3 unknown
	  --json                  with --once: as JSON
	  --timeout SECONDS       with --once: at most this long (default 5)
	  --version, --help

	Environment
	  PATRONICTL_CONFIG_FILE  as for patronictl; else ~/.config/patroni/patronictl.yaml, /etc/patroni/*.yml
	  PGHA_TOP_CONFIG_FILE    pgha-top's own file; else ~/.config/pgha-top/config.yaml
	  NO_COLOR                any value turns colours off
`,
	{
		importMeta: import.meta,
		description:
			'A console for a highly available PostgreSQL cluster of Patroni, etcd, HAProxy and keepalived',
		flags: {
			configFile: {type: 'string', shortFlag: 'c'},
			scope: {type: 'string'},
			vip: {type: 'string'},
			once: {type: 'boolean', default: false},
			json: {type: 'boolean', default: false},
			timeout: {type: 'number', default: 5},
		},
	},
);

const knownFlags = new Set(['c', 'configFile', 'scope', 'vip', 'once', 'json', 'timeout', 'help', 'version']);

/** Exit codes beyond those of `--once`: sysexits' EX_USAGE and EX_SOFTWARE. */
const usageError = 64;
const softwareError = 70;

process.exitCode = await main();
// Sockets and streams of the sources are still open; nothing is left to be said on them.
process.exit();

async function main(): Promise<number> {
	const {configFile, scope, vip, once, json, timeout} = cli.flags;
	const problem = usageProblem();
	if (problem !== undefined) {
		return complain(problem, usageError);
	}

	let config: Config;
	try {
		config = readConfig({
			...(configFile === undefined ? {} : {configFile}),
			...(scope === undefined ? {} : {scope}),
			...(vip === undefined ? {} : {vip}),
		});
	} catch (error) {
		if (error instanceof ConfigError) {
			return complain(error.message, usageError);
		}

		throw error;
	}

	if (once) {
		const {once: look} = await import('./source/once/once.ts');
		const {text, exitCode} = await look(config, {json, timeout: timeout * 1000});
		await write(text);
		return exitCode;
	}

	const problemOfTerminal = terminalProblem(process, process.env);
	if (problemOfTerminal !== undefined) {
		return complain(problemOfTerminal, usageError);
	}

	process.env.NODE_ENV ??= 'production';
	const {live} = await import('./source/ui/live.tsx');
	try {
		await live(config);
		return 0;
	} catch (error) {
		return complain(error instanceof Error ? (error.stack ?? error.message) : String(error), softwareError);
	}
}

function usageProblem(): string | undefined {
	const unknown = Object.keys(cli.unnormalizedFlags).find(name => !knownFlags.has(name));
	if (unknown !== undefined) {
		return `unknown flag ${unknown.length === 1 ? '-' : '--'}${unknown}; see pgha-top --help`;
	}

	if (cli.input.length > 0) {
		return `unexpected argument "${cli.input[0]}"; see pgha-top --help`;
	}

	if (!(cli.flags.timeout > 0)) {
		return '--timeout must be a number of seconds above 0';
	}

	return cli.flags.json && !cli.flags.once ? '--json goes with --once' : undefined;
}

function complain(message: string, exitCode: number): number {
	process.stderr.write(
		`${message
			.split('\n')
			.map(line => `pgha-top: ${line}`)
			.join('\n')}\n`,
	);
	return exitCode;
}

/** Resolves when all is written, also into a slow pipe. */
async function write(text: string): Promise<void> {
	await new Promise<void>(resolve => {
		process.stdout.write(text, () => {
			resolve();
		});
	});
}
