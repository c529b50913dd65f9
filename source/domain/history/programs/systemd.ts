/** Lines of systemd about units, and of the programs of a node's `system` log: systemd-logind, what sets the clock. */
import type {SaidPattern} from '../said.ts';

const service = String.raw`(?<object>[\w@.:\\-]{1,255}\.service)`;
const unit = String.raw`(?<object>[\w@.:\\-]{1,255}\.(?:service|socket|mount|automount|swap|path|timer|scope|slice))`;

const about = (text: string) => new RegExp(`^${unit}: ${text}`);
/** `Started etcd.service - etcd - highly-available key value store.`; the name is there since systemd 249. */
const job = (verb: string, what = service) => new RegExp(String.raw`^${verb} ${what}(?: - .*)?\.{1,3}$`);

/** By systemd itself; each line has the unit's name in it. */
export const systemd: readonly SaidPattern[] = [
	{kind: 'unit.started', pattern: job('Started'), seen: 'systemd 249 to 258'},
	{kind: 'unit.stopping', pattern: job('Stopping'), seen: 'systemd 249 to 258'},
	{
		kind: 'unit.failed',
		pattern: new RegExp(String.raw`^Stopped (?<why>\(with error\)) ${unit}(?: - .*)?\.$`),
		seen: 'systemd 249 to 257',
	},
	{
		kind: 'unit.failed',
		pattern: new RegExp(String.raw`^Stopped ${unit}(?: - .*)? (?<why>with error)\.$`),
		seen: 'systemd 252 to 258',
	},
	// Twice for a stop that succeeds: its processes ended; the job is done.
	{kind: 'unit.stopped', pattern: job('Stopped'), seen: 'systemd 249 to 258'},
	{
		kind: 'unit.stopped',
		pattern: new RegExp(`^${service}: (?:Deactivated successfully|Succeeded)\\.$`),
		seen: 'systemd 236 to 258',
	},
	{
		kind: 'unit.oom-kill',
		pattern: about('(?:A process of this unit has been|The kernel OOM killer) killed'),
		seen: 'systemd 243 to 258',
	},
	{
		kind: 'unit.oom-kill',
		pattern: about("Failed with result '(?<why>oom-kill)'"),
		seen: 'systemd 243 to 258',
	},
	{
		kind: 'unit.failed',
		pattern: about("Failed with result '(?<why>[\\w-]{1,40})'"),
		seen: 'systemd 236 to 258',
	},
	{
		kind: 'unit.failed',
		pattern: about('(?<why>Start request repeated too quickly)'),
		seen: 'systemd 229 to 258',
	},
	{
		kind: 'unit.failed',
		pattern: job('(?:Failed to (?:start|mount|listen on)|(?<why>Dependency failed) for)', unit),
		seen: 'systemd 249 to 258',
	},
	{
		kind: 'unit.exited',
		pattern: about('(?:[Mm]ain|Control) process exited, (?<why>code=\\w{1,20}, status=\\S{1,40})'),
		seen: 'systemd 219 to 258',
	},
	{
		kind: 'unit.signalled',
		pattern: about('Sent signal (?<why>SIG\\w{1,20} to .*)'),
		seen: 'systemd 249 to 258',
	},
	{
		kind: 'unit.timed-out',
		pattern: about(
			"(?<why>State '[\\w-]{1,40}' timed out|[\\w-]{1,20} operation timed out|(?:Stopping|Starting|Activation|Deactivation) timed out|Watchdog timeout|Service reached runtime time limit)",
		),
		seen: 'systemd 219 to 258',
	},
	{
		kind: 'unit.restarting',
		pattern: about('Scheduled restart job.{0,40}, (?<why>restart counter is at \\d{1,10})'),
		seen: 'systemd 235 to 258',
	},
	{
		kind: 'unit.restarting',
		pattern: about(
			'(?:Service )?(?<why>(?:hold-?off time|RestartSec=\\S{0,20}) .{0,40}), scheduling restart',
		),
		seen: 'systemd 219 to 234',
	},
	{
		kind: 'unit.left-over',
		pattern: about(
			'Found left-over process (?<pid>\\d{1,10}) \\((?<why>[^)]{1,32})\\) in control group while starting',
		),
		seen: 'systemd 239 to 258',
	},
	{
		kind: 'unit.failed',
		pattern: new RegExp(`^Unit ${unit} entered failed state`),
		seen: 'systemd 219 to 235',
	},
	{
		kind: 'unit.oom-kill',
		pattern:
			/^Killed \/\S*?(?<object>[\w@.:\\-]{1,255}\.(?:service|scope|slice)) due to (?<why>memory (?:pressure|used).*)/,
		seen: 'systemd-oomd 247 to 258',
	},
];

/** Neither with a name, which the table above decides about, nor of a target or a login. */
const described = (verb: string, end: string) =>
	new RegExp(
		`^${verb} (?!target |Session |[\\w@.:\\\\-]{1,255}\\.[a-z]{4,9}(?: - |\\.))(?<object>.{1,200})${end}$`,
	);

/** The same without the unit's name, before systemd 249: `object` is its description. Only asked for logs of known programs. */
export const systemdByDescription: readonly SaidPattern[] = [
	{kind: 'unit.failed', pattern: described('Failed to start', '\\.'), seen: 'systemd 219 to 248'},
	{
		kind: 'unit.failed',
		pattern: described('(?<why>Dependency failed) for', '\\.'),
		seen: 'systemd 219 to 248',
	},
	{kind: 'unit.started', pattern: described('Started', '\\.'), seen: 'systemd 219 to 248'},
	{kind: 'unit.stopping', pattern: described('Stopping', '\\.\\.\\.'), seen: 'systemd 219 to 248'},
	{kind: 'unit.stopped', pattern: described('Stopped', '\\.'), seen: 'systemd 219 to 248'},
];

/** Of the whole node: only in the `system` log. */
export const system: readonly SaidPattern[] = [
	{
		kind: 'node.shutdown',
		pattern: /^Activating special unit (?<why>(?:poweroff|reboot|halt|kexec|soft-reboot)\.target)/,
		seen: 'systemd 253 to 259',
	},
	{
		kind: 'node.shutdown',
		pattern: /^Stopped target (?<why>multi-user\.target|Multi-User System)(?: - .*)?\.$/,
		seen: 'systemd 219 to 259',
	},
	{
		kind: 'node.shutdown',
		pattern: /^(?<why>System is (?:powering (?:down|off)|rebooting|halting|shutting down)(?: with kexec)?)/,
		seen: 'systemd-logind 219 to 258',
	},
	{
		kind: 'node.shutdown',
		pattern: /^(?<why>The system will (?:power off|reboot|halt)) now!/,
		seen: 'systemd-logind 254 to 258',
	},
	{
		kind: 'node.shutdown',
		pattern:
			/^Reached target (?<why>(?:shutdown|reboot|poweroff|halt|kexec|soft-reboot)\.target|Shutdown|System Shutdown|Reboot|System Reboot|Power-Off|System Power Off|Halt)(?: - .*)?\.$/,
		seen: 'systemd 219 to 258',
	},
	{
		kind: 'node.booted',
		pattern: /^Startup finished in (?<why>.{1,200}?)\.$/,
		seen: 'systemd 219 to 258',
	},
	{
		kind: 'clock.stepped',
		pattern: /^System clock was stepped by (?<bySeconds>[+-]?\d{1,10}(?:\.\d{1,9})?) seconds/,
		seen: 'chrony 1.24 to 4.8',
	},
	{
		kind: 'clock.stepped',
		pattern: /^(?<why>(?:Forward|Backward) time jump detected)/,
		seen: 'chrony 2.0 to 4.8',
	},
	{
		kind: 'clock.stepped',
		pattern: /^(?:CLOCK: )?time (?:stepped by|set) (?<bySeconds>[+-]?\d{1,10}(?:\.\d{1,9})?)/,
		seen: 'ntpd 4.2 and ntpsec 1.2',
	},
	{
		kind: 'clock.stepped',
		pattern: /\bclock_step (?<bySeconds>[+-]?\d{1,10}(?:\.\d{1,9})?)(?: s)?\b/,
		seen: 'ntpd 4.2',
	},
	{
		kind: 'clock.stepped',
		pattern: /^step time server \S{1,100} offset (?<bySeconds>[+-]?\d{1,10}(?:\.\d{1,9})?) sec/,
		seen: 'ntpdate 4.2',
	},
	{
		kind: 'clock.stepped',
		pattern:
			/^(?<why>Time has been changed|Clock change detected|Changed local time to|System clock time unset or jumped backwards|System time (?:advanced to|before build time))/,
		seen: 'systemd 219 to 258: systemd, resolved, timedated, timesyncd',
	},
];
