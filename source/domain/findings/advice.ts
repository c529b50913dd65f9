/** Each kind of finding: what it means for clients, and what the operator can do. */

import type {Command} from '../events.ts';

export type Advice = {
	/** What it means for clients. */
	clients: string;
	/** They feel it now. */
	felt?: true;
	/** What to do. */
	remedy: string;
	/** What the console itself can do about it. */
	command?: Command;
};

const asBefore = 'Nothing changes for clients.';
const untold = 'Clients are served as before, as far as can be told.';
const none = 'No client can write.';

const leader = {
	'leader.none': {
		felt: true,
		clients: none,
		remedy: 'Wait for the TTL: Patroni elects one. If none comes, see why each member refuses, in its log.',
	},
	'leader.no-lease': {
		clients: `${asBefore} When the leader dies, nobody takes over.`,
		remedy: 'The key was not written by Patroni: find out by whom, and restart Patroni on the leader.',
	},
	'leader.lease-short': {
		clients: 'In these seconds the leader gives up, and no client can write until another one is elected.',
		remedy: "Look at the leader's Patroni and at its way to etcd.",
		command: 'operation.switchover',
	},
	'leader.not-writable': {
		felt: true,
		clients: none,
		remedy: "See the leader's log. A promotion takes seconds; a crash recovery may take minutes.",
	},
	'leader.two': {
		felt: true,
		clients: 'Writes may go to two places, and one of them is lost.',
		remedy: 'Stop Patroni on the one that is not the leader in etcd, at once.',
	},
	'leader.denied': {
		clients: 'What is written there is lost, should clients reach it.',
		remedy: 'Look where HAProxy sends writers. Stop Patroni on that member if it does not step down.',
	},
	'failsafe.active': {
		clients: 'Clients are served, for as long as the leader reaches all other members.',
		remedy: 'Bring etcd back: meanwhile nothing can fail over.',
	},
} as const satisfies Record<string, Advice>;

const member = {
	'standby.none': {
		clients: `${asBefore} When the leader dies, nobody takes over.`,
		remedy: 'Bring a standby back, or add one.',
	},
	'node.no-member': {
		clients: 'It can not take over.',
		remedy:
			'Look whether Patroni runs there, reaches etcd, and has this scope; else take the node out of `nodes`.',
	},
	'member.gone': {
		clients: 'It can not take over.',
		remedy: 'Look whether the node and its Patroni run.',
	},
	'member.unregistered': {
		clients: 'It can not take over.',
		remedy: "Its Patroni answers and does not reach etcd, or runs under another scope: see Patroni's log.",
	},
	'member.state': {
		felt: true,
		clients: 'It can not take over, and serves no readers.',
		remedy: "See the member's log; restart or reinitialize it where it does not come by itself.",
		command: 'operation.restart',
	},
	'member.not-streaming': {
		felt: true,
		clients: 'Its data grows old: readers see old rows, and it may not take over.',
		remedy:
			'Reinitialize it where WAL that it needs is missing on its upstream, or where its own history went another way (its log says which); else see primary_conninfo and pg_hba.conf.',
		command: 'operation.reinitialize',
	},
	'member.stopping': {
		felt: true,
		clients: 'It serves no readers and cannot take over until it has stopped and started.',
		remedy:
			'A client that receives WAL and does not confirm it holds PostgreSQL up: end that client, or its walsender process on the member. primary_stop_timeout would bound it, in synchronous mode. A long checkpoint or archive_command ends by itself.',
	},
	'member.watchdog': {
		clients: `${asBefore} It cannot take over.`,
		remedy:
			"See Patroni's log there: /dev/watchdog, its rights, or a ttl that is too short for safety_margin.",
	},
	'member.replay-paused': {
		felt: true,
		clients: 'Readers there see old rows. Before it takes over it must replay what it has received.',
		remedy:
			'pg_wal_replay_resume() there; PostgreSQL itself pauses it where max_connections or the like is smaller than on the leader.',
	},
	'member.log-lost': {
		clients: asBefore,
		remedy: 'Its log is written too slowly: see disk and journald on the node.',
	},
	'member.diverged': {
		clients: 'What it has and the leader has not is lost for clients.',
		remedy: 'Reinitialize it, once you know that nobody misses what only it has.',
		command: 'operation.reinitialize',
	},
	'member.lag': {
		clients: 'It can not take over (maximum_lag_on_failover), and readers see old rows.',
		remedy: 'See whether disk or network of the member holds it up.',
	},
	'member.lag-unknown': {
		clients: 'Whether it can take over is not known.',
		remedy: 'Wait for its start to end; else see its log.',
	},
	'member.timeline': {
		clients: 'It can not take over until it follows.',
		remedy: 'It follows within seconds of a switchover; else it has diverged: reinitialize it.',
		command: 'operation.reinitialize',
	},
	'member.pending-restart': {
		clients: `${asBefore} The new values are not in effect.`,
		remedy: 'Restart it through Patroni: replicas first, the leader after a switchover.',
		command: 'operation.restart',
	},
	'member.restart-scheduled': {
		clients: 'At that time its clients are cut off for some seconds.',
		remedy: 'Nothing, or take it back (patronictl flush NAME restart).',
		command: 'menu.open',
	},
	'restart.dropped': {
		clients: `${asBefore} What the restart was for is not in effect.`,
		remedy:
			"It will not come: its conditions (role, version, pending restart) did not hold, or Patroni came too late; the member's log says which. Ask for it again.",
		command: 'operation.restart',
	},
	'slot.holds-wal': {
		clients: `${asBefore} When the disk is full, no client can write.`,
		remedy: 'Let the consumer of the slot catch up, or drop the slot.',
	},
	'sync.none': {
		clients:
			'Writes are acknowledged by the leader alone; if it dies, nobody takes over without losing some.',
		remedy: 'Bring the standby back: it streams, and Patroni makes it synchronous again.',
	},
	'sync.gone': {
		felt: true,
		clients: 'Writes may wait for it until Patroni writes the key anew.',
		remedy: 'Patroni takes it out within its loop; if not, see the log on the leader.',
	},
	'sync.blocked': {
		felt: true,
		clients: 'Writes wait: synchronous_mode_strict lets none be acknowledged by the leader alone.',
		remedy:
			'Bring a standby back that streams; or turn synchronous_mode_strict off, which risks acknowledged writes.',
		command: 'operation.configure',
	},
	'config.timing': {
		clients: 'When etcd is slow, the leader may give up late: its lease runs out before it has stopped.',
		remedy: 'Keep loop_wait + 2 x retry_timeout <= ttl.',
		command: 'operation.configure',
	},
	'version.differs': {
		clients: asBefore,
		remedy: 'Finish the upgrade: replicas first.',
	},
	'clock.apart': {
		clients: asBefore,
		remedy: "Look at the time service (timedatectl) on the node; else this machine's own clock is wrong.",
	},
	'address.local': {
		clients: 'Who follows that address reaches his own machine.',
		remedy: "Set connect_address in the member's patroni.yml to its own address, and reload it.",
	},
	'address.same': {
		clients: 'One of the two can not be reached, and is taken for the other.',
		remedy: 'Set connect_address in patroni.yml of each to its own address.',
	},
	'address.other': {
		clients: 'What is asked of the one is done by the other.',
		remedy: 'Set restapi.connect_address in its patroni.yml to its own address.',
	},
} as const satisfies Record<string, Advice>;

const dcs = {
	'dcs.none': {
		clients: untold,
		remedy: 'Check scope and namespace against patroni.yml.',
	},
	'dcs.citus': {
		clients: untold,
		remedy: 'Choose a group with --group.',
	},
	'dcs.key': {
		clients: untold,
		remedy: 'Look at the key with etcdctl: was it written by something else than Patroni?',
	},
	'dcs.config': {
		clients: untold,
		remedy: 'Patroni writes the key `config` when it makes the cluster; see patronictl show-config.',
	},
	'cluster.paused': {
		clients: 'When the leader dies, nobody takes over by himself.',
		remedy: 'Resume when the work is done. Who paused is written nowhere.',
		command: 'operation.pause',
	},
	'switchover.scheduled': {
		clients: 'At that time writes stop for some seconds.',
		remedy: 'Nothing, or take it back (patronictl flush NAME switchover).',
		command: 'menu.open',
	},
	'switchover.dropped': {
		clients: asBefore,
		remedy: "It did not happen, and will not: the leader's log says why. Ask for it again.",
		command: 'operation.switchover',
	},
	'etcd.connecting': {clients: untold, remedy: 'Wait a moment.'},
	'etcd.unreachable': {
		clients: untold,
		remedy: 'Look whether etcd runs and whether this machine may reach it.',
	},
	'etcd.refused': {
		clients: untold,
		remedy: 'Give a user that may read (etcd3.username, password).',
	},
	'etcd.no-quorum': {
		felt: true,
		clients: 'The leader gives up within its TTL: then no client can write.',
		remedy: 'Bring one more etcd member back. Do not restart Patroni meanwhile.',
	},
	'etcd.member-down': {
		clients: asBefore,
		remedy: 'Bring the member back, or remove it from the cluster if it is gone for good.',
	},
	'etcd.unseen': {
		clients: asBefore,
		remedy: 'Give its address in etcd3.hosts, or correct advertise-client-urls on that member.',
	},
	'etcd.alone': {
		clients: `${asBefore} One failure of etcd stops all writes.`,
		remedy: 'Three voting members survive the loss of one.',
	},
	'etcd.alarm': {
		felt: true,
		clients: 'With NOSPACE etcd takes no writes: the leader can not renew its lease.',
		remedy: 'Compact, defragment, and disarm the alarm (etcdctl alarm disarm).',
	},
	'console.stalled': {
		clients: untold,
		remedy:
			'Nothing about the cluster. If it comes again, give this machine CPU: what is measured here is measured late.',
	},
	'console.clock': {
		clients: asBefore,
		remedy:
			"Look at this machine's time service (timedatectl). Schedules are sent by its clock as it is now; start this console again for times by that clock.",
	},
	'etcd.split': {
		felt: true,
		clients: 'Each store may have a leader of its own: writes may go to two places, and one of them is lost.',
		remedy:
			'Compare `etcdctl member list` at each endpoint; correct etcd3.hosts, or stop etcd where the wrong store is.',
	},
	'etcd.rebuilt': {
		clients: untold,
		remedy:
			'If it was not planned, find out why. Restart Patroni where its log repeats "Etcd is not responding properly": it waits for a revision of the old store. Check what only etcd holds: dynamic configuration, pause, schedules.',
	},
	'console.fault': {
		clients: untold,
		remedy: 'Nothing about the cluster: what this source shows is missing here until it is asked again.',
	},
	'console.blind': {clients: untold, remedy: "Check this machine's own network."},
	'watch.lost': {
		clients: asBefore,
		remedy: 'Nothing: changes are seen up to a second later, by the poll.',
	},
} as const satisfies Record<string, Advice>;

const path = {
	'rest.blind': {
		clients: untold,
		remedy: 'Look whether Patroni runs there, and whether port 8008 may be reached from here.',
	},
	'ssh.blind': {
		clients: untold,
		remedy: 'Try ssh to that node from here.',
	},
	'ssh.services': {
		clients: untold,
		remedy: 'Try ssh to that node from here; its services and disks are seen over it.',
	},
	'vip.none': {
		felt: true,
		clients: 'No client reaches the cluster.',
		remedy: 'Look at keepalived on both database nodes.',
	},
	'vip.two': {
		felt: true,
		clients: 'Clients reach the one or the other node, and connections break.',
		remedy:
			'VRRP does not pass between the nodes (IP protocol 112, multicast 224.0.0.18): look at firewalls and the switch.',
	},
	'vip.unknown': {clients: untold, remedy: 'Bring SSH back to the node that is out of sight.'},
	'vip.elsewhere': {
		clients: untold,
		remedy:
			'keepalived runs on machines that this console does not look at: look there, and configure a probe to see whether the VIP answers.',
	},
	'vip.no-haproxy': {
		felt: true,
		clients: 'No client reaches the cluster through the VIP.',
		remedy: 'Start HAProxy there; keepalived hands the VIP over when its check notices.',
		command: 'menu.open',
	},
	'vip.no-primary': {
		felt: true,
		clients: none,
		remedy:
			"After a failover HAProxy's checks need some seconds; else see why Patroni's REST does not say 200.",
	},
	'haproxy.wrong': {
		felt: true,
		clients: 'Writes go to a server that is not the leader.',
		remedy: "HAProxy's checks need some seconds after a switchover; else look at them on that node.",
	},
	'haproxy.nowhere': {
		clients: 'Should the VIP move there, no client can write.',
		remedy: "HAProxy's checks need some seconds after a switchover; else look at them on that node.",
	},
	'haproxy.differ': {
		clients: 'When the VIP moves, writes go somewhere else.',
		remedy: 'One of them is behind: give the checks some seconds.',
	},
	'haproxy.full': {
		clients: 'When there is no room left, new clients wait until others have gone.',
		remedy:
			'See who holds them (`show sess` on its socket). Those that never end were left behind by shutdown-sessions without `option redispatch 1`; a reload lets go of them.',
	},
	'haproxy.unnamed': {
		clients: untold,
		remedy: 'Name the backend of the writers in haproxy.backends.primary of the configuration.',
	},
	'haproxy.unknown': {
		clients: untold,
		remedy:
			"Say in haproxy.servers of the configuration which member each server is, or call the servers as Patroni's members; `stats show-legends` in HAProxy shows their addresses.",
	},
	'haproxy.servers': {
		clients: 'None: what this console says of that HAProxy is not complete.',
		remedy: 'Give the members their names in haproxy.servers of the configuration.',
	},
	'haproxy.blind': {
		clients: untold,
		remedy: 'Look whether HAProxy runs there and serves its statistics (haproxy.port, haproxy.path).',
	},
	'haproxy.down': {
		clients: 'Should the VIP move there, no client reaches the cluster.',
		remedy: 'Start HAProxy on that node.',
		command: 'menu.open',
	},
	'keepalived.down': {
		clients: 'When the holder of the VIP dies, nobody takes it over.',
		remedy: 'Start keepalived on that node.',
		command: 'menu.open',
	},
	'service.down': {
		clients: 'What it served on that node is missing.',
		remedy: 'Start it, and see its log for why it stopped.',
		command: 'menu.open',
	},
	'service.unknown': {
		clients: untold,
		remedy: 'Say what the unit is called there: `units` in the configuration.',
	},
	'disk.full': {
		clients: 'When it is full, PostgreSQL or etcd stops.',
		remedy: 'Make room; WAL that a slot holds is the usual reason.',
	},
	'disk.read-only': {
		felt: true,
		clients: 'PostgreSQL there can not write.',
		remedy: "See the kernel's log (dmesg): a disk that fails is mounted read-only.",
	},
	'address.withheld': {
		clients: asBefore,
		remedy:
			'If the address is right, configure it: etcd3.hosts, TLS in patroni.yml on that member, or `nodes`. If not, find out who published it.',
	},
	'path.failing': {
		felt: true,
		clients: 'A client that came in as the probe does is not served now.',
		remedy: 'See the other findings for the reason; if there are none, the way from this machine to the VIP.',
	},
	'path.reads': {
		felt: true,
		clients: 'Readers that came in through this port are not served now.',
		remedy: 'Without a replica that streams nobody serves them.',
	},
	'path.refused': {
		clients: untold,
		remedy: "Check the probe's user, database and password (.pgpass), and pg_hba.conf.",
	},
	'path.port': {
		clients: untold,
		remedy:
			'Say in the configuration which port clients come in by (probe.port, probe.read_port or haproxy.ports).',
	},
	'path.silent': {clients: untold, remedy: 'Wait a moment: this console did not ask.'},
} as const satisfies Record<string, Advice>;

const all = {...leader, ...member, ...dcs, ...path};

export type FindingId = keyof typeof all;

export const advice: Readonly<Record<FindingId, Advice>> = all;
