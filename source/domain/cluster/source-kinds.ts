/** All kinds of sources in one table: label, poll interval, when they count as stale. */
import {ownValue} from '../../lib/json.ts';
import type {SourceId, SourceKind} from '../facts.ts';

export type SourceTraits = {
	/** What it is called before the name of its object: `REST of pgdb1`. */
	label: string;
	/** What the timeline reports as lost with it; undefined where another source of the same thing reports that. */
	lossName: 'etcd' | 'REST' | 'SSH' | 'HAProxy' | undefined;
	/** Poll interval; undefined if it is not polled. */
	pollMs: number | undefined;
	/**
	 * After this time without a report it no longer counts as seeing, even if it has reported no loss (the console was stopped,
	 * or the source hangs). A polled source answers or reports a loss within less, whatever its deadline.
	 */
	freshForMs: number;
	/** It reports only changes: it is fresh until it reports a loss. */
	isQuietWhenHealthy: boolean;
	/** `--once` runs it and waits for it. */
	isInSnapshot: boolean;
	/** Its data is dropped when nothing subscribes to it any more. */
	endsWithSubscription: boolean;
};

export const pollIntervalMs = 2000;
export const freshForMs = 5000;

const polled = {
	pollMs: pollIntervalMs,
	freshForMs,
	isQuietWhenHealthy: false,
	isInSnapshot: true,
	endsWithSubscription: false,
} as const;

export const sourceKinds = {
	/** An endpoint's own status. */
	etcd: {...polled, label: 'etcd', lossName: 'etcd'},
	/** Linearizable reads through that endpoint. */
	dcs: {...polled, label: 'etcd read at', lossName: undefined},
	/** Its watch. */
	watch: {
		label: 'watch at',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: true,
		// It comes with the first read, which is waited for.
		isInSnapshot: false,
		endsWithSubscription: false,
	},
	/** A member's REST API. */
	patroni: {...polled, label: 'REST of', lossName: 'REST', endsWithSubscription: true},
	/** A node's addresses over SSH. */
	vip: {...polled, label: 'ip on', lossName: 'SSH'},
	/** The statistics of a node's HAProxy. */
	haproxy: {...polled, label: 'HAProxy of', lossName: 'HAProxy'},
	/** A node's systemd over SSH. */
	units: {...polled, label: 'systemd on', lossName: undefined},
	/** A node's file systems over SSH. */
	disk: {...polled, label: 'df on', lossName: undefined, pollMs: 15_000, freshForMs: 40_000},
	/** A port of the VIP, as a client of PostgreSQL: its pace is its own. */
	probe: {
		label: 'probe of port',
		lossName: undefined,
		pollMs: undefined,
		freshForMs,
		isQuietWhenHealthy: false,
		isInSnapshot: true,
		endsWithSubscription: false,
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
} as const satisfies Record<SourceKind, SourceTraits>;

/** Of a source that only a newer version knows; a recording may name it. */
const unknownKind: SourceTraits = {...polled, label: '', lossName: undefined, isInSnapshot: false};

export function traitsOf(source: SourceId): SourceTraits {
	return ownValue<SourceTraits>(sourceKinds, kindOf(source)) ?? unknownKind;
}

/** `patroni` of `patroni:pgdb1`. */
export function kindOf(source: SourceId): SourceKind {
	return source.slice(0, source.indexOf(':')) as SourceKind;
}

/** `pgdb1` of `patroni:pgdb1`: a node, member, endpoint or port. */
export function objectOf(source: SourceId): string {
	return source.slice(source.indexOf(':') + 1);
}

/** A console whose network works hears from it within seconds. */
export function reportsOften(source: SourceId): boolean {
	const traits = traitsOf(source);
	return !traits.isQuietWhenHealthy && traits.freshForMs === freshForMs;
}

/** What it is called: `etcd read at 10.73.0.160`, `REST of pgdb1`. */
export function sourceName(source: SourceId): string {
	const object = objectOf(source);
	return `${traitsOf(source).label || kindOf(source)} ${URL.canParse(object) ? new URL(object).hostname : object}`;
}
