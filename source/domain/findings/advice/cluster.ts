/** The type of advice; advice on etcd, Patroni's keys and configuration, this console itself, and the client path. */
import type {Command} from '../../commands.ts';

export type Advice = {
	/** The effect on clients. */
	clients: string;
	/** Clients are affected now. */
	felt?: true;
	/** Nothing is lost or missing, an operator is to choose the time: listed after others of its severity. */
	canWait?: true;
	remedy: string;
	/** The console's command that helps. */
	command?: Command;
};

export const noEffect = 'No effect on clients.';
export const notKnown = 'No effect on clients is seen from here.';
export const noWrites = 'No client can write.';
export const noTakeover = 'No effect on clients. If the leader fails, no member takes over.';
export const cannotLead = 'It cannot take over.';

export const clusterAdvice = {
	'dcs.none': {
		clients: notKnown,
		remedy: 'Compare scope and namespace with patroni.yml.',
	},
	'dcs.citus': {
		clients: notKnown,
		remedy: 'Choose a group with --group.',
	},
	'dcs.key': {
		clients: notKnown,
		remedy: 'Read the key with etcdctl: did something other than Patroni write it?',
	},
	'dcs.config': {
		clients: notKnown,
		remedy: 'Patroni writes the key `config` when it initializes the cluster; see patronictl show-config.',
	},
	'cluster.paused': {
		clients: 'No failover: if the leader fails, no member takes over.',
		remedy: 'Resume when the maintenance is done. Patroni does not record who paused the cluster.',
		command: 'operation.pause',
	},
	'wal.lost': {
		clients: 'Writes that were acknowledged to them are gone.',
		remedy:
			"Keep the old leader's data directory before it is rewound or copied: the writes are in its WAL. Then acknowledge this, with a reason.",
		command: 'findings.acknowledge',
	},
	'wal.at-most': {
		canWait: true,
		clients: 'Writes that were acknowledged to them may be gone.',
		remedy:
			"Keep the old leader's data directory before it is rewound or copied, and look for the writes in its WAL with pg_waldump. Then acknowledge this, with a reason.",
		command: 'findings.acknowledge',
	},
	'wal.unknown': {
		canWait: true,
		clients: 'Writes that were acknowledged to them may be gone.',
		remedy:
			'Compare with what the applications know. A probe that writes, or synchronous mode, narrows this next time. Acknowledge it with a reason.',
		command: 'findings.acknowledge',
	},
	'switchover.running': {
		clients: 'Writes stop for some seconds.',
		remedy: "Wait for its end. If it takes longer than a minute, see the old leader's log.",
	},
	'switchover.scheduled': {
		clients: 'At that time writes stop for some seconds.',
		remedy: 'None needed. To cancel: patronictl flush NAME switchover.',
		command: 'menu.open',
	},
	'switchover.dropped': {
		canWait: true,
		clients: noEffect,
		remedy: "It will not happen: the leader's log says why. Schedule it again.",
		command: 'operation.switchover',
	},
	'config.timing': {
		canWait: true,
		clients: 'If etcd is slow, the lease can run out before the leader has stepped down.',
		remedy: 'Keep loop_wait + 2 x retry_timeout <= ttl.',
		command: 'operation.configure',
	},
	'rest.connecting': {clients: notKnown, remedy: 'Wait a moment.'},
	'rest.unreachable': {
		clients: notKnown,
		remedy:
			'Check that Patroni runs, and that this machine reaches its REST API; correct --rest or `pgha-top: rest:`.',
	},
	'rest.cut-off': {
		felt: true,
		clients: 'Without the DCS the leader steps down within its TTL: then no client can write.',
		remedy: 'Check the DCS, and the way from the members to it. Do not restart Patroni until then.',
	},
	'rest.apart': {
		clients: noEffect,
		remedy: 'Check the way from this member to the DCS: it cannot lead, and its view of the cluster is old.',
	},
	'etcd.connecting': {clients: notKnown, remedy: 'Wait a moment.'},
	'etcd.unreachable': {
		clients: notKnown,
		remedy:
			'Check that etcd runs, and that this machine can reach it. Where it cannot, start with --rest HOST:PORT.',
	},
	'etcd.refused': {
		clients: notKnown,
		remedy: 'Configure a user that may read (etcd3.username, etcd3.password).',
	},
	'etcd.no-quorum': {
		felt: true,
		clients: 'Without a quorum the leader steps down within its TTL: then no client can write.',
		remedy: 'Bring one more etcd member back. Do not restart Patroni until then.',
	},
	'etcd.member-down': {
		clients: noEffect,
		remedy: 'Bring the member back. If it is gone for good, remove it from the etcd cluster.',
	},
	'etcd.unseen': {
		clients: noEffect,
		remedy: 'Add its address to etcd3.hosts, or correct advertise-client-urls on that member.',
	},
	'etcd.alone': {
		clients: `${noEffect} If one etcd member fails, all writes stop.`,
		remedy: 'Run three voting members: they survive the loss of one.',
	},
	'etcd.alarm': {
		felt: true,
		clients: 'With NOSPACE etcd takes no writes, and the leader cannot renew its lease.',
		remedy: 'Compact and defragment etcd, then clear the alarm (etcdctl alarm disarm).',
	},
	'etcd.split': {
		felt: true,
		clients:
			'Each store can have a leader of its own: writes can go to both, and those to one of them are lost.',
		remedy:
			'Compare `etcdctl member list` at each endpoint; correct etcd3.hosts, or stop etcd on the side that is wrong.',
	},
	'etcd.rebuilt': {
		clients: notKnown,
		remedy:
			'If it was not planned, find out why. Restart Patroni if its log repeats "Etcd is not responding properly": it waits for a revision of the old store. Check what only etcd holds: dynamic configuration, pause, schedules.',
	},
	'watch.lost': {
		clients: noEffect,
		remedy: 'None needed: changes are seen by polling, up to two seconds late.',
	},
	'console.stalled': {
		clients: notKnown,
		remedy:
			'Not a problem of the cluster. If it repeats, give this machine more CPU: measurements here are late.',
	},
	'console.clock': {
		clients: noEffect,
		remedy:
			'Check time synchronization (timedatectl) on this machine. Schedules are sent by its present time; restart this console to show that time, too.',
	},
	'console.fault': {
		clients: notKnown,
		remedy: 'Not a problem of the cluster: values of this source are missing until it is polled again.',
	},
	'console.blind': {clients: notKnown, remedy: "Check this machine's own network."},
} as const satisfies Record<string, Advice>;

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
		clients: 'No client reaches the cluster through the VIP.',
		remedy: 'Check what moves the VIP (keepalived, vip-manager) on the nodes that may hold it.',
	},
	'vip.not-leader': {
		felt: true,
		clients: 'Clients that connect to PostgreSQL at the VIP reach a standby: their writes fail.',
		remedy: 'See the log of what moves the VIP (vip-manager, keepalived) on that node and on the leader.',
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
			'What moves the VIP runs on machines that this console does not watch: add them to `nodes` (roles: [balancer]), or configure a probe, which shows whether the VIP answers.',
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
		remedy:
			'Check that HAProxy runs there and serves its statistics (haproxy.port, haproxy.path). Where there is none, set `haproxy: false`, or give the nodes that have it the role balancer.',
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
		clients: 'Readers that connect through PORT are not served now.',
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
