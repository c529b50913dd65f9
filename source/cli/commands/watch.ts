/** `pgha-top watch`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const flags = {
	...settingFlags,
	dir: {
		type: 'string',
		value: 'DIR',
		completes: 'folder',
		text: "folder of the recordings, each cluster's in one of its own (default $XDG_STATE_HOME/pgha-top/watch)",
	},
	keepSize: {
		type: 'string',
		value: 'SIZE',
		text: 'delete the oldest recordings of the cluster beyond this size, such as 500MiB (default 1GiB)',
	},
	keepAge: {type: 'string', value: 'AGE', text: 'delete recordings at this age, such as 36h (default 7d)'},
	testNotify: {
		type: 'boolean',
		default: false,
		text: 'send one test notification, report how it went, and exit',
	},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'watch',
	summary: 'record the cluster without a screen, as a service; notify of findings',
	title: 'Record the cluster without a screen, as a service, and notify of findings that begin and end',
	usage: ['[options]'],
	about: [
		'It prints a line for each finding that begins or ends, asks nothing, and runs no operation. pgha-top replay --live shows what it records.',
		'The .deb and the .rpm bring it as a service: systemctl enable --now pgha-top-watch.',
		'Another thing is pgha-top --watch SECONDS, which prints the state and records nothing.',
	],
	flags,
	takesSettings: true,
	examples: [
		{typed: 'pgha-top watch', text: 'until Ctrl-C'},
		{typed: 'pgha-top watch -p prod', text: 'the cluster of the profile prod'},
		{typed: 'pgha-top watch --keep-size 4GiB --keep-age 30d', text: 'keep more'},
		{typed: 'pgha-top watch --test-notify', text: 'try the command and the webhook of the configuration'},
	],
	exitCodes: [
		[0, 'ended by SIGTERM; with --test-notify: delivered'],
		[1, 'with --test-notify: not delivered'],
		[64, 'wrong command line or configuration'],
		[70, 'the program failed'],
		[73, 'the recording cannot be written, or another watch records there'],
		[129, 'the terminal was closed'],
		[130, 'ended by Ctrl-C'],
	],
};
