import {describe} from 'vitest';
import {vipManager} from '../../../../source/domain/history/programs/vip-manager.ts';
import {expectSaid} from './expect-said.ts';

describe('vip-manager', () => {
	expectSaid('vip-manager', vipManager, [
		[
			'2026/11/27 11:46:33 Configuring address 10.73.0.172/24 on eth0',
			{kind: 'vip.added', object: '10.73.0.172/24'},
		],
		[
			'2026/11/27 11:46:33 Removing address 10.73.0.172/24 on eth0',
			{kind: 'vip.removed', object: '10.73.0.172/24'},
		],
		['2026/11/27 11:46:33 IP address 10.73.0.172/24 state is false, desired true', undefined],
		[
			'2026/11/27 11:46:33 Error running ip address add 10.73.0.172/24 on eth0: exit status 2',
			{
				kind: 'vip.failed',
				why: 'Error running ip address add 10.73.0.172/24 on eth0: exit status 2',
			},
		],
		[
			'2026/11/27 11:46:33 etcd error: client: etcd cluster is unavailable or misconfigured; error #0: dial tcp 10.73.0.160:2379: connect: connection refused',
			{
				kind: 'vip.source-lost',
				why: 'etcd error: client: etcd cluster is unavailable or misconfigured; error #0: dial tcp 10.73.0.160:2379: connect: connection refused',
			},
		],
		['2026/11/27 12:44:50 etcd error: 100: Key not found (/service/postgres-cluster/leader) [14]', undefined],
		[
			'2026/11/27 11:46:33 Cannot get variable for key /service/postgres/leader. Will try again in a second.',
			{
				kind: 'vip.source-lost',
				why: 'Cannot get variable for key /service/postgres/leader. Will try again in a second.',
			},
		],
		[
			'2024-05-07T12:00:00.000Z\tINFO\tConfiguring address 10.73.0.172/24 on eth0',
			{kind: 'vip.added', object: '10.73.0.172/24'},
		],
		['INFO\tIP address 10.73.0.172/24 is up, must be up', undefined],
		[
			'2024-05-07T12:00:00.000Z\tERROR\tFailed to get etcd value:\t{"error": "context deadline exceeded"}',
			{
				kind: 'vip.source-lost',
				why: 'Failed to get etcd value:\t{"error": "context deadline exceeded"}',
			},
		],
		[
			'FATAL\tLeader checker returned the following error: %s\t{"error": "context canceled"}',
			{
				kind: 'vip.source-lost',
				why: 'Leader checker returned the following error: %s\t{"error": "context canceled"}',
			},
		],
	]);
});
