/** `pgha-top` without a command: the console, `--once` and `--print-config`. */

import {snapshotFormats, watchFormats} from '../../snapshot/format-names.ts';
import {type CommandDefinition, commonFlags, type FlagTable} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const flags = {
	...settingFlags,
	record: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: 'record the session for replay; compressed if FILE ends in .gz or .zst',
	},
	recordLogs: {type: 'boolean', default: false, text: 'record log lines too, while the logs are open'},
	reason: {
		type: 'string',
		value: 'TEXT',
		text: 'the reason, kept in the recording, also in one that Ctrl-R starts',
	},
	history: {
		type: 'number',
		value: 'MINUTES',
		isNegatable: true,
		text: "read what the nodes' logs say of this time before the start (default 60)",
	},
	once: {
		type: 'boolean',
		default: false,
		text: 'print one snapshot and exit: 0 healthy, 1 degraded, 2 critical, 3 unknown',
	},
	watch: {
		type: 'number',
		shortFlag: 'w',
		value: 'SECONDS',
		text: 'print the state again and again, in plain lines, until Ctrl-C; the command watch records',
	},
	format: {
		type: 'string',
		shortFlag: 'f',
		value: 'FORMAT',
		choices: snapshotFormats,
		text: `with --once: ${snapshotFormats.join(', ')} (default text); with --watch: ${watchFormats.join(' or ')}, one object a line`,
	},
	json: {type: 'boolean', default: false, text: 'short for --format json'},
	timeout: {
		type: 'number',
		value: 'SECONDS',
		text: 'with --once or --watch: wait for the first answers at most this long (default 5)',
	},
	printConfig: {
		type: 'boolean',
		default: false,
		text: 'print the effective configuration and where each value comes from; no secrets',
	},
	help: commonFlags.help,
	version: commonFlags.version,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: '',
	summary: 'the console',
	title: 'A terminal console for highly available PostgreSQL: Patroni, etcd, HAProxy and keepalived',
	usage: ['[options]'],
	about: [],
	flags,
	takesSettings: true,
	examples: [
		{typed: 'pgha-top', text: "the console, with patronictl's configuration"},
		{typed: 'pgha-top -c /etc/patroni/patroni.yml', text: "with a node's own configuration"},
		{typed: 'pgha-top -p prod', text: 'the profile prod of the configuration'},
		{typed: 'pgha-top --read-only', text: 'no key offers an operation'},
		{typed: 'pgha-top --once --json | jq .verdict', text: 'one snapshot, for a script'},
		{typed: 'pgha-top --once --format nagios', text: 'a check of a Nagios-like monitoring'},
		{typed: 'pgha-top --watch 5', text: 'on a terminal that cannot show the console'},
		{typed: 'pgha-top --print-config', text: 'each setting in effect, and where it comes from'},
	],
	exitCodes: [
		[0, 'done; with --once: healthy'],
		[1, 'with --once: degraded'],
		[2, 'with --once: critical'],
		[3, 'with --once: unknown'],
		[64, 'wrong command line or configuration; 3 with --format nagios'],
		[69, 'Node.js is too old'],
		[70, 'the program failed; 3 with --format nagios'],
		[73, 'a recording cannot be written'],
		[130, '--watch was ended by Ctrl-C'],
		[141, 'the reader of the output closed it'],
	],
	environment: [
		[
			'PATRONICTL_CONFIG_FILE',
			'as for patronictl; default ~/.config/patroni/patronictl.yaml, then /etc/patroni/*.yml',
		],
		[
			'PGHA_TOP_CONFIG_FILE',
			"pgha-top's own file; default ~/.config/pgha-top/config.yaml. Below it: /etc/pgha-top/config.yaml",
		],
		['PGHA_TOP_PROFILE', 'like --profile'],
		['PATRONI_SCOPE, PATRONI_NAMESPACE, PATRONI_CITUS_GROUP', 'the cluster'],
		['PATRONI_ETCD3_...', 'HOST, HOSTS, PORT, URL, PROXY, PROTOCOL, USERNAME, PASSWORD, CACERT, CERT, KEY'],
		['PATRONI_CTL_...', 'INSECURE, CACERT, CERTFILE, KEYFILE, KEYFILE_PASSWORD, USERNAME, PASSWORD'],
		['PATRONI_RESTAPI_...', 'CAFILE, USERNAME, PASSWORD, CONNECT_ADDRESS'],
		['PATRONI_CONFIGURATION', 'a whole configuration, used when there is no file'],
		['PGHA_TOP_READ_ONLY, PGHA_TOP_DRY_RUN', 'true or false'],
		['PGHA_TOP_HISTORY', 'like --history; 0: none'],
		['PGHA_TOP_THEME', 'colours of the screen: 16-colors, dark, light, high-contrast or color-blind'],
		['DCS_URL', 'like --dcs-url'],
		[
			'PGSERVICE, PGUSER, ...',
			'for the probe, as for psql; also PGDATABASE, PGPASSFILE, PGPASSWORD, PGSSLMODE',
		],
		['NO_COLOR', 'any value turns colours off'],
		['FORCE_COLOR', 'any value but 0 turns colours on, also without a terminal'],
	],
};
