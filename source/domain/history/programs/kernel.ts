/** Lines of the Linux kernel, as the journal and `dmesg` have them. */
import type {SaidPattern} from '../said.ts';

const link = String.raw`(?<object>[\w.@-]{1,32})`;
const device = String.raw`(?<object>[\w.!/-]{1,64})`;

export const kernel: readonly SaidPattern[] = [
	{kind: 'kernel.boot', pattern: /^Linux version (?<object>\S+)/, seen: 'Linux 3.10 to 6.18'},
	{
		// e1000e, igb, ixgbe, i40e, ice, bnx2, bnx2x, bnxt_en, vmxnet3: `eth0: NIC Link is Down`, `eth0: igb: eth0 NIC Link is Down`
		kind: 'kernel.link-down',
		pattern: new RegExp(
			String.raw`\b${link}:? NIC (?:Copper |Fiber |SerDes |Remote Copper )?Link is [Dd]own`,
		),
		seen: 'Linux 3.10 to 6.18, drivers of Intel, Broadcom, VMware',
	},
	{
		kind: 'kernel.link-up',
		pattern: new RegExp(String.raw`\b${link}:? NIC (?:Copper |Fiber |SerDes |Remote Copper )?Link is [Uu]p`),
		seen: 'Linux 3.10 to 6.18, drivers of Intel, Broadcom, VMware',
	},
	{
		// tg3, phylib (r8169, stmmac, …): `eth0: Link is Down`; mlx4, mlx5: `ens1f0: Link down`
		kind: 'kernel.link-down',
		pattern: new RegExp(String.raw`\b${link}: Link (?:is )?[Dd]own\b`),
		seen: 'Linux 3.10 to 6.18, tg3, phylib, mlx4, mlx5',
	},
	{
		kind: 'kernel.link-up',
		pattern: new RegExp(String.raw`\b${link}: Link (?:is )?[Uu]p\b`),
		seen: 'Linux 3.10 to 6.18, tg3, phylib, mlx4, mlx5',
	},
	{
		kind: 'kernel.link-down',
		pattern: /^(?:bonding: )?\S+ link status definitely down for interface (?<object>[\w.@-]+)/,
		seen: 'Linux 3.10 to 5.1, bonding',
	},
	{
		kind: 'kernel.link-down',
		pattern: /^\S+ \(slave (?<object>[\w.@-]+)\): link status definitely down/,
		seen: 'Linux 5.2 to 6.18, bonding',
	},
	{
		kind: 'kernel.link-up',
		pattern: /^(?:bonding: )?\S+ link status definitely up for interface (?<object>[\w.@-]+)/,
		seen: 'Linux 3.10 to 5.1, bonding',
	},
	{
		kind: 'kernel.link-up',
		pattern: /^\S+ \(slave (?<object>[\w.@-]+)\): link status definitely up/,
		seen: 'Linux 5.2 to 6.18, bonding',
	},
	{
		kind: 'kernel.link-down',
		pattern: /^(?<object>[\w.@-]+): now running without any active interface/,
		seen: 'Linux 3.10 to 6.18, bonding',
	},
	{
		kind: 'kernel.link-up',
		pattern: /^(?:IPv6: )?ADDRCONF\(NETDEV_(?:CHANGE|UP)\): (?<object>[\w.@-]+): link becomes ready/,
		seen: 'Linux 3.10 to 6.18 (net/ipv6)',
	},
	{
		// The port of a bridge: veth, tap.
		kind: 'kernel.link-down',
		pattern: /^\S+ port \d+\((?<object>[\w.@-]+)\) entered disabled state/,
		seen: 'Linux 3.10 to 6.18, bridge',
	},
	{
		kind: 'kernel.link-up',
		pattern: /^\S+ port \d+\((?<object>[\w.@-]+)\) entered forwarding state/,
		seen: 'Linux 3.10 to 6.18, bridge',
	},
	{
		kind: 'kernel.oom-kill',
		pattern:
			/^(?<why>Memory cgroup out of memory|Out of memory(?: \(oom_kill_allocating_task\))?): Killed process (?<pid>\d+),? \((?<object>[^)]{1,32})\)/,
		seen: 'Linux 5.0 to 6.18',
	},
	{
		// The line before it names the process that was chosen, `Kill process … or sacrifice child`: not always the one that dies.
		kind: 'kernel.oom-kill',
		pattern: /^Killed process (?<pid>\d+),? (?:\(|UID \d+,? \()(?<object>[^)]{1,32})\)/,
		seen: 'Linux 3.10 to 4.20',
	},
	{
		kind: 'kernel.disk-error',
		pattern: new RegExp(
			`^(?:blk_update_request: |print_req_error: |end_request: )?(?<why>I/O error|critical (?:medium|target|space allocation|nexus) error|(?:device )?(?:timeout|offline) error|protection error), dev ${device},`,
		),
		seen: 'Linux 3.10 to 6.18 (block)',
	},
	{
		kind: 'kernel.disk-error',
		pattern: new RegExp(
			`^(?<why>(?:lost (?:async|sync) page write|Buffer I/O error)) (?:due to I/O error )?on (?:dev|device) ${device},`,
		),
		seen: 'Linux 3.10 to 6.18 (fs/buffer.c)',
	},
	{
		kind: 'kernel.read-only',
		pattern: /^(?:EXT\d-fs|JBD2) \((?<object>[^)]{1,64})\): (?<why>Remounting filesystem read-only)/,
		seen: 'Linux 3.10 to 6.18, ext4',
	},
	{
		kind: 'kernel.read-only',
		pattern:
			/^XFS \((?<object>[^)]{1,64})\): (?<why>Filesystem has been shut down.*|.*[Ss]hutting down filesystem.*|Log I\/O Error Detected.*)/,
		seen: 'Linux 3.10 to 6.18, XFS',
	},
	{
		kind: 'kernel.read-only',
		pattern: /^BTRFS(?:: error| info) \(device (?<object>[^) :]{1,64})[^)]*\):? (?<why>(?:forced|in ).*)/,
		seen: 'Linux 3.10 to 6.18, btrfs',
	},
	{
		kind: 'kernel.disk-error',
		pattern: /^EXT\d-fs error \(device (?<object>[^)]{1,64})\):? (?<why>.*)/,
		seen: 'Linux 3.10 to 6.18, ext4',
	},
	{
		kind: 'kernel.disk-error',
		pattern:
			/^XFS \((?<object>[^)]{1,64})\): (?<why>(?:[Mm]etadata |log )?I\/O [Ee]rror.*|metadata I\/O error.*|[Mm]etadata corruption.*|Corruption (?:detected|of).*)/,
		seen: 'Linux 3.10 to 6.18, XFS',
	},
	{
		kind: 'kernel.disk-error',
		pattern:
			/^(?:JBD2: )?(?<why>Detected IO errors while flushing file data|Aborting journal) on (?:device )?(?<object>[\w!/-]{1,64})/,
		seen: 'Linux 3.10 to 6.18, ext4',
	},
	{
		kind: 'kernel.disk-error',
		pattern:
			/^nvme (?<object>nvme\S{1,32}): (?<why>I\/O (?:tag )?\d+ .*timeout.*|controller is down.*|Device not ready.*|Removing after probe failure.*|Abort status.*)/,
		seen: 'Linux 4.4 to 6.18, NVMe',
	},
	{
		kind: 'kernel.disk-error',
		pattern: /^(?<object>ata\d+(?:\.\d+)?): (?<why>failed command: .*|exception Emask .*)/,
		seen: 'Linux 3.10 to 6.18, libata',
	},
	{
		kind: 'kernel.disk-error',
		pattern: /^(?:sd \S+ )?(?:\[(?<object>\w+)\] )?(?<why>rejecting I\/O to (?:offline|dead) device)/,
		seen: 'Linux 3.10 to 6.18, SCSI',
	},
	{
		kind: 'kernel.disk-error',
		pattern: /^md\/\S+ (?<why>Disk failure) on (?<object>\w+)/,
		seen: 'Linux 3.10 to 6.18, md',
	},
	{
		kind: 'kernel.hung',
		pattern: /^INFO: task (?<object>.{1,32}?):(?<pid>\d+) (?<why>blocked for more than \d+ seconds)/,
		seen: 'Linux 3.10 to 6.18 (kernel/hung_task.c)',
	},
	{
		kind: 'kernel.hung',
		pattern:
			/^(?:NMI )?(?:watchdog: )?BUG: (?<why>(?:soft lockup|workqueue lockup) - .*?)(?: \[(?<object>[^\]]{1,32}):(?<pid>\d+)\])?$/,
		seen: 'Linux 3.10 to 6.18 (kernel/watchdog.c)',
	},
	{
		kind: 'kernel.hung',
		pattern: /^(?:NMI )?watchdog: (?<why>Watchdog detected hard LOCKUP on cpu \d+)/i,
		seen: 'Linux 3.10 to 6.18 (kernel/watchdog.c)',
	},
	{
		kind: 'kernel.hung',
		pattern: /^(?:rcu: )?INFO: (?<why>rcu\w* (?:self-)?detected (?:expedited )?stalls?)/,
		seen: 'Linux 3.10 to 6.18 (kernel/rcu)',
	},
	{
		kind: 'kernel.panic',
		pattern: /^Kernel panic - not syncing: (?<why>.*)/,
		seen: 'Linux 3.10 to 6.18 (kernel/panic.c)',
	},
	{
		kind: 'kernel.bug',
		pattern:
			/^(?<why>BUG: (?:unable to handle|kernel NULL pointer|scheduling while atomic).*|Oops: .*|kernel BUG at .*)/,
		seen: 'Linux 3.10 to 6.18',
	},
	{
		kind: 'kernel.segfault',
		pattern:
			/^(?:traps: )?(?<object>[^[]{1,32})\[(?<pid>\d+)\]:? (?<why>segfault|general protection fault|trap \w+)/,
		seen: 'Linux 3.10 to 6.18, x86',
	},
	{
		// Patroni ended without closing the watchdog, which resets the machine.
		kind: 'patroni.watchdog',
		pattern: /^watchdog: (?<object>\w+): (?<why>watchdog did not stop)/,
		seen: 'Linux 3.10 to 6.18 (drivers/watchdog)',
	},
	{
		kind: 'node.shutdown',
		pattern: /^reboot: (?<why>Power down|Restarting system|System halted)/,
		seen: 'Linux 3.10 to 6.18 (kernel/reboot.c)',
	},
];
