/** `pgha-top drill`. */
import {drillKinds} from '../../domain/drill/types.ts';
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const flags = {
	...settingFlags,
	target: {
		type: 'string',
		value: 'NAME',
		text: 'the member that takes over, or whose node goes down; default: the best candidate, or the leader',
	},
	goal: {
		type: 'string',
		isMultiple: true,
		value: 'DURATION',
		text: 'the longest accepted write outage, such as 5s; for another measure',
		otherForm: {
			value: 'MEASURE=DURATION',
			text: 'leaderless, leader, vip or redundancy, such as redundancy=60s; once for each measure',
		},
	},
	within: {
		type: 'string',
		default: '10m',
		value: 'DURATION',
		text: 'the limit of each stage (default 10m)',
	},
	yes: {type: 'boolean', default: false, text: 'do not ask for confirmation'},
	record: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: "the recording's file; default: a new file in the folder of recordings",
	},
	recordLogs: {type: 'boolean', default: false, text: "record the nodes' log lines too"},
	reason: {type: 'string', value: 'TEXT', text: 'the reason, kept in the recording and the audit log'},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'drill',
	summary: 'run and measure a switchover, shutdown or power-cut',
	title: 'Run a switchover, shutdown or power cut on purpose, and measure what clients notice',
	usage: [`${drillKinds.join('|')} [options]`],
	word: {name: 'KIND', choices: drillKinds},
	about: [],
	flags,
	takesSettings: true,
	examples: [
		{typed: 'pgha-top drill switchover', text: 'to the best candidate; asks first'},
		{
			typed: 'pgha-top drill switchover --target pgdb2 --goal 5s --reason CHG-1234',
			text: 'to this member; exit code 1 if writes stop for longer',
		},
		{typed: 'pgha-top drill power-cut --goal redundancy=60s --yes', text: 'without a terminal'},
	],
	exitCodes: [
		[0, 'goals met'],
		[1, 'goals not met'],
		[2, 'the drill failed'],
		[3, 'unknown'],
		[64, 'wrong command line or configuration'],
		[73, 'the recording cannot be written'],
	],
};
