/** All kinds of sources in one table: label, poll interval, and when they become stale. */
import {ownValue} from '../../lib/json.ts';
import {memoByText} from '../../lib/memo.ts';
import type {SourceId, SourceKind} from '../facts.ts';

export type SourceTraits = {
	/** The words before the object's name: `REST of pgdb1`. */
	label: string;
	/**
	 * The name in the timeline when the source is lost; undefined if another source of the same object reports the
	 * loss.
	 */
	lossName: 'etcd' | 'REST' | 'SSH' | 'HAProxy' | 'SQL' | undefined;
	/** Poll interval, ms; undefined if the source is not polled. */
	pollMs: number | undefined;
	/**
	 * Time after the last report until the source is stale, ms, even if it reports no loss (a stopped console, a
	 * hanging source). A polled source answers or reports a loss in less time.
	 */
	freshForMs: number;
	/** The source reports only changes: it is fresh until it reports a loss. */
	isQuietWhenHealthy: boolean;
	/** `--once` runs the source and waits for it. */
	isInSnapshot: boolean;
	/** The data is dropped when the last subscription ends. */
	endsWithSubscription: boolean;
};

export const pollIntervalMs = 2000;
/** While nothing happens and no one looks. */
export const calmPollIntervalMs = 4000;
/** The longest interval and the longest deadline of an answer, and a second to spare. */
export const freshForMs = 7000;

const polled = {
	pollMs: pollIntervalMs,
	freshForMs,
	isQuietWhenHealthy: false,
	isInSnapshot: true,
	endsWithSubscription: false,
} as const;

export const sourceKinds = {
	/** An etcd endpoint's status. */
	etcd: {...polled, label: 'etcd', lossName: 'etcd'},
	/** Linearizable reads through an etcd endpoint. */
	dcs: {...polled, label: 'etcd read at', lossName: undefined},
	/** The watch of an etcd endpoint. */
	watch: {
		label: 'watch at',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: true,
		// The watch starts with the first read, which `--once` waits for.
		isInSnapshot: false,
		endsWithSubscription: false,
	},
	/** A member's REST API. */
	patroni: {...polled, label: 'REST of', lossName: 'REST', endsWithSubscription: true},
	/** The whole cluster as a member sees it, where the DCS is not read. */
	view: {...polled, label: 'cluster by', lossName: undefined, endsWithSubscription: true},
	/** A node's addresses over SSH. */
	vip: {...polled, label: 'ip on', lossName: 'SSH'},
	/** The statistics of a node's HAProxy. */
	haproxy: {...polled, label: 'HAProxy of', lossName: 'HAProxy'},
	/** A node's systemd over SSH. */
	units: {...polled, label: 'systemd on', lossName: undefined},
	/** A node's file systems over SSH. */
	disk: {...polled, label: 'df on', lossName: undefined, pollMs: 15_000, freshForMs: 40_000},
	/** A port of the VIP, as a PostgreSQL client; it has its own interval. */
	probe: {
		label: 'probe of port',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: false,
		isInSnapshot: true,
		endsWithSubscription: false,
	},
	/** PostgreSQL's processes on a node, over SSH. */
	processes: {
		...polled,
		label: 'processes on',
		lossName: undefined,
		endsWithSubscription: true,
	},
	/** A member's PostgreSQL by SQL. */
	sql: {...polled, label: 'SQL of', lossName: 'SQL', endsWithSubscription: true},
	/** What is asked by SQL more rarely; it ends with `sql`. */
	details: {
		...polled,
		label: 'SQL details of',
		lossName: undefined,
		pollMs: 60_000,
		freshForMs: 130_000,
	},
	/** A member's client sessions by SQL, while something shows them. */
	sessions: {
		...polled,
		label: 'sessions of',
		lossName: undefined,
		isInSnapshot: false,
		endsWithSubscription: true,
	},
	/** A node's logs over SSH. */
	logs: {
		label: 'logs of',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: true,
		isInSnapshot: false,
		endsWithSubscription: true,
	},
	/** Of the logs of Patroni and PostgreSQL on a node only the lines that count as last words, while `logs` is not read. */
	said: {
		label: 'log on',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: true,
		isInSnapshot: false,
		endsWithSubscription: true,
	},
} as const satisfies Record<SourceKind, SourceTraits>;

/** For a kind that only newer versions know; a recording may name it. */
const unknownKind: SourceTraits = {...polled, label: '', lossName: undefined, isInSnapshot: false};

/** Each look at a state asks hundreds of times. */
export const traitsOf: (source: SourceId) => SourceTraits = memoByText(
	source => ownValue<SourceTraits>(sourceKinds, kindOf(source)) ?? unknownKind,
	1000,
);

/** The kind: `patroni` of `patroni:pgdb1`. */
export function kindOf(source: SourceId): SourceKind {
	return source.slice(0, source.indexOf(':')) as SourceKind;
}

/** The object: `pgdb1` of `patroni:pgdb1`; a node, member, endpoint or port. */
export function objectOf(source: SourceId): string {
	return source.slice(source.indexOf(':') + 1);
}

/** Whether the source reports within seconds while the network works. */
export function reportsOften(source: SourceId): boolean {
	const traits = traitsOf(source);
	return !traits.isQuietWhenHealthy && traits.freshForMs === freshForMs;
}

/** The source in words: `etcd read at 10.73.0.160`, `REST of pgdb1`. */
export function sourceName(source: SourceId): string {
	const object = objectOf(source);
	return `${traitsOf(source).label || kindOf(source)} ${URL.canParse(object) ? new URL(object).hostname : object}`;
}
