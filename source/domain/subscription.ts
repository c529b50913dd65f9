/** What can be watched, and which sources report through each subscription. */
import type {Service} from './cluster/services.ts';
import type {ProbePurpose, SourceId} from './facts.ts';
import type {NodeLogs} from './logs/logs.ts';

export type Subscription =
	| {kind: 'etcd'; endpoint: string}
	/** The leader key's lease, read through any endpoint that answers. */
	| {kind: 'lease'; lease: string}
	| {kind: 'patroni'; member: string; url: string}
	/** The whole cluster as the member at this address sees it; `origin`: `http(s)://HOST:PORT`. */
	| {kind: 'view'; origin: string}
	| {kind: 'addresses'; node: string; host: string}
	/** `withUser`: the configured user may be sent to this node. */
	| {kind: 'haproxy'; node: string; host: string; withUser: boolean}
	/** The state of the node's services in systemd; of the optional ones, if their unit exists. */
	| {
			kind: 'units';
			node: string;
			host: string;
			required: readonly Service[];
			optional: readonly Service[];
	  }
	| {kind: 'disk'; node: string; host: string}
	/** The client path through a port. */
	| {
			kind: 'probe';
			purpose: ProbePurpose;
			port: number;
			/** Writes are numbered under this drill's id. */
			drill?: string;
	  }
	/** PostgreSQL's processes. */
	| {kind: 'processes'; node: string; host: string}
	/** A member's PostgreSQL by SQL, at the address where clients reach it. `details`: the rarer questions. */
	| {kind: 'sql'; member: string; host: string; port: number}
	| {kind: 'details'; member: string; host: string; port: number; everyMs: number}
	/** Its client sessions. */
	| {kind: 'sessions'; member: string; host: string; port: number}
	/** A node's logs. `system`: the whole journal. */
	| {kind: 'logs'; plan: NodeLogs; system: boolean}
	/** The last words of Patroni and PostgreSQL in a node's logs. */
	| {kind: 'said'; plan: NodeLogs}
	| {kind: 'clock'};

/** The sources of a subscription, except those that come and go with its work, such as a watch. */
export function sourcesOf(subscription: Subscription): readonly SourceId[] {
	switch (subscription.kind) {
		case 'etcd': {
			return [`etcd:${subscription.endpoint}`, `dcs:${subscription.endpoint}`];
		}

		case 'patroni': {
			return [`patroni:${subscription.member}`];
		}

		case 'view': {
			return [`view:${subscription.origin}`];
		}

		case 'addresses': {
			return [`vip:${subscription.node}`];
		}

		case 'haproxy':
		case 'units':
		case 'processes':
		case 'disk': {
			return [`${subscription.kind}:${subscription.node}`];
		}

		case 'sql':
		case 'details':
		case 'sessions': {
			return [`${subscription.kind}:${subscription.member}`];
		}

		case 'probe': {
			return [`probe:${subscription.port}`];
		}

		case 'logs':
		case 'said': {
			return [`${subscription.kind}:${subscription.plan.node}`];
		}

		case 'lease':
		case 'clock': {
			return [];
		}
	}
}
