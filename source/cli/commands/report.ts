/** `pgha-top report`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';

export const formats = ['md', 'html', 'json'] as const;

export type Format = (typeof formats)[number];

export const flags = {
	format: {
		type: 'string',
		shortFlag: 'f',
		choices: formats,
		text: 'Markdown, one HTML page without other files, or JSON; default: by the name of the output file, then md',
	},
	output: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: 'write to a new file instead of standard output',
	},
	goal: {
		type: 'string',
		isMultiple: true,
		value: 'DURATION',
		text: 'the longest accepted write outage, such as 5s; for another measure',
		otherForm: {
			value: 'MEASURE=DURATION',
			text: "leaderless, leader, vip or redundancy, such as redundancy=60s; a drill's own goals override them",
		},
	},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'report',
	summary: 'write a recording as Markdown, HTML or JSON',
	title: 'Write a recording as a report: measures, operations, findings, the timeline, charts',
	usage: ['FILE [options]'],
	word: {name: 'FILE', completes: 'file'},
	about: [],
	flags,
	takesSettings: false,
	examples: [
		{typed: 'pgha-top report drill.ndjson.gz', text: 'Markdown, for a change ticket'},
		{typed: 'pgha-top report drill.ndjson.gz --output drill.html', text: 'one page with charts'},
		{
			typed: "pgha-top report drill.ndjson.gz --format json | jq '.episodes'",
			text: 'for a script',
		},
	],
	exitCodes: [
		[0, 'done'],
		[64, 'wrong command line'],
		[66, 'the recording cannot be read'],
		[73, 'the report cannot be written'],
	],
};
