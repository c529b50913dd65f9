/** What Patroni's lines mean. */
import type {SaidKind} from '../said.ts';
import {because, type Traits} from './traits.ts';

export const patroniKinds: Readonly<Record<Extract<SaidKind, `patroni.${string}`>, Traits>> = {
	'patroni.leads': {place: 'routine', entry: 'leader', words: (_, node) => `${node} has the leader key`},
	'patroni.follows': {
		place: 'routine',
		entry: 'member',
		words: ({leader}, node) => `${node} follows ${leader ?? 'the leader'}`,
	},
	'patroni.waits': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `${node} does not take over${because(said)}`,
	},
	'patroni.promoted': {
		place: 'effect',
		entry: 'leader',
		words: (_, node) => `${node} took the leader key`,
		isInFacts: true,
	},
	'patroni.demoted': {
		place: 'effect',
		entry: 'leader',
		words: (said, node) => `${node} gave up leading${because(said)}`,
	},
	'patroni.lock-lost': {
		place: 'effect',
		entry: 'leader',
		words: (said, node) => `${node} lost the leader key${because(said)}`,
	},
	'patroni.lock-owner': {
		place: 'routine',
		entry: 'leader',
		words: ({leader}, node) => `${node} reads: ${leader ?? 'no member'} has the leader key`,
	},
	'patroni.switchover': {
		place: 'order',
		entry: 'leader',
		words: ({from, object}, node) =>
			`a switchover was asked for${from === undefined ? '' : ` from ${from}`}${object === undefined ? '' : ` to ${object}`} (by Patroni of ${node})`,
	},
	'patroni.dcs-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `Patroni of ${node} does not reach the DCS${because(said)}`,
	},
	'patroni.failsafe': {
		place: 'effect',
		entry: 'etcd',
		words: (_, node) => `${node} leads on without the DCS (failsafe mode)`,
	},
	'patroni.stopped': {place: 'effect', entry: 'service', words: (_, node) => `Patroni of ${node} stopped`},
	'patroni.restarts': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `Patroni restarts PostgreSQL of ${node}${because(said)}`,
	},
	'patroni.starts-postgres': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `Patroni starts PostgreSQL of ${node}`,
	},
	'patroni.rewinds': {
		place: 'effect',
		entry: 'member',
		words: ({leader}, node) => `pg_rewind on ${node}${leader === undefined ? '' : ` from ${leader}`}`,
	},
	'patroni.rewind-failed': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `pg_rewind on ${node} is not possible${because(said)}`,
	},
	'patroni.reinitializes': {
		place: 'effect',
		entry: 'member',
		words: ({leader}, node) => `${node} is reinitialized${leader === undefined ? '' : ` from ${leader}`}`,
	},
	'patroni.reinitialize-failed': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `${node} could not be reinitialized${because(said)}`,
	},
	'patroni.watchdog': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `the watchdog of ${node}${because(said)}`,
	},
};
