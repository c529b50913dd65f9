/** etcd, Patroni's keys and configuration, and this console itself. */
import {type Advice, noEffect, notKnown} from './types.ts';

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
	'switchover.scheduled': {
		clients: 'At that time writes stop for some seconds.',
		remedy: 'None needed. To cancel: patronictl flush NAME switchover.',
		command: 'menu.open',
	},
	'switchover.dropped': {
		clients: noEffect,
		remedy: "It will not happen: the leader's log says why. Schedule it again.",
		command: 'operation.switchover',
	},
	'config.timing': {
		clients: 'If etcd is slow, the lease can run out before the leader has stepped down.',
		remedy: 'Keep loop_wait + 2 x retry_timeout <= ttl.',
		command: 'operation.configure',
	},
	'etcd.connecting': {clients: notKnown, remedy: 'Wait a moment.'},
	'etcd.unreachable': {
		clients: notKnown,
		remedy: 'Check that etcd runs, and that this machine can reach it.',
	},
	'etcd.refused': {
		clients: notKnown,
		remedy: 'Configure a user that may read (etcd3.username, etcd3.password).',
	},
	'etcd.no-quorum': {
		felt: true,
		clients: 'The leader steps down within its TTL: then no client can write.',
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
		remedy: 'Not a problem of the cluster: values of this source are missing until it is asked again.',
	},
	'console.blind': {clients: notKnown, remedy: "Check this machine's own network."},
} as const satisfies Record<string, Advice>;
