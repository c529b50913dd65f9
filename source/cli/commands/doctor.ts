/** `pgha-top doctor`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';
import {settingFlags} from './settings.ts';

export const flags = {
	...settingFlags,
	json: {type: 'boolean', default: false, text: 'print JSON'},
	timeout: {
		type: 'number',
		default: 10,
		value: 'SECONDS',
		text: 'wait at most this long (default 10)',
	},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'doctor',
	summary: 'ask every source once: what fails, why, and what mends it',
	title: 'Ask every source once: what answers, what does not, why, and what mends it',
	usage: ['[options]'],
	about: [
		'It prints no secrets. It changes nothing: over SSH it runs id, ss, sudo -l, journalctl, and what the console runs.',
	],
	flags,
	takesSettings: true,
	examples: [
		{typed: 'pgha-top doctor', text: 'a table of all sources'},
		{typed: 'pgha-top doctor -c /etc/patroni/patroni.yml', text: "with a node's own configuration"},
		{
			typed: "pgha-top doctor --json | jq '.checks[] | select(.ok | not)'",
			text: 'only what fails',
		},
	],
	exitCodes: [
		[0, 'everything answers'],
		[1, 'something does not'],
		[2, 'neither the DCS nor any REST API answers'],
		[64, 'wrong command line or configuration'],
	],
};
