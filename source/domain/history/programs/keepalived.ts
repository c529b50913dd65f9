/** Lines of keepalived 2.0 to 2.3. */
import type {SaidPattern} from '../said.ts';

/** `(postgres)`; `VRRP_Instance(postgres)` in old versions; with a colon before some texts. */
const instance = String.raw`^(?:VRRP_Instance)?\((?<object>[^)]+)\):? `;
const script = String.raw`^VRRP_Script\((?<object>[^)]+)\) `;

const ofInstance = (text: string) => new RegExp(`${instance}${text}`);
const ofScript = (text: string) => new RegExp(`${script}${text}`);

export const keepalived: readonly SaidPattern[] = [
	{
		kind: 'vrrp.master',
		pattern: ofInstance('Entering MASTER STATE'),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c)',
	},
	{
		kind: 'vrrp.backup',
		pattern: ofInstance(String.raw`Entering BACKUP STATE(?: \((?<why>init)\))?`),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c, vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.fault',
		pattern: ofInstance(String.raw`entering FAULT state (?:\(|due to )(?<why>[^()]+)`),
		seen: 'keepalived 2.0 to 2.3 (vrrp_track.c), at its start and reload',
	},
	{
		// The reason is in a line before it: a script that failed, an interface that is down.
		kind: 'vrrp.fault',
		pattern: ofInstance('[Ee]ntering FAULT (?:state|STATE)'),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c, vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.master',
		pattern: /^VRRP_Group\((?<object>[^)]+)\) Syncing instances to MASTER state/,
		seen: 'keepalived 2.0 to 2.3 (vrrp_sync.c)',
	},
	{
		kind: 'vrrp.backup',
		pattern: /^VRRP_Group\((?<object>[^)]+)\) Syncing instances to BACKUP state/,
		seen: 'keepalived 2.0 to 2.3 (vrrp_sync.c)',
	},
	{
		kind: 'vrrp.fault',
		pattern: /^VRRP_Group\((?<object>[^)]+)\):? Syncing .{1,200} to FAULT state/,
		seen: 'keepalived 2.0 to 2.3 (vrrp_sync.c, vrrp_track.c)',
	},
	{
		kind: 'vrrp.rival',
		pattern: ofInstance(
			String.raw`(?:Master r|R)eceived advert from (?<from>\S+) (?<why>with (?:higher priority|lower priority|same priority) .*)`,
		),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c)',
	},
	{
		kind: 'vrrp.rival',
		pattern: ofInstance(
			'(?:WARNING - )?(?<why>equal priority advert received from remote host with our IP address)',
		),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c)',
	},
	{
		kind: 'vrrp.master-gone',
		pattern: ofInstance('Backup received (?<why>priority 0 advertisement)'),
		seen: 'keepalived 2.0 to 2.3 (vrrp.c)',
	},
	{
		kind: 'vrrp.master-gone',
		pattern: ofInstance('Receive (?<why>advertisement timeout)'),
		seen: 'keepalived 2.1 to 2.3 (vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.priority',
		pattern: ofInstance(String.raw`Changing effective priority (?<why>from \d+ to \d+)`),
		seen: 'keepalived 2.0 to 2.3 (vrrp_track.c)',
	},
	{
		kind: 'vrrp.script-failed',
		pattern: ofScript(String.raw`failed(?: \((?<why>[^)]*)\))?$`),
		seen: 'keepalived 2.0 to 2.3 (vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.script-failed',
		pattern: ofScript('(?<why>timed_out)$'),
		seen: 'keepalived 2.0 to 2.3 (vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.script-passed',
		pattern: ofScript('succeeded$'),
		seen: 'keepalived 2.0 to 2.3 (vrrp_scheduler.c)',
	},
	{
		kind: 'vrrp.started',
		pattern: /^Starting Keepalived v(?<object>[\d.]+)/,
		seen: 'keepalived 2.0 to 2.3 (main.c)',
	},
	{
		kind: 'vrrp.stopped',
		pattern: /^Stopped Keepalived v(?<object>[\d.]+)/,
		seen: 'keepalived 2.0 to 2.3 (main.c)',
	},
	{
		// The child that speaks VRRP, before the line above; alone, where its parent was killed.
		kind: 'vrrp.stopped',
		pattern: /^Stopped(?: - used .*)?$/,
		seen: 'keepalived 2.0 to 2.3 (vrrp_daemon.c)',
	},
	{
		kind: 'vrrp.stopped',
		pattern: /^(?:VRRP|\S+) child process\((?<pid>\d+)\) (?<why>died: \w+)/,
		seen: 'keepalived 2.0 to 2.3 (vrrp_daemon.c, scheduler.c)',
	},
	{
		kind: 'vrrp.stopped',
		pattern: /^\S+ (?<why>exited (?:due to signal|with permanent error|with status) .*)/,
		seen: 'keepalived 2.0 to 2.3 (scheduler.c)',
	},
	{
		kind: 'kernel.link-down',
		pattern: /^Netlink reports (?<object>\S+) down$/,
		seen: 'keepalived 2.0 to 2.3 (keepalived_netlink.c)',
	},
	{
		kind: 'kernel.link-up',
		pattern: /^Netlink reports (?<object>\S+) up$/,
		seen: 'keepalived 2.0 to 2.3 (keepalived_netlink.c)',
	},
	{
		kind: 'vip.added',
		pattern: /^Netlink reflector reports IP (?<object>\S+) added to /,
		seen: 'keepalived 2.0 to 2.3 (keepalived_netlink.c)',
	},
	{
		kind: 'vip.removed',
		pattern: /^Netlink reflector reports IP (?<object>\S+) removed from /,
		seen: 'keepalived 2.0 to 2.3 (keepalived_netlink.c)',
	},
];
