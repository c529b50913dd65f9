/** Lines of vip-manager 1 to 4. */
import type {SaidPattern} from '../said.ts';

/** Go's own logger before 3, zap's console since. */
const start = String.raw`^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |(?:[\w:.+-]{1,40}\t)?[A-Za-z]{4,6}\t(?:[\w./-]{1,200}:\d{1,6}\t)?)?`;

const message = (text: string) => new RegExp(`${start}${text}`);

export const vipManager: readonly SaidPattern[] = [
	{
		// Written before it is done; a failure has a line of its own.
		kind: 'vip.added',
		pattern: message(String.raw`Configuring address (?<object>\S+) on `),
		seen: 'vip-manager 1.0 to 4.2 (basicConfigurer_linux.go)',
	},
	{
		kind: 'vip.removed',
		pattern: message(String.raw`Removing address (?<object>\S+) on `),
		seen: 'vip-manager 1.0 to 4.2 (basicConfigurer_linux.go)',
	},
	{
		kind: 'vip.failed',
		pattern: message(
			'(?<why>(?:Error running ip address|Failed to (?:add|remove) address|Failed to access interface|Failed to configure virtual ip|Error while acquiring virtual ip|Error while configuring Hetzner failover-ip|There was an error accessing the Hetzner API).*)',
		),
		seen: 'vip-manager 1.0 to 4.2',
	},
	// Not etcd's error 100, `Key not found`: it was reached, and no member leads.
	{
		kind: 'vip.source-lost',
		pattern: message(
			'(?<why>(?:etcd error: (?!100: )|consul error: |patroni REST API error:|Failed to get etcd value:).*)',
		),
		seen: 'vip-manager 1.0 to 4.2 (leader_checker.go)',
	},
	{
		kind: 'vip.source-lost',
		pattern: message('(?<why>Cannot get variable for key .*)'),
		seen: 'vip-manager 1.0 to 4.2 (consul_leader_checker.go)',
	},
	{
		kind: 'vip.source-lost',
		pattern: message('(?<why>Leader checker returned the following error.*)'),
		seen: 'vip-manager 1.0 to 4.2 (main.go)',
	},
];
