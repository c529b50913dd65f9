#!/usr/bin/env node
/** The front door: flags, which mode to run, the exit code. */
import './source/node-version.ts';
import meow from 'meow';
import {type Config, configOf} from './source/config/config.ts';
import {ConfigError} from './source/config/error.ts';
import {printConfig} from './source/config/print.ts';
import {readSettings, type Settings} from './source/config/settings.ts';
import {sanitize} from './source/sanitize.ts';
import {terminalProblem} from './source/ui/terminal.ts';

const usage = `
	Usage
	  $ pgha-top [options]

	Options
	  -c, --config-file FILE  patronictl's configuration, or a node's patroni.yml; a folder of them
	  -d, --dcs-url URL       etcd3://HOST:PORT[/NAMESPACE], instead of all that is set of etcd
	  -k, --insecure          do not verify TLS to Patroni
	  --scope NAME            the cluster's name
	  --group NUMBER          the group of a Citus cluster
	  --vip ADDRESS           the virtual address that keepalived moves
	  --read-only             offer no operation at all
	  --dry-run               operations show what would be sent, and send nothing
	  --probe DSN             come in as a client through VIP:5000, as psql would; without a password
	  --write-probe           probe by small durable writes, and not only by questions
	  --once                  print one snapshot and exit: 0 healthy, 1 degraded, 2 critical, 3 unknown
	  --json                  with --once: as JSON
	  --timeout SECONDS       with --once: at most this long (default 5)
	  --print-config          print the effective configuration and where each value was given; no secrets
	  --version, --help

	Environment (over files; flags win over both)
	  PATRONICTL_CONFIG_FILE  as for patronictl; else ~/.config/patroni/patronictl.yaml, /etc/patroni/*.yml
	  PGHA_TOP_CONFIG_FILE    pgha-top's own file; else ~/.config/pgha-top/config.yaml
	  PATRONI_SCOPE, PATRONI_NAMESPACE, PATRONI_CITUS_GROUP
	  PATRONI_ETCD3_...       HOST, HOSTS, PORT, URL, PROXY, PROTOCOL, USERNAME, PASSWORD, CACERT, CERT, KEY
	  PATRONI_CTL_...         INSECURE, CACERT, CERTFILE, KEYFILE, KEYFILE_PASSWORD, USERNAME, PASSWORD
	  PATRONI_RESTAPI_...     CAFILE, USERNAME, PASSWORD
	  PATRONI_CONFIGURATION   a whole configuration, when there is no file
	  PGHA_TOP_READ_ONLY, PGHA_TOP_DRY_RUN   true or false
	  DCS_URL                 as --dcs-url
	  PGSERVICE, PGUSER, ...  as for psql, also PGDATABASE, PGPASSFILE, PGPASSWORD, PGSSLMODE: the probe's
	  NO_COLOR                any value turns colours off
`;

const flags = {
	configFile: {type: 'string', shortFlag: 'c'},
	dcsUrl: {type: 'string', shortFlag: 'd'},
	insecure: {type: 'boolean', shortFlag: 'k', default: false},
	scope: {type: 'string'},
	group: {type: 'string'},
	vip: {type: 'string'},
	readOnly: {type: 'boolean', default: false},
	dryRun: {type: 'boolean', default: false},
	probe: {type: 'string'},
	writeProbe: {type: 'boolean', default: false},
	once: {type: 'boolean', default: false},
	json: {type: 'boolean', default: false},
	timeout: {type: 'number', default: 5},
	printConfig: {type: 'boolean', default: false},
} as const;

/** Exit codes beyond those of `--once`: sysexits' EX_USAGE and EX_SOFTWARE. */
const usageError = 64;
const softwareError = 70;

// A package's use of something deprecated is nothing for an operator, and would be written across the screen.
process.noDeprecation = true;

let cli: ReturnType<typeof commandLine>;
process.exitCode = await main();
// Sockets and streams of the sources are still open; nothing is left to be said on them.
process.exit();

async function main(): Promise<number> {
	try {
		cli = commandLine();
	} catch (error) {
		// A flag that was given twice.
		return complain(error instanceof Error ? error.message : String(error), usageError);
	}

	const problem = usageProblem();
	if (problem !== undefined) {
		return complain(problem, usageError);
	}

	let config: Config;
	let settings: Settings;
	try {
		settings = readSettings(cli.flags, process.env);
		config = configOf(settings);
	} catch (error) {
		if (error instanceof ConfigError) {
			return complain(error.message, usageError);
		}

		throw error;
	}

	const {once, json, timeout} = cli.flags;
	if (cli.flags.printConfig) {
		await write(printConfig(config, settings));
		return 0;
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

function commandLine() {
	return meow(usage, {
		importMeta: import.meta,
		description:
			'A console for a highly available PostgreSQL cluster of Patroni, etcd, HAProxy and keepalived',
		flags,
	});
}

function usageProblem(): string | undefined {
	const known = new Set([...Object.keys(flags), 'c', 'd', 'k', 'help', 'version']);
	const unknown = Object.keys(cli.unnormalizedFlags).find(name => !known.has(name));
	if (unknown !== undefined) {
		return `unknown flag ${unknown.length === 1 ? '-' : '--'}${unknown}; see pgha-top --help`;
	}

	if (cli.input.length > 0) {
		return `unexpected argument "${cli.input[0]}"; see pgha-top --help`;
	}

	const empty = Object.entries(cli.flags).find(([, value]) => value === '');
	if (empty) {
		return `--${empty[0].replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} needs a value; see pgha-top --help`;
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
			.map(line => `pgha-top: ${sanitize(line)}`)
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
