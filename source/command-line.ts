/** What was typed behind the name of the program: the flags, or what is wrong with them. */
import {parseArgs} from 'node:util';
import type {Flags} from './config/flags.ts';

export const usage = `
  A console for a highly available PostgreSQL cluster of Patroni, etcd, HAProxy and keepalived

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

const options = {
	'config-file': {type: 'string', short: 'c'},
	'dcs-url': {type: 'string', short: 'd'},
	insecure: {type: 'boolean', short: 'k'},
	scope: {type: 'string'},
	group: {type: 'string'},
	vip: {type: 'string'},
	'read-only': {type: 'boolean'},
	'dry-run': {type: 'boolean'},
	probe: {type: 'string'},
	'write-probe': {type: 'boolean'},
	once: {type: 'boolean'},
	json: {type: 'boolean'},
	timeout: {type: 'string'},
	'print-config': {type: 'boolean'},
	help: {type: 'boolean'},
	version: {type: 'boolean'},
} as const;

export type CommandLine = {
	settings: Flags;
	once: boolean;
	json: boolean;
	/** Milliseconds. */
	timeout: number;
	printConfig: boolean;
	help: boolean;
	version: boolean;
};

/** It can't be done as it was typed; the message says what to change. */
export class UsageError extends Error {}

/** @throws UsageError */
export function commandLine(args: readonly string[]): CommandLine {
	// Not strict: the messages are our own.
	const {tokens, values} = parseArgs({args: [...args], options, strict: false, tokens: true});
	const seen = new Set<string>();
	for (const token of tokens) {
		if (token.kind === 'positional') {
			throw new UsageError(`unexpected argument "${token.value}"; see pgha-top --help`);
		}

		if (token.kind === 'option') {
			checkOption(token.name, token.rawName, token.value);
			if (seen.has(token.name)) {
				throw new UsageError(`--${token.name} can only be set once`);
			}

			seen.add(token.name);
		}
	}

	const text = (name: keyof typeof options) => {
		const value = values[name];
		return typeof value === 'string' ? value : undefined;
	};
	const seconds = Number(text('timeout') ?? 5);
	if (!(seconds > 0)) {
		throw new UsageError('--timeout must be a number of seconds above 0');
	}

	if (seen.has('json') && !seen.has('once')) {
		throw new UsageError('--json goes with --once');
	}

	return {
		settings: {
			configFile: text('config-file'),
			dcsUrl: text('dcs-url'),
			insecure: seen.has('insecure'),
			scope: text('scope'),
			group: text('group'),
			vip: text('vip'),
			readOnly: seen.has('read-only'),
			dryRun: seen.has('dry-run'),
			probe: text('probe'),
			writeProbe: seen.has('write-probe'),
		},
		once: seen.has('once'),
		json: seen.has('json'),
		timeout: seconds * 1000,
		printConfig: seen.has('print-config'),
		help: seen.has('help'),
		version: seen.has('version'),
	};
}

function checkOption(name: string, typed: string, value: string | undefined): void {
	if (!isOption(name)) {
		throw new UsageError(`unknown flag ${typed}; see pgha-top --help`);
	}

	if (options[name].type === 'boolean') {
		if (value !== undefined) {
			throw new UsageError(`--${name} takes no value; see pgha-top --help`);
		}
	} else if (value === undefined || value === '' || /^-(?!\d)/.test(value)) {
		throw new UsageError(`--${name} needs a value; see pgha-top --help`);
	}
}

function isOption(name: string): name is keyof typeof options {
	return Object.hasOwn(options, name);
}
