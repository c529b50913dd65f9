/** The flags and the help of `pgha-top` without a subcommand; what a subcommand returns, and all exit codes. */
import type {Flags} from '../config/layers.ts';
import {parseFlags, shownArgument, type Typed, UsageError} from './parse-flags.ts';

export const usage = `
  A terminal console for highly available PostgreSQL: Patroni, etcd, HAProxy and keepalived

  Usage
    $ pgha-top [options]
    $ pgha-top replay FILE  play a recording; connects to nothing
    $ pgha-top tour [NAME]  list the recordings of a real cluster that come with pgha-top, or play one
    $ pgha-top init HOST    from one host to a working configuration
    $ pgha-top doctor       ask every source once: what fails, why, and what mends it
    $ pgha-top drill KIND   run and measure a switchover, shutdown or power-cut; see pgha-top drill --help
    $ pgha-top report FILE  write a recording as Markdown, HTML or JSON; see pgha-top report --help
    $ pgha-top help [COMMAND]

  Options
    -c, --config-file FILE  patronictl's configuration, a node's patroni.yml, or a folder of such files
    -d, --dcs-url URL       etcd3://HOST:PORT[/NAMESPACE], replaces all settings of the store
    --rest HOST:PORT,...    follow the members through Patroni's REST API alone, beginning with these
    -k, --insecure          do not verify TLS to Patroni
    --scope NAME            the cluster's name
    --group NUMBER          the group of a Citus cluster
    --vip ADDRESS           the virtual address that keepalived moves
    --read-only             offer no operation
    --dry-run               operations show what they would send, and send nothing
    --probe DSN             connect through the VIP as a client, as psql does; DSN without a password
    --write-probe           probe with small durable writes instead of queries only
    --no-insecure, --no-read-only, --no-dry-run, --no-write-probe
                            disable a setting that a file or the environment enables
    --no-color              no colours, like NO_COLOR
    --record FILE           record the session for replay; compressed if FILE ends in .gz or .zst
    --record-logs           record log lines too, while the logs are open
    --reason TEXT           the reason, kept in the recording, also in one that Ctrl-R starts
    --once                  print one snapshot and exit: 0 healthy, 1 degraded, 2 critical, 3 unknown
    --json                  with --once: print JSON
    --timeout SECONDS       with --once: wait at most this long (default 5)
    --print-config          print the effective configuration and where each value comes from; no secrets
    -V, --version; -h, --help

  Environment (overrides files; flags override both)
    PATRONICTL_CONFIG_FILE  as for patronictl; default ~/.config/patroni/patronictl.yaml, then /etc/patroni/*.yml
    PGHA_TOP_CONFIG_FILE    pgha-top's own file; default ~/.config/pgha-top/config.yaml
    PATRONI_SCOPE, PATRONI_NAMESPACE, PATRONI_CITUS_GROUP
    PATRONI_ETCD3_...       HOST, HOSTS, PORT, URL, PROXY, PROTOCOL, USERNAME, PASSWORD, CACERT, CERT, KEY
    PATRONI_CTL_...         INSECURE, CACERT, CERTFILE, KEYFILE, KEYFILE_PASSWORD, USERNAME, PASSWORD
    PATRONI_RESTAPI_...     CAFILE, USERNAME, PASSWORD, CONNECT_ADDRESS
    PATRONI_CONFIGURATION   a whole configuration, used when there is no file
    PGHA_TOP_READ_ONLY, PGHA_TOP_DRY_RUN   true or false
    DCS_URL                 like --dcs-url
    PGSERVICE, PGUSER, ...  for the probe, as for psql; also PGDATABASE, PGPASSFILE, PGPASSWORD, PGSSLMODE
    NO_COLOR                any value turns colours off
`;

/** Seconds, one day. setTimeout fires at once beyond 24.8 days. */
const timeoutMaxSeconds = 86_400;
const defaultTimeout = 5;

/** Settings for this run, which override files and the environment. */
export const settingFlags = {
	configFile: {type: 'string', shortFlag: 'c'},
	dcsUrl: {type: 'string', shortFlag: 'd'},
	rest: {type: 'string'},
	insecure: {type: 'boolean', shortFlag: 'k'},
	scope: {type: 'string'},
	group: {type: 'string'},
	vip: {type: 'string'},
	readOnly: {type: 'boolean'},
	dryRun: {type: 'boolean'},
	probe: {type: 'string'},
	writeProbe: {type: 'boolean'},
} as const;

/** Settings that `--no-…` disables. */
export const negatable = ['insecure', 'readOnly', 'dryRun', 'writeProbe'];

export const flags = {
	...settingFlags,
	record: {type: 'string'},
	recordLogs: {type: 'boolean', default: false},
	reason: {type: 'string'},
	once: {type: 'boolean', default: false},
	json: {type: 'boolean', default: false},
	timeout: {type: 'number'},
	printConfig: {type: 'boolean', default: false},
	help: {type: 'boolean', shortFlag: 'h', default: false},
	version: {type: 'boolean', shortFlag: 'V', default: false},
} as const;

export type CommandLine = {
	settings: Flags;
	once: boolean;
	json: boolean;
	/** Milliseconds. */
	timeout: number;
	printConfig: boolean;
	/** Undefined `file`: no recording from the start. */
	recording: {file: string | undefined; logs: boolean; reason: string | undefined};
	help: boolean;
	version: boolean;
};

/** @throws UsageError */
export function commandLine(args: readonly string[]): CommandLine {
	const cli = parseFlags(flags, args, {help: 'pgha-top --help', negatable});
	const {
		once,
		json,
		timeout = defaultTimeout,
		printConfig,
		record,
		recordLogs,
		reason,
		help,
		version,
		...settings
	} = cli.flags;
	const problem = usageProblem(cli);
	if (problem !== undefined) {
		throw new UsageError(problem);
	}

	const recording = {file: record, logs: recordLogs, reason};
	return {settings, once, json, timeout: timeout * 1000, printConfig, recording, help, version};
}

function usageProblem({flags: given, input}: Typed<typeof flags>): string | undefined {
	if (input.length > 0) {
		return `unexpected argument ${shownArgument(input[0] ?? '')}; see pgha-top --help`;
	}

	const {once, json, timeout, printConfig, record, recordLogs, reason} = given;
	if (timeout !== undefined && !(timeout > 0 && timeout <= timeoutMaxSeconds)) {
		return `--timeout must be a number of seconds above 0, at most ${timeoutMaxSeconds}`;
	}

	const ofSession = [
		...(record === undefined ? [] : ['--record']),
		...(recordLogs ? ['--record-logs'] : []),
		...(reason === undefined ? [] : ['--reason']),
	];
	const ofOnce = [...(json ? ['--json'] : []), ...(timeout === undefined ? [] : ['--timeout'])];
	if (printConfig && (once || ofOnce.length > 0 || ofSession.length > 0)) {
		return `${[...(once ? ['--once'] : []), ...ofOnce, ...ofSession][0]} cannot be used with --print-config`;
	}

	if (once && ofSession.length > 0) {
		return `${ofSession[0]} cannot be used with --once: there is no session to record`;
	}

	if (record === '-') {
		return '--record needs a file: a recording is not written to standard output';
	}

	return !once && ofOnce.length > 0 ? `${ofOnce[0]} needs --once` : undefined;
}

export type Done = {
	/** Text for standard output. */
	text: string;
	exitCode: number;
	/** Error for standard error. */
	complaint?: string;
};

/** @throws UsageError, ConfigError */
export type Subcommand = (args: readonly string[]) => Promise<Done>;

export const exitCodes = {
	done: 0,
	/** EX_USAGE: invalid command line or configuration. */
	usage: 64,
	/** EX_NOINPUT: a recording cannot be read. */
	noInput: 66,
	/** EX_UNAVAILABLE: `init` finds no cluster; an old Node.js. */
	unavailable: 69,
	/** EX_SOFTWARE: a bug in pgha-top. */
	software: 70,
	/** EX_CANTCREAT: a recording or a report cannot be written. */
	cannotCreate: 73,
	/** 128 + SIGINT: a dialog was ended by Ctrl-C. */
	interrupted: 130,
	/** 128 + SIGPIPE: the reader of standard output has closed it. */
	brokenPipe: 141,
} as const;
