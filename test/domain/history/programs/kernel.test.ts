import {describe} from 'vitest';
import {kernel} from '../../../../source/domain/history/programs/kernel.ts';
import {expectSaid} from './expect-said.ts';

describe('the kernel', () => {
	expectSaid('kernel', kernel, [
		// From the lab's machine.
		['bridge: port 2(pgdb1) entered disabled state', {kind: 'kernel.link-down', object: 'pgdb1'}],
		['bridge: port 2(pgdb1) entered forwarding state', {kind: 'kernel.link-up', object: 'pgdb1'}],
		['bridge: port 2(pgdb1) entered blocking state', undefined],
		[
			'Memory cgroup out of memory: Killed process 20344 (postgres) total-vm:529736kB, anon-rss:154124kB, file-rss:22248kB, shmem-rss:3692kB, UID:102 pgtables:652kB oom_score_adj:0',
			{kind: 'kernel.oom-kill', object: 'postgres', pid: 20344, why: 'Memory cgroup out of memory'},
		],
		['postgres invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0', undefined],
		// From the sources of drivers and of the kernel.
		[
			'Linux version 6.12.57+deb13-amd64 (debian-kernel@lists.debian.org) (x86_64-linux-gnu-gcc-14) #1 SMP',
			{kind: 'kernel.boot', object: '6.12.57+deb13-amd64'},
		],
		['e1000e 0000:00:19.0 eth0: NIC Link is Down', {kind: 'kernel.link-down', object: 'eth0'}],
		[
			'e1000e: eth0 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx',
			{kind: 'kernel.link-up', object: 'eth0'},
		],
		['igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down', {kind: 'kernel.link-down', object: 'eno1'}],
		['bnx2 0000:02:00.0 eth1: NIC Copper Link is Down', {kind: 'kernel.link-down', object: 'eth1'}],
		['vmxnet3 0000:0b:00.0 ens192: NIC Link is Up 10000 Mbps', {kind: 'kernel.link-up', object: 'ens192'}],
		[
			'ice 0000:31:00.0 ens2f0: NIC Link is up 25 Gbps Full Duplex',
			{kind: 'kernel.link-up', object: 'ens2f0'},
		],
		['tg3 0000:02:00.0 eth0: Link is down', {kind: 'kernel.link-down', object: 'eth0'}],
		[
			'r8169 0000:01:00.0 enp1s0: Link is Up - 1Gbps/Full - flow control rx/tx',
			{kind: 'kernel.link-up', object: 'enp1s0'},
		],
		['mlx5_core 0000:01:00.0 ens1f0: Link down', {kind: 'kernel.link-down', object: 'ens1f0'}],
		['mlx4_en: eth2: Link Up', {kind: 'kernel.link-up', object: 'eth2'}],
		['ata1: SATA link down (SStatus 0 SControl 300)', undefined],
		['pcieport 0000:00:1c.0: pciehp: Slot(1): Link Down', undefined],
		[
			'bonding: bond0: link status definitely down for interface eth0, disabling it',
			{kind: 'kernel.link-down', object: 'eth0'},
		],
		[
			'bond0: link status definitely down for interface eth0, disabling it',
			{kind: 'kernel.link-down', object: 'eth0'},
		],
		[
			'bond0: link status definitely up for interface eth0, 1000 Mbps full duplex',
			{kind: 'kernel.link-up', object: 'eth0'},
		],
		[
			'bond0: (slave eth0): link status definitely down, disabling slave',
			{kind: 'kernel.link-down', object: 'eth0'},
		],
		[
			'bond0: (slave eth0): link status definitely up, 1000 Mbps full duplex',
			{kind: 'kernel.link-up', object: 'eth0'},
		],
		['bond0: now running without any active interface!', {kind: 'kernel.link-down', object: 'bond0'}],
		['IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready', {kind: 'kernel.link-up', object: 'eth0'}],
		[
			'Out of memory: Killed process 1234 (postgres) total-vm:8388608kB, anon-rss:4194304kB',
			{kind: 'kernel.oom-kill', object: 'postgres', pid: 1234, why: 'Out of memory'},
		],
		['Out of memory: Kill process 1234 (postgres) score 900 or sacrifice child', undefined],
		[
			'Killed process 1234 (postgres) total-vm:8388608kB',
			{kind: 'kernel.oom-kill', object: 'postgres', pid: 1234},
		],
		[
			'Killed process 1234 (postgres), UID 26, total-vm:8388608kB',
			{kind: 'kernel.oom-kill', object: 'postgres', pid: 1234},
		],
		[
			'blk_update_request: I/O error, dev sda, sector 1953525160 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 0',
			{kind: 'kernel.disk-error', object: 'sda', why: 'I/O error'},
		],
		[
			'critical medium error, dev nvme0n1, sector 204800 op 0x0:(READ)',
			{kind: 'kernel.disk-error', object: 'nvme0n1', why: 'critical medium error'},
		],
		[
			'Buffer I/O error on dev dm-0, logical block 5242880, lost async page write',
			{kind: 'kernel.disk-error', object: 'dm-0', why: 'Buffer I/O error'},
		],
		[
			'EXT4-fs (dm-0): Remounting filesystem read-only',
			{kind: 'kernel.read-only', object: 'dm-0', why: 'Remounting filesystem read-only'},
		],
		[
			'XFS (dm-1): Filesystem has been shut down due to log error (0x2).',
			{
				kind: 'kernel.read-only',
				object: 'dm-1',
				why: 'Filesystem has been shut down due to log error (0x2).',
			},
		],
		[
			'XFS (dm-1): xfs_do_force_shutdown(0x8) called from line 1234 of file fs/xfs/xfs_bmap.c. Return address = 0xffff',
			undefined,
		],
		[
			'XFS (dm-1): Corruption of in-memory data detected.  Shutting down filesystem',
			{
				kind: 'kernel.read-only',
				object: 'dm-1',
				why: 'Corruption of in-memory data detected.  Shutting down filesystem',
			},
		],
		[
			'BTRFS info (device sda1): forced readonly',
			{kind: 'kernel.read-only', object: 'sda1', why: 'forced readonly'},
		],
		[
			'EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm postgres: reading directory lblock 0',
			{
				kind: 'kernel.disk-error',
				object: 'sda1',
				why: 'ext4_find_entry:1455: inode #2: comm postgres: reading directory lblock 0',
			},
		],
		[
			'XFS (sdb1): metadata I/O error in "xfs_trans_read_buf_map" at daddr 0x40 len 8 error 5',
			{
				kind: 'kernel.disk-error',
				object: 'sdb1',
				why: 'metadata I/O error in "xfs_trans_read_buf_map" at daddr 0x40 len 8 error 5',
			},
		],
		[
			'Aborting journal on device dm-0-8.',
			{kind: 'kernel.disk-error', object: 'dm-0-8', why: 'Aborting journal'},
		],
		[
			'nvme nvme0: I/O 123 QID 4 timeout, aborting',
			{kind: 'kernel.disk-error', object: 'nvme0', why: 'I/O 123 QID 4 timeout, aborting'},
		],
		[
			'ata1.00: failed command: READ FPDMA QUEUED',
			{kind: 'kernel.disk-error', object: 'ata1.00', why: 'failed command: READ FPDMA QUEUED'},
		],
		[
			'sd 0:0:0:0: [sda] rejecting I/O to offline device',
			{kind: 'kernel.disk-error', object: 'sda', why: 'rejecting I/O to offline device'},
		],
		[
			'md/raid1:md0: Disk failure on sdb1, disabling device.',
			{kind: 'kernel.disk-error', object: 'sdb1', why: 'Disk failure'},
		],
		[
			'INFO: task jbd2/dm-0-8:512 blocked for more than 120 seconds.',
			{kind: 'kernel.hung', object: 'jbd2/dm-0-8', pid: 512, why: 'blocked for more than 120 seconds'},
		],
		[
			'watchdog: BUG: soft lockup - CPU#2 stuck for 22s! [postgres:1234]',
			{kind: 'kernel.hung', object: 'postgres', pid: 1234, why: 'soft lockup - CPU#2 stuck for 22s!'},
		],
		[
			'NMI watchdog: Watchdog detected hard LOCKUP on cpu 3',
			{kind: 'kernel.hung', why: 'Watchdog detected hard LOCKUP on cpu 3'},
		],
		[
			'rcu: INFO: rcu_preempt self-detected stall on CPU',
			{kind: 'kernel.hung', why: 'rcu_preempt self-detected stall'},
		],
		[
			'Kernel panic - not syncing: Fatal exception in interrupt',
			{kind: 'kernel.panic', why: 'Fatal exception in interrupt'},
		],
		[
			'BUG: kernel NULL pointer dereference, address: 0000000000000008',
			{kind: 'kernel.bug', why: 'BUG: kernel NULL pointer dereference, address: 0000000000000008'},
		],
		[
			'postgres[1234]: segfault at 0 ip 000055d0c6a1b2c3 sp 00007ffd error 4 in postgres[55d0c6800000+5a0000]',
			{kind: 'kernel.segfault', object: 'postgres', pid: 1234, why: 'segfault'},
		],
		[
			'traps: postgres[1234] general protection fault ip:55d0c6a1b2c3',
			{kind: 'kernel.segfault', object: 'postgres', pid: 1234, why: 'general protection fault'},
		],
		[
			'watchdog: watchdog0: watchdog did not stop!',
			{kind: 'patroni.watchdog', object: 'watchdog0', why: 'watchdog did not stop'},
		],
		['reboot: Restarting system', {kind: 'node.shutdown', why: 'Restarting system'}],
	]);
});
