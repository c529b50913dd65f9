/** `pgha-top autopsy`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const flags = {
	...settingFlags,
	since: {
		type: 'string',
		default: '-2h',
		value: 'TIME',
		text: 'read from here on: -2h, 02:10, or a date with a time (default -2h)',
	},
	until: {type: 'string', value: 'TIME', text: 'read up to here (default: now)'},
	nodes: {type: 'string', value: 'NAME,...', text: 'read only these nodes'},
	logs: {
		type: 'string',
		value: 'DIR',
		completes: 'folder',
		text: 'read the files of this folder instead of the nodes: one folder per node, or NODE.json, NODE-SERVICE.log',
	},
	output: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: "the recording, a new file; default: with the session's recordings",
	},
	json: {type: 'boolean', default: false, text: 'print JSON'},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'autopsy',
	summary: 'read what the logs of all nodes say happened, as a recording',
	title: 'Put together what happened from the logs of all nodes: the first cause, the chain, a recording',
	usage: ['[--since TIME] [--until TIME] [options]', '--logs DIR [options]'],
	about: [
		'It reads the journals and log files over SSH, changes nothing, and continues without a node that is down. The recording is for pgha-top replay and pgha-top report.',
	],
	flags,
	takesSettings: true,
	examples: [
		{
			typed: 'pgha-top autopsy --since 02:00 --until 03:00',
			text: 'what happened in that hour of the last night',
		},
		{typed: 'pgha-top autopsy --logs ./from-a-colleague', text: 'from files, without a connection'},
		{typed: "pgha-top autopsy --json | jq -r '.incidents[].first_cause.text'", text: 'for a script'},
	],
	exitCodes: [
		[0, 'the logs were read'],
		[1, 'a part of them could not be read: it is named'],
		[2, 'nothing could be read'],
		[64, 'wrong command line or configuration'],
		[66, 'the folder cannot be read'],
		[73, 'the recording cannot be written'],
	],
};
