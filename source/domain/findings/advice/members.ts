import {type Advice, cannotLead, noEffect, noTakeover, notKnown, noWrites} from './cluster.ts';

export const memberAdvice = {
	'node.off': {
		clients: 'What runs on it serves no clients and cannot take over.',
		remedy: 'Switch it on.',
	},
	'node.rebooting': {
		clients: 'What runs on it serves no clients and cannot take over until it is back.',
		remedy: 'Wait: it comes back by itself. If it does not, see its own console.',
	},
	'node.silent': {
		clients: notKnown,
		remedy:
			'Machine or network: from here both look the same. Check its power and console, then its network.',
	},
	'restart.running': {
		clients: 'Its clients are disconnected until PostgreSQL runs again.',
		remedy: "Wait for its end. If it takes longer than a minute, see the member's log.",
	},
	'reinitialize.running': {
		clients: 'It serves no readers and cannot take over until it is copied.',
		remedy: "Wait for its end: a copy takes as long as its size needs. If it fails, see the member's log.",
	},
	'service.restarting': {
		clients: 'What needs this service on that node is interrupted for some seconds.',
		remedy: 'Wait for its end. If the service does not run again, see its log.',
	},
	'leader.none': {
		felt: true,
		clients: noWrites,
		remedy:
			'Wait for the TTL: Patroni elects a leader. If it elects none, the last decision of each member says why.',
	},
	'leader.no-lease': {
		clients: noTakeover,
		remedy: 'Patroni did not write this key: find out what did, then restart Patroni on the leader.',
	},
	'leader.lease-short': {
		clients:
			'When the lease runs out, the leader steps down, and no client can write until another is elected.',
		remedy: 'Check Patroni on the leader, and its connection to etcd.',
		command: 'operation.switchover',
	},
	'leader.not-writable': {
		felt: true,
		clients: noWrites,
		remedy: "See the leader's log. A promotion takes seconds; crash recovery can take minutes.",
	},
	'leader.two': {
		felt: true,
		clients: 'Writes can go to both, and those to one of them are lost.',
		remedy: 'Stop Patroni at once on the one that is not the leader in the DCS.',
	},
	'leader.unconfirmed': {
		felt: true,
		clients: 'No client can write while no member is primary.',
		remedy:
			'Wait for a switchover or a failover to end. If it stays so, see the log of the member that is named.',
	},
	'postgres.outside': {
		felt: true,
		clients: 'Clients that reach it write there, and those writes are lost.',
		remedy:
			'Keep clients away from it, and stop it at once: pg_ctl stop -m immediate on that node. Save what was written there before Patroni starts it again.',
	},
	'postgres.system': {
		clients: 'Clients that reach it see other data.',
		remedy: 'Check the address of the member, and what runs at it.',
	},
	'postgres.denied': {
		canWait: true,
		clients: `${noEffect} What only SQL shows is not known of it.`,
		remedy: 'Check `monitor` in the configuration, ~/.pgpass and pg_hba.conf: pgha-top doctor says more.',
	},
	'postgres.rights': {
		canWait: true,
		clients: `${noEffect} Sessions, transactions and WAL senders are not known.`,
		remedy: 'On the leader: grant pg_monitor to the role.',
	},
	'slot.lost': {
		clients: 'Its consumer cannot continue: a standby must be reinitialized, a subscriber copied again.',
		remedy:
			'Reinitialize the consumer, then drop the slot. Raise max_slot_wal_keep_size if the disk has room.',
	},
	'sessions.full': {
		clients: 'Soon new clients are refused, also after a takeover, when all connect at once.',
		remedy: 'Find the application with too many sessions, or put a pooler before it.',
	},
	'sessions.refused': {
		felt: true,
		clients: 'New clients are refused there; those that are connected continue.',
		remedy:
			'Find the application with too many sessions, or put a pooler before it; then raise max_connections.',
	},
	'postgres.no-space': {
		felt: true,
		clients: 'Statements fail there; without space for WAL, PostgreSQL stops.',
		remedy:
			'Free or add space on that file system. Delete nothing in pg_wal: see which slot or archive_command holds WAL.',
	},
	'transaction.old': {
		canWait: true,
		clients: `${noEffect} It holds back vacuum, and ends with a switchover.`,
		remedy: 'Ask its owner; a forgotten one can be ended.',
	},
	'prepared.old': {
		canWait: true,
		clients: `${noEffect} It holds back vacuum and its locks, also after a takeover.`,
		remedy: 'COMMIT PREPARED or ROLLBACK PREPARED, as its transaction manager says.',
	},
	'archiver.failing': {
		clients: `${noEffect} WAL stays until it is archived: the disk may fill up, a clean shutdown waits for it, and backups have a gap.`,
		remedy: "See PostgreSQL's log for the output of archive_command, and mend it before a switchover.",
	},
	'settings.lower': {
		clients: 'It may not take over, and readers there see old rows once it stops replaying.',
		remedy: 'Set it on the member to at least the value of the leader, then restart the member.',
		command: 'operation.restart',
	},
	'extension.missing': {
		clients: 'No effect until this member leads: then what uses it fails.',
		remedy: 'Install the same packages as on the leader, and restart the member for a preloaded library.',
	},
	'glibc.differs': {
		clients: 'Sorted text, and indexes on it that another member built, may be wrong on this member.',
		remedy:
			'Use the same version of the operating system on all members, or the provider icu or builtin for collations. Check indexes on text with amcheck after a takeover.',
	},
	'collation.changed': {
		clients: 'Sorted text and indexes on it may be wrong on this member, also for readers.',
		remedy:
			'Use the same operating system on all members; REINDEX, then ALTER DATABASE … REFRESH COLLATION VERSION.',
	},
	'beliefs.differ': {
		clients:
			'During a switchover: some seconds without writes. Else a member acts on what is no longer true.',
		remedy:
			'Wait for one loop_wait. If it stays so, check that each member reaches the DCS, and that it is the same one.',
	},
	'leader.denied': {
		clients: 'Clients that reach it lose what they write there.',
		remedy: 'Check where HAProxy sends writers. If that member does not step down, stop Patroni on it.',
	},
	'failsafe.active': {
		clients: 'Clients can write as long as the leader reaches all other members.',
		remedy: 'Restore etcd. Until then there is no failover.',
	},
	'standby.none': {
		clients: noTakeover,
		remedy: 'Bring a standby back, or add one.',
	},
	'node.no-member': {
		clients: cannotLead,
		remedy:
			'Check that Patroni runs on that node, reaches etcd, and has this scope; or remove the node from `nodes`.',
	},
	'member.gone': {
		clients: cannotLead,
		remedy: 'Check that the node and its Patroni run.',
	},
	'member.unregistered': {
		clients: cannotLead,
		remedy: "Its Patroni answers, but does not reach etcd or has another scope: see Patroni's log.",
	},
	'member.state': {
		felt: true,
		clients: 'It cannot take over, and serves no readers.',
		remedy: "See the member's log. If it does not recover, restart or reinitialize it.",
		command: 'operation.restart',
	},
	'member.not-streaming': {
		felt: true,
		clients: 'Readers there see old rows, and it may be unable to take over.',
		remedy:
			"See the member's log. If its upstream no longer has the WAL, or its timeline has diverged, reinitialize it; else check primary_conninfo and pg_hba.conf.",
		command: 'operation.reinitialize',
	},
	'member.cannot-follow': {
		felt: true,
		clients: 'Readers there see old rows, and it cannot take over.',
		remedy:
			'Reinitialize it: it cannot catch up by itself. A slot, or a larger wal_keep_size, prevents that.',
		command: 'operation.reinitialize',
	},
	'member.stopping': {
		felt: true,
		clients: 'It serves no readers and cannot take over until it has restarted.',
		remedy:
			'A WAL receiver that does not confirm delays the stop: end that client, or its walsender process on the member. primary_stop_timeout limits it in synchronous mode. A long checkpoint or archive_command ends by itself.',
	},
	'member.watchdog': {
		clients: `${noEffect} ${cannotLead}`,
		remedy:
			"See Patroni's log there: /dev/watchdog, its permissions, or a ttl that is too short for safety_margin.",
	},
	'member.replay-paused': {
		felt: true,
		clients: 'Readers there see old rows. It must replay what it has received before it can take over.',
		remedy:
			'Run pg_wal_replay_resume() there. PostgreSQL itself pauses replay if max_connections or a similar setting is lower than on the leader.',
	},
	'member.log-lost': {
		clients: noEffect,
		remedy: 'Its log is written too slowly: check disk and journald on the node.',
	},
	'member.diverged': {
		clients: 'The WAL that only this member has is lost.',
		remedy: 'Check that no one needs what only it has, then reinitialize it.',
		command: 'operation.reinitialize',
	},
	'member.lag': {
		clients: 'It cannot take over (maximum_lag_on_failover), and readers there see old rows.',
		remedy: "Check the member's disk and network.",
	},
	'member.lag-unknown': {
		clients: 'It is not known whether it can take over.',
		remedy: 'Wait until it has started. If the lag stays unknown, see its log.',
	},
	'member.timeline': {
		clients: 'It cannot take over until it follows the leader.',
		remedy: 'After a switchover it follows within seconds. If it does not, it has diverged: reinitialize it.',
		command: 'operation.reinitialize',
	},
	'member.pending-restart': {
		canWait: true,
		clients: `${noEffect} The new values are not in effect.`,
		remedy: 'Restart it through Patroni: replicas first, the leader after a switchover.',
		command: 'operation.restart',
	},
	'member.restart-scheduled': {
		clients: 'At that time its clients are disconnected for some seconds.',
		remedy: 'None needed. To cancel: patronictl flush NAME restart.',
		command: 'menu.open',
	},
	'restart.dropped': {
		canWait: true,
		clients: `${noEffect} The change that the restart was for is not in effect.`,
		remedy:
			"It will not happen: its conditions (role, version, pending restart) were not met, or Patroni was late; the member's log says which. Schedule it again.",
		command: 'operation.restart',
	},
	'slot.holds-wal': {
		clients: `${noEffect} If the disk fills up, no client can write.`,
		remedy: 'Let the consumer of the slot catch up, or drop the slot.',
	},
	'sync.none': {
		clients:
			'Writes are acknowledged by the leader alone: if it fails, a failover loses some of them or is not done.',
		remedy: 'Bring the standby back: once it streams, Patroni makes it synchronous again.',
	},
	'sync.gone': {
		felt: true,
		clients: 'Writes may wait for it until Patroni updates the sync key.',
		remedy: "Patroni removes it within loop_wait. If it does not, see the leader's log.",
	},
	'sync.blocked': {
		felt: true,
		clients: 'Writes wait: with synchronous_mode_strict the leader alone does not acknowledge them.',
		remedy:
			'Bring back a standby that streams; or turn synchronous_mode_strict off, at the risk of losing acknowledged writes.',
		command: 'operation.configure',
	},
	'version.differs': {
		canWait: true,
		clients: noEffect,
		remedy: 'Finish the upgrade: replicas first.',
	},
	'clock.apart': {
		clients: noEffect,
		remedy:
			"Check time synchronization (timedatectl) on the node. If it is right there, check this machine's.",
	},
	'address.local': {
		clients: 'A client that uses that address reaches its own machine.',
		remedy: "Set connect_address in the member's patroni.yml to its own address, then reload it.",
	},
	'address.same': {
		clients: 'One of the two cannot be reached and is mistaken for the other.',
		remedy: 'Set connect_address in patroni.yml of each to its own address.',
	},
	'address.other': {
		clients: 'Requests for one member reach another.',
		remedy: 'Set restapi.connect_address in its patroni.yml to its own address.',
	},
	'rest.blind': {
		clients: notKnown,
		remedy: 'Check that Patroni runs there, and that port 8008 is open from here.',
	},
} as const satisfies Record<string, Advice>;
