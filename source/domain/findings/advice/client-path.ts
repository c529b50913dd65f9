/** VIP, HAProxy, the probe, and the nodes' services and disks. */
import {type Advice, noEffect, notKnown, noWrites} from './types.ts';

const checksLate =
	"After a switchover HAProxy's checks need some seconds. If it stays so, see the checks on that node.";

export const clientPathAdvice = {
	'ssh.blind': {
		clients: notKnown,
		remedy: 'Try ssh to that node from here.',
	},
	'ssh.services': {
		clients: notKnown,
		remedy: 'Try ssh to that node from here: services and disks are read over it.',
	},
	'vip.none': {
		felt: true,
		clients: 'No client reaches the cluster.',
		remedy: 'Check keepalived on both database nodes.',
	},
	'vip.two': {
		felt: true,
		clients: 'Clients reach either node, and connections break.',
		remedy:
			'VRRP does not pass between the nodes (IP protocol 112, multicast 224.0.0.18): check firewalls and the switch.',
	},
	'vip.unknown': {clients: notKnown, remedy: 'Restore SSH to the node that cannot be seen.'},
	'vip.elsewhere': {
		clients: notKnown,
		remedy:
			'keepalived runs on machines that this console does not watch: check them, and configure a probe, which shows whether the VIP answers.',
	},
	'vip.no-haproxy': {
		felt: true,
		clients: 'No client reaches the cluster through the VIP.',
		remedy: 'Start HAProxy there. keepalived moves the VIP once its check fails.',
		command: 'menu.open',
	},
	'vip.no-primary': {
		felt: true,
		clients: noWrites,
		remedy:
			"After a failover HAProxy's checks need some seconds. If it stays so, see why Patroni's REST API does not answer 200.",
	},
	'haproxy.wrong': {
		felt: true,
		clients: 'Writes go to a server that is not the leader.',
		remedy: checksLate,
	},
	'haproxy.nowhere': {
		clients: 'If the VIP moves there, no client can write.',
		remedy: checksLate,
	},
	'haproxy.differ': {
		clients: 'If the VIP moves, writes go to another server.',
		remedy: 'One of them is late: wait some seconds for its checks.',
	},
	'haproxy.full': {
		clients: 'At the limit new clients wait until others disconnect.',
		remedy:
			'See who holds the sessions (`show sess` on its socket). Sessions that never end were left by shutdown-sessions without `option redispatch 1`; a reload ends them.',
	},
	'haproxy.unnamed': {
		clients: notKnown,
		remedy: 'Set haproxy.backends.primary in the configuration to the backend of the writers.',
	},
	'haproxy.unknown': {
		clients: notKnown,
		remedy:
			"Set haproxy.servers in the configuration: which member each server is. Or name the servers after Patroni's members; `stats show-legends` in HAProxy shows their addresses.",
	},
	'haproxy.servers': {
		clients: 'None: this console cannot fully judge that HAProxy.',
		remedy: 'Correct the names of members in haproxy.servers of the configuration.',
	},
	'haproxy.blind': {
		clients: notKnown,
		remedy: 'Check that HAProxy runs there and serves its statistics (haproxy.port, haproxy.path).',
	},
	'haproxy.down': {
		clients: 'If the VIP moves there, no client reaches the cluster.',
		remedy: 'Start HAProxy on that node.',
		command: 'menu.open',
	},
	'keepalived.down': {
		clients: 'If the holder of the VIP fails, this node does not take the VIP over.',
		remedy: 'Start keepalived on that node.',
		command: 'menu.open',
	},
	'service.down': {
		clients: 'That node does not provide this service.',
		remedy: 'See its log for why it stopped, then start it.',
		command: 'menu.open',
	},
	'service.unknown': {
		clients: notKnown,
		remedy: 'Set `units` in the configuration to the name of the systemd unit there.',
	},
	'disk.full': {
		clients: 'When the disk is full, PostgreSQL or etcd stops.',
		remedy: 'Free space. The usual reason is WAL that a slot holds.',
	},
	'disk.read-only': {
		felt: true,
		clients: 'PostgreSQL cannot write there.',
		remedy: 'See the kernel log (dmesg): a failing disk is mounted read-only.',
	},
	'address.withheld': {
		clients: noEffect,
		remedy:
			'If the address is right, configure it: etcd3.hosts, TLS in patroni.yml on that member, or `nodes`. If not, find out what published it.',
	},
	'path.failing': {
		felt: true,
		clients: 'Clients that connect like the probe are not served now.',
		remedy: 'See the other findings. If there are none, check the network between this machine and the VIP.',
	},
	'path.reads': {
		felt: true,
		clients: 'Readers that connect through this port are not served now.',
		remedy: 'Check that a replica streams: readers need one.',
	},
	'path.refused': {
		clients: notKnown,
		remedy: "Check the probe's user, database and password (.pgpass), and pg_hba.conf.",
	},
	'path.port': {
		clients: notKnown,
		remedy: 'Configure the port that clients use (probe.port, probe.read_port or haproxy.ports).',
	},
	'path.silent': {clients: notKnown, remedy: 'Wait a moment: the probe did not run.'},
} as const satisfies Record<string, Advice>;
