/** `pgha-top init`. */
import {type CommandDefinition, type FlagTable, helpFlag} from '../definition.ts';

export const flags = {
	print: {type: 'boolean', default: false, text: 'only print the configuration; write nothing'},
	output: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: 'write this file instead of ~/.config/pgha-top/config.yaml',
	},
	profile: {
		type: 'string',
		shortFlag: 'p',
		value: 'NAME',
		text: 'write the profile NAME, ~/.config/pgha-top/profiles/NAME.yaml, for pgha-top -p NAME',
	},
	sshConfig: {type: 'string', value: 'FILE', completes: 'file', text: 'file for ssh -F'},
	balancers: {
		type: 'string',
		value: 'HOST,...',
		completes: 'host',
		text: 'hosts of HAProxy and keepalived that are no database nodes',
	},
	vip: {type: 'string', value: 'ADDRESS', text: 'the virtual address where clients connect'},
	probeUser: {
		type: 'string',
		value: 'NAME',
		text: 'PostgreSQL user of the probe, none for no probe; its password stays in ~/.pgpass',
	},
	etcdCa: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: 'CA certificates for etcd, on this machine',
	},
	restCa: {
		type: 'string',
		value: 'FILE',
		completes: 'file',
		text: 'CA certificates for Patroni, on this machine',
	},
	...helpFlag,
} as const satisfies FlagTable;

export const definition: CommandDefinition = {
	name: 'init',
	summary: 'from one host to a working configuration',
	title: 'From one host to a working configuration',
	usage: ['[USER@]HOST [options]'],
	word: {name: 'HOST', completes: 'host'},
	about: [
		'HOST has a member of Patroni, or the HAProxy in front of them. Over SSH, init reads patroni.yml, haproxy.cfg, keepalived.conf, vip-manager.yml and pgbouncer.ini of all nodes, shows what it understood and where each value stands, asks what no node says, writes a configuration with comments, and runs doctor with it.',
		'It changes nothing on the nodes, never writes over a file, and writes no password.',
	],
	flags,
	takesSettings: false,
	examples: [
		{typed: 'pgha-top init pgdb1', text: 'read the nodes, ask, and write the file'},
		{typed: 'pgha-top init dba@pgdb1 --print', text: 'only show the file'},
		{typed: 'pgha-top init orders1 -p orders', text: 'for a second cluster: pgha-top -p orders'},
	],
	exitCodes: [
		[0, 'everything answers, as of doctor; or with --print'],
		[1, 'something does not answer'],
		[2, 'neither the DCS nor any REST API answers'],
		[64, 'wrong command line'],
		[69, 'no cluster found'],
		[73, 'the file exists or cannot be written'],
		[130, 'ended by Ctrl-C'],
	],
};
