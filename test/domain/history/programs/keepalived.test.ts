import {describe} from 'vitest';
import {keepalived} from '../../../../source/domain/history/programs/keepalived.ts';
import {expectSaid} from './expect-said.ts';

describe('keepalived', () => {
	expectSaid('keepalived', keepalived, [
		// 2.2 to 2.3, from the lab.
		['(postgres) Entering MASTER STATE', {kind: 'vrrp.master', object: 'postgres'}],
		['(postgres) Entering BACKUP STATE (init)', {kind: 'vrrp.backup', object: 'postgres', why: 'init'}],
		['(postgres) Entering BACKUP STATE', {kind: 'vrrp.backup', object: 'postgres'}],
		['(postgres) Entering FAULT STATE', {kind: 'vrrp.fault', object: 'postgres'}],
		[
			'(postgres) Received advert from 10.73.0.170 with lower priority 102, ours 103, forcing new election',
			{
				kind: 'vrrp.rival',
				object: 'postgres',
				from: '10.73.0.170',
				why: 'with lower priority 102, ours 103, forcing new election',
			},
		],
		[
			'(postgres) Master received advert from 10.73.0.160 with higher priority 103, ours 102',
			{
				kind: 'vrrp.rival',
				object: 'postgres',
				from: '10.73.0.160',
				why: 'with higher priority 103, ours 102',
			},
		],
		[
			'(postgres) Backup received priority 0 advertisement',
			{kind: 'vrrp.master-gone', object: 'postgres', why: 'priority 0 advertisement'},
		],
		[
			'(postgres) Changing effective priority from 101 to 103',
			{kind: 'vrrp.priority', object: 'postgres', why: 'from 101 to 103'},
		],
		[
			'VRRP_Script(haproxy_runs) failed (exited with status 1)',
			{kind: 'vrrp.script-failed', object: 'haproxy_runs', why: 'exited with status 1'},
		],
		['VRRP_Script(haproxy_runs) succeeded', {kind: 'vrrp.script-passed', object: 'haproxy_runs'}],
		['Starting Keepalived v2.3.3 (03/30,2025)', {kind: 'vrrp.started', object: '2.3.3'}],
		['Stopped Keepalived v2.3.3 (03/30,2025)', {kind: 'vrrp.stopped', object: '2.3.3'}],
		['Stopped', {kind: 'vrrp.stopped'}],
		['Netlink reports eth0 down', {kind: 'kernel.link-down', object: 'eth0'}],
		['Netlink reports eth0 up', {kind: 'kernel.link-up', object: 'eth0'}],
		['Starting VRRP child process, pid=73', undefined],
		['Startup complete', undefined],
		['VRRP_Script(haproxy_runs) considered successful on reload', undefined],
		[
			'NOTICE: setting config option max_auto_priority should result in better keepalived performance',
			undefined,
		],
		[
			'keepalived.service: Main process exited, code=killed, status=9/KILL',
			{kind: 'unit.exited', object: 'keepalived.service', why: 'code=killed, status=9/KILL'},
		],
		// From the sources.
		['VRRP_Instance(VI_1) Entering MASTER STATE', {kind: 'vrrp.master', object: 'VI_1'}],
		[
			'(VI_1): entering FAULT state due to script check_patroni',
			{kind: 'vrrp.fault', object: 'VI_1', why: 'script check_patroni'},
		],
		[
			'(VI_1): entering FAULT state (interface eth0 down)',
			{kind: 'vrrp.fault', object: 'VI_1', why: 'interface eth0 down'},
		],
		[
			'(VI_1) entering FAULT state (no IPv4 address for interface)',
			{kind: 'vrrp.fault', object: 'VI_1', why: 'no IPv4 address for interface'},
		],
		['(VI_1) Entering FAULT STATE (init)', {kind: 'vrrp.fault', object: 'VI_1'}],
		['VRRP_Group(VG_1) Syncing instances to MASTER state', {kind: 'vrrp.master', object: 'VG_1'}],
		['VRRP_Group(VG_1) Syncing instances to BACKUP state', {kind: 'vrrp.backup', object: 'VG_1'}],
		['VRRP_Group(VG_1) Syncing instances to FAULT state', {kind: 'vrrp.fault', object: 'VG_1'}],
		['VRRP_Group(VG_1): Syncing VI_1 to FAULT state', {kind: 'vrrp.fault', object: 'VG_1'}],
		[
			'(VI_1) WARNING - equal priority advert received from remote host with our IP address.',
			{
				kind: 'vrrp.rival',
				object: 'VI_1',
				why: 'equal priority advert received from remote host with our IP address',
			},
		],
		[
			'(VI_1) Receive advertisement timeout',
			{kind: 'vrrp.master-gone', object: 'VI_1', why: 'advertisement timeout'},
		],
		['VRRP_Script(chk) timed_out', {kind: 'vrrp.script-failed', object: 'chk', why: 'timed_out'}],
		['VRRP_Script(chk) failed', {kind: 'vrrp.script-failed', object: 'chk'}],
		['VRRP child process(812) died: Respawning', {kind: 'vrrp.stopped', pid: 812, why: 'died: Respawning'}],
		[
			'Keepalived_vrrp exited due to signal 11 (Segmentation fault)',
			{kind: 'vrrp.stopped', why: 'exited due to signal 11 (Segmentation fault)'},
		],
		['Netlink reflector reports IP 10.73.0.172 added to eth0', {kind: 'vip.added', object: '10.73.0.172'}],
		[
			'Netlink reflector reports IP 10.73.0.172 removed from eth0',
			{kind: 'vip.removed', object: '10.73.0.172'},
		],
	]);
});
