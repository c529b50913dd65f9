/** What PostgreSQL's lines mean. */
import type {SaidKind} from '../said.ts';
import {because, named, type Traits} from './traits.ts';

export const postgresKinds: Readonly<Record<Extract<SaidKind, `postgres.${string}`>, Traits>> = {
	'postgres.starting': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} starts`,
	},
	'postgres.ready': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} accepts writes`,
	},
	'postgres.ready-standby': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} accepts reads`,
	},
	'postgres.crash-recovery': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} recovers from a crash`,
	},
	'postgres.stop-requested': {
		place: 'effect',
		entry: 'member',
		words: ({why}, node) => `PostgreSQL of ${node} is stopped${why === undefined ? '' : ` (${why})`}`,
	},
	'postgres.stopped': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} has stopped`,
		isInFacts: true,
	},
	'postgres.crashed': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `PostgreSQL of ${node} crashed${because(said)}`,
	},
	'postgres.promote-requested': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} is promoted`,
	},
	'postgres.new-timeline': {
		place: 'effect',
		entry: 'timeline',
		words: ({timeline}, node) => `${node} began timeline ${timeline ?? '?'}`,
		isInFacts: true,
	},
	'postgres.streaming-began': {
		place: 'recovery',
		entry: 'member',
		words: ({timeline}, node) => `${node} streams${timeline === undefined ? '' : ` on timeline ${timeline}`}`,
		isInFacts: true,
	},
	'postgres.streaming-lost': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `${node} does not stream any more${because(said)}`,
	},
	'postgres.wal-removed': {
		place: 'program',
		entry: 'member',
		words: ({object, why}, node) => {
			const segment = object === undefined ? '' : ` (${object})`;
			// The leader's own log does not name the standby.
			return why === 'a standby asked for it'
				? `${node} no longer has the WAL that a standby asks for${segment}`
				: `the leader no longer has the WAL that ${node} needs${segment}`;
		},
	},
	'postgres.diverged': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `${node} has a history of its own${because(said)}`,
	},
	'postgres.disk-full': {
		place: 'machine',
		entry: 'member',
		words: (said, node) => `the disk of PostgreSQL on ${node} is full${because(said)}`,
	},
	'postgres.sync-names': {
		place: 'routine',
		entry: 'member',
		words: ({object}, node) =>
			object === undefined || object === ''
				? `commits on ${node} wait for no standby`
				: `commits on ${node} wait for ${object === '*' ? 'any standby' : object}`,
	},
	'postgres.sync-joined': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `commits on ${node} wait for${named(said)}, which streams`,
	},
	'postgres.refused': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `PostgreSQL of ${node} refused a connection${because(said)}`,
	},
	'postgres.panic': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `PANIC of PostgreSQL on ${node}${because(said)}`,
	},
	'postgres.fatal': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `FATAL of PostgreSQL on ${node}${because(said)}`,
	},
};
