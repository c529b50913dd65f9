/** `pgha-top history`, `topology` and `dsn`, as patronictl has them. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const tableFormats = ['text', 'json', 'yaml', 'tsv'] as const;

export const dsnRoles = ['leader', 'primary', 'standby-leader', 'replica', 'standby', 'any'] as const;

const timeout = {
	type: 'number',
	value: 'SECONDS',
	default: 5,
	text: 'wait at most this long (default 5)',
} as const;

export const tableFlags = {
	...settingFlags,
	format: {
		type: 'string',
		shortFlag: 'f',
		value: 'FORMAT',
		choices: tableFormats,
		default: 'text',
		text: `${tableFormats.join(', ')} (default text)`,
	},
	timeout,
	...helpFlag,
} as const satisfies FlagTable;

export const dsnFlags = {
	...settingFlags,
	role: {
		type: 'string',
		shortFlag: 'r',
		value: 'ROLE',
		choices: dsnRoles,
		text: `of a member with this role: ${dsnRoles.join(', ')} (default leader)`,
	},
	member: {type: 'string', shortFlag: 'm', value: 'NAME', text: 'of this member'},
	timeout,
	...helpFlag,
} as const satisfies FlagTable;

const exitCodes: CommandDefinition['exitCodes'] = [
	[0, 'done'],
	[64, 'wrong command line or configuration'],
	[69, 'the cluster cannot be read now: nothing is printed'],
];

const common = {
	usage: ['[CLUSTER] [options]'],
	word: {name: '[CLUSTER]'},
	about: [
		'CLUSTER is the scope, if it is not configured. Nothing is printed that is not known to be true now.',
	],
	takesSettings: true,
} as const;

export const historyDefinition: CommandDefinition = {
	...common,
	name: 'history',
	summary: 'print the failovers and switchovers, as patronictl does',
	title:
		'Print the history of failovers and switchovers: the timelines that ended, and the leader after each',
	flags: tableFlags,
	examples: [
		{typed: 'pgha-top history', text: 'a table'},
		{typed: "pgha-top history -f json | jq '.[-1]'", text: 'the last one, with the names of patronictl'},
	],
	exitCodes,
};

export const topologyDefinition: CommandDefinition = {
	...common,
	name: 'topology',
	summary: 'print the members as a tree, each below the one that it replicates from',
	title: 'Print the members as a tree: each below the member that it replicates from',
	flags: tableFlags,
	examples: [
		{typed: 'pgha-top topology', text: 'a tree'},
		{typed: 'pgha-top topology -f tsv | cut -f 1,2', text: 'each member with the one above it'},
	],
	exitCodes,
};

export const dsnDefinition: CommandDefinition = {
	...common,
	name: 'dsn',
	summary: 'print host and port of a member, by default of the leader',
	title: 'Print host and port of a member, by default of the leader, for psql',
	flags: dsnFlags,
	examples: [
		{typed: 'pgha-top dsn', text: 'of the leader'},
		{typed: 'pgha-top dsn -r replica', text: 'of a replica'},
		{typed: 'pgha-top dsn -m pgdb2', text: 'of one member'},
	],
	exitCodes: [...exitCodes.slice(0, 1), [1, 'no such member'], ...exitCodes.slice(1)],
};
