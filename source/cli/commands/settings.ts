/** The flags that name the cluster, for the console and every command that connects to it. */
import type {FlagTable} from '../definition.ts';

/** Settings for this run, which override files and the environment. */
export const settingFlags = {
	configFile: {
		type: 'string',
		shortFlag: 'c',
		value: 'FILE',
		completes: 'file',
		text: "patronictl's configuration, a node's patroni.yml, or a folder of such files",
	},
	profile: {
		type: 'string',
		shortFlag: 'p',
		value: 'NAME',
		text: 'a profile of the configuration, see pgha-top init --profile',
	},
	dcsUrl: {
		type: 'string',
		shortFlag: 'd',
		value: 'URL',
		text: 'etcd3://HOST:PORT[/NAMESPACE], replaces all settings of the store',
	},
	rest: {
		type: 'string',
		value: 'HOST:PORT,...',
		text: "follow the members through Patroni's REST API alone, beginning with these",
	},
	insecure: {type: 'boolean', shortFlag: 'k', isNegatable: true, text: 'do not verify TLS to Patroni'},
	scope: {type: 'string', value: 'NAME', text: "the cluster's name"},
	group: {type: 'string', value: 'NUMBER', text: 'the group of a Citus cluster'},
	vip: {type: 'string', value: 'ADDRESS', text: 'the virtual address that keepalived moves'},
	readOnly: {type: 'boolean', isNegatable: true, text: 'offer no operation'},
	dryRun: {
		type: 'boolean',
		isNegatable: true,
		text: 'operations show what they would send, and send nothing',
	},
	probe: {
		type: 'string',
		value: 'DSN',
		text: 'connect through the VIP as a client, as psql does; DSN without a password',
	},
	writeProbe: {
		type: 'boolean',
		isNegatable: true,
		text: 'probe with small durable writes instead of queries only',
	},
} as const satisfies FlagTable;
