/** What the lines of etcd, keepalived, vip-manager and HAProxy mean. */
import type {SaidKind} from '../said.ts';
import {because, inTerm, named, serverOf, type Traits} from './traits.ts';

export const trafficKinds: Readonly<
	Record<Extract<SaidKind, `${'etcd' | 'vrrp' | 'vip' | 'haproxy'}.${string}`>, Traits>
> = {
	'etcd.elected': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: leader is${named(said)}${inTerm(said)}`,
	},
	'etcd.election': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} begins an election${inTerm(said)}`,
	},
	'etcd.leader-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} lost its leader${inTerm(said)}`,
	},
	'etcd.peer-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} lost its peer${named(said)}`,
	},
	'etcd.peer-back': {
		place: 'recovery',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} has its peer${named(said)} again`,
	},
	'etcd.slow-disk': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `the disk of etcd on ${node} is slow${because(said)}`,
	},
	'etcd.overloaded': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} is late${because(said)}`,
	},
	'etcd.no-space': {
		place: 'machine',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} has no space: it takes no writes`,
	},
	'etcd.member-added': {
		place: 'order',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: member${named(said)} was added`,
	},
	'etcd.member-removed': {
		place: 'order',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: member${named(said)} was removed`,
	},
	'etcd.started': {place: 'recovery', entry: 'service', words: (_, node) => `etcd of ${node} started`},
	'etcd.stopped': {place: 'effect', entry: 'service', words: (_, node) => `etcd of ${node} stopped`},
	'vrrp.master': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is MASTER${named(said, ' of ')}`,
		isInFacts: true,
	},
	'vrrp.backup': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is BACKUP${named(said, ' of ')}`,
		isInFacts: true,
	},
	'vrrp.fault': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is in FAULT${named(said, ' of ')}${because(said)}`,
	},
	'vrrp.script-failed': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its check${named(said)} fails`,
	},
	'vrrp.script-passed': {
		place: 'recovery',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its check${named(said)} passes`,
	},
	'vrrp.started': {place: 'recovery', entry: 'service', words: (_, node) => `keepalived of ${node} started`},
	'vrrp.stopped': {place: 'effect', entry: 'service', words: (_, node) => `keepalived of ${node} stopped`},
	'vip.added': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `${node} took${named(said)}`,
		isInFacts: true,
	},
	'vip.removed': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `${node} gave up${named(said)}`,
		isInFacts: true,
	},
	'haproxy.server-up': {
		place: 'recovery',
		entry: 'path',
		words: (said, node) => `HAProxy of ${node}: ${serverOf(said)} is up`,
	},
	'haproxy.server-down': {
		place: 'effect',
		entry: 'path',
		words: (said, node) => `HAProxy of ${node}: ${serverOf(said)} is down${because(said)}`,
	},
	'haproxy.no-server': {
		place: 'effect',
		entry: 'path',
		words: ({backend}, node) => `HAProxy of ${node}: ${backend ?? 'a backend'} has no server`,
	},
	'haproxy.started': {place: 'recovery', entry: 'service', words: (_, node) => `HAProxy of ${node} started`},
	'haproxy.stopped': {place: 'effect', entry: 'service', words: (_, node) => `HAProxy of ${node} stopped`},
	'etcd.corrupt': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `the data of etcd on ${node} is corrupt${because(said)}`,
	},
	'etcd.no-leader': {
		place: 'routine',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} has no leader: it answers no request`,
	},
	'etcd.space-freed': {
		place: 'recovery',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} takes writes again: its alarm was cleared`,
	},
	'vrrp.rival': {
		place: 'effect',
		entry: 'vip',
		words: ({from}, node) =>
			`keepalived of ${node} is MASTER and hears another one${from === undefined ? '' : `, ${from}`}`,
	},
	'vrrp.master-gone': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: the MASTER is gone${because(said)}`,
	},
	'vrrp.priority': {
		place: 'routine',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its priority changed${because(said)}`,
	},
	'vip.failed': {
		place: 'program',
		entry: 'vip',
		words: (said, node) => `${node} could not set the VIP${because(said)}`,
	},
	'vip.source-lost': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `vip-manager of ${node} does not know the leader${because(said)}`,
	},
	'haproxy.refused-to-start': {
		place: 'program',
		entry: 'service',
		words: (said, node) => `HAProxy of ${node} does not start${because(said)}`,
	},
};
