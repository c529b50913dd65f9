/** `pgha-top replay` and `pgha-top tour`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';

export const tour = [
	{name: 'calm', what: 'a healthy cluster: who leads, who holds the VIP, what clients feel'},
	{name: 'switchover', what: 'a switchover by two keys, step by step, and the sync standby back'},
	{name: 'refused', what: 'the next switchover comes too soon: the question says why, and nothing is sent'},
	{name: 'power-off', what: 'the node that holds the VIP is shut down, and comes back as a replica'},
	{name: 'power-cut', what: 'the plug of the leader is pulled: no leader until the lease has run out'},
	{name: 'split-cable', what: "the leader's network cable is out: it is cut off, and another one takes over"},
	{name: 'no-quorum', what: 'two of three etcd members stop: the leader gives up, though PostgreSQL runs'},
	{name: 'two-holders', what: 'both nodes hold the VIP, since keepalived on one hears nothing of the other'},
] as const;

export type TourName = (typeof tour)[number]['name'];

export const replayFlags = {
	live: {
		type: 'boolean',
		default: false,
		text: 'show what pgha-top watch records on this machine now, at its end',
	},
	dir: {
		type: 'string',
		value: 'DIR',
		completes: 'folder',
		text: 'with --live: the folder that watch has by --dir',
	},
	...helpFlag,
} as const satisfies FlagTable;

export const tourFlags = {
	list: {type: 'boolean', default: false, text: 'list the recordings, as without a name'},
	...helpFlag,
} as const satisfies FlagTable;

export const replayDefinition: CommandDefinition = {
	name: 'replay',
	summary: 'play a recording; connects to nothing',
	title: 'Play a recording on the screen; connects to nothing and sends nothing',
	usage: ['FILE', '--live [CLUSTER] [--dir DIR]'],
	word: {name: 'FILE', completes: 'file'},
	about: [
		'Space plays and pauses, ? shows all keys.',
		'With --live it follows a watch; End returns there. CLUSTER is the scope, where several are watched.',
	],
	flags: replayFlags,
	takesSettings: false,
	examples: [
		{typed: 'pgha-top replay switchover.ndjson.gz', text: 'a recording by --record, Ctrl-R or a drill'},
		{typed: 'pgha-top replay --live', text: 'what the watch on this machine sees'},
	],
	exitCodes: [
		[0, 'done'],
		[64, 'wrong command line'],
		[66, 'the recording cannot be read; with --live: there is none'],
	],
};

export const tourDefinition: CommandDefinition = {
	name: 'tour',
	summary: 'list the recordings of a real cluster that come with pgha-top, or play one',
	title: 'Recordings of a real cluster that come with pgha-top',
	usage: ['', 'NAME'],
	word: {name: 'NAME', choices: tour.map(({name}) => name)},
	about: ['Without a name it lists them. Space plays and pauses, ? shows all keys.'],
	flags: tourFlags,
	takesSettings: false,
	examples: [
		{typed: 'pgha-top tour', text: 'list them'},
		{typed: 'pgha-top tour power-cut', text: 'play one'},
	],
	exitCodes: replayDefinition.exitCodes,
};
