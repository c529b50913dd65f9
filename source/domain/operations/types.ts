/** The types of operations, runs, steps and preconditions. */
import type {Json} from '../../lib/json.ts';
import type {Cluster} from '../cluster/cluster.ts';
import type {Member} from '../cluster/member.ts';
import {machines, members} from '../cluster/members.ts';
import type {Service} from '../cluster/services.ts';
import type {OperationCommand} from '../commands.ts';
import type {DrillKind} from '../drill/types.ts';
import type {Target} from '../target.ts';
import type {Answer} from './patroni-answers.ts';

export type Guard = {
	/** Generation of the store that the revisions belong to; undefined in recordings of consoles that knew only one. */
	store?: number;
	leader: string | undefined;
	/** etcd's revision of the leader key; it changes with the holder and the lease. */
	leaderRevision: number | undefined;
	/** etcd's revision of the dynamic configuration. */
	configRevision: number | undefined;
};

/** What stops or changes while an operation runs, so that findings follow from it. */
export type Effect = {
	kind: 'handover' | 'restart' | 'reinitialize' | 'service';
	/** The members that stop, start or change their role. */
	members: readonly string[];
	/** The machine and service that is restarted. */
	node?: string;
	service?: Service;
};

export type Outcome = {
	/** `elsewhere`: done, but a member other than the requested one leads. */
	kind: 'done' | 'elsewhere' | 'refused' | 'failed' | 'unknown';
	at: number;
	text: string;
	/** The run failed because nothing moved for long enough; a late success replaces this outcome. */
	mayMove?: boolean;
	/** It was done after it had been taken for failed. */
	isLate?: true;
};

export type RestRequest = {
	via: 'rest';
	/** The receiving member. */
	to: string;
	method: 'POST' | 'PATCH' | 'DELETE';
	url: string;
	/** JSON; undefined without a body. */
	body: string | undefined;
};

export type SshRequest = {via: 'ssh' /** The machine's name. */; to: string; host: string; command: string};

/** A statement on a member's PostgreSQL, by the monitor's login. */
export type SqlRequest = {
	via: 'sql';
	/** The receiving member. */
	to: string;
	host: string;
	port: number;
	user: string;
	database: string;
	statement: string;
};

export type Request = RestRequest | SshRequest | SqlRequest;

/** Requests in the order of sending, each sent after the one before has taken effect; or why there are none. */
export type Requests = {requests: readonly Request[]} | {problem: string};

/** Roles in the words of Patroni 4. */
export type RestartRole = 'primary' | 'standby_leader' | 'replica';

export type Operation =
	/**
	 * `at`: Unix ms; undefined means now. `checkpoint`: a CHECKPOINT on the leader before. `wait`: it is sent only when no transaction on
	 * the leader is older than `olderMs`, and not at all after `mostMs`.
	 */
	| {
			kind: 'switchover';
			leader: string;
			candidate: string;
			at: number | undefined;
			checkpoint?: boolean | undefined;
			wait?: {olderMs: number; mostMs: number} | undefined;
	  }
	| {kind: 'switchover.cancel'}
	| {kind: 'failover'; candidate: string}
	/** A restart of PostgreSQL by Patroni, only while the member has this role. */
	| {kind: 'restart'; member: string; role: RestartRole; pendingOnly: boolean; at: number | undefined}
	| {kind: 'restart.cancel'; member: string}
	| {kind: 'reload'; member: string}
	| {kind: 'reinitialize'; member: string; force: boolean; fromLeader: boolean}
	| {kind: 'pause'}
	| {kind: 'resume'}
	/** A merge patch of the dynamic configuration. */
	| {kind: 'configure'; patch: {readonly [key: string]: Json}}
	/**
	 * A restart by systemd, over SSH. `pauseFirst`: pause the cluster before (for Patroni); `start`: the service is stopped,
	 * and is only started.
	 */
	| {kind: 'service'; node: string; service: Service; pauseFirst: boolean; start?: true}
	| {kind: 'reboot'; node: string}
	| {kind: 'poweroff'; node: string}
	/** Ends the one session with this pid and this begin; `client` names it for people. */
	| {kind: 'session.end'; member: string; pid: number; startedAt: string; client: string};

export type OperationKind = Operation['kind'];

/** Fields of operations' questions; recordings contain these names. */
export type FieldId =
	| 'candidate'
	| 'when'
	| 'pendingOnly'
	| 'fromLeader'
	| 'pauseFirst'
	| 'checkpoint'
	| 'waitOlder'
	| 'waitMost';

/**
 * Whether a run's next request may be sent now. `begins`: the operation itself begins with it, after what prepares it; `closed`: it is
 * never sent.
 */
export type Gate = {is: 'open'; begins: boolean} | {is: 'waiting'} | {is: 'closed'; why: string};

export type Precondition = {
	/**
	 * `blocking`: Patroni would refuse, or nothing can be sent; `warning`: possible, but with a risk; `unknown`: it cannot be checked
	 * now, and why.
	 */
	level: 'ok' | 'warning' | 'unknown' | 'blocking';
	text: string;
	/** What it is about, in a word or two, of the group on clients and PostgreSQL; undefined of the others. */
	topic?: string;
	/** Patroni's rule that refuses it. */
	rule?: string;
};

export type Run = {
	id: number;
	operation: Operation;
	/** Requests to send one by one, each once; see `sent`. */
	requests: readonly Request[];
	guard: Guard;
	/** The preconditions at the confirmation. */
	checks: readonly Precondition[];
	/** The operator's reason; empty without one. */
	reason: string;
	confirmedAt: number;
	/** The cluster at the confirmation, to compare later states with. */
	before: Cluster;
	/** Number of requests that were passed to the sender. */
	sent: number;
	/** When the operation itself was sent, Unix ms, if that was later than the confirmation. */
	begunAt?: number;
	/** In the order of arrival, at most one for each request. */
	answers: readonly Answer[];
	steps: readonly Step[];
	outcome: Outcome | undefined;
	/** False once nothing more is expected. */
	watched: boolean;
};

export type NewRun = Pick<
	Run,
	'id' | 'operation' | 'requests' | 'guard' | 'checks' | 'reason' | 'confirmedAt' | 'before'
>;

export type Step = {
	id: string;
	text: string;
	/** The operation is done when all essential steps were seen. */
	essential: boolean;
	/** When it was seen, Unix ms. */
	at: number | undefined;
};

export type ClusterContext = {cluster: Cluster; target: Target; now: number};

/** A step and the test for it, from the operation and the cluster at the confirmation. */
export type StepDefinition = {
	id: string;
	text: string;
	essential: boolean;
	seen: (run: Run, context: ClusterContext) => boolean;
};

export function isTicked(run: Run, id: string): boolean {
	return run.steps.some(step => step.id === id && step.at !== undefined);
}

/** What offers are made for: a machine, a member, or both. */
export type Subject = {
	member: string | undefined;
	node: string | undefined;
	/** The id of a client session. */
	session?: string | undefined;
};

export type Offer = {
	id: string;
	label: string;
	/** Undefined if the operation is not available. */
	operation: Operation | undefined;
	/** Why it cannot be done now; undefined if it can. */
	disabledReason: string | undefined;
	/** Why the request may not arrive; undefined without a reason. */
	warning: string | undefined;
	/** The command of the operation's own key. */
	command?: OperationCommand | undefined;
	/** The time of the schedule that the operation cancels, as Patroni stores it. */
	scheduledAt?: string | undefined;
	/** The drill that the offer begins. */
	drill?: DrillKind;
};

export function ok(text: string): Precondition {
	return {level: 'ok', text};
}

export function warning(text: string): Precondition {
	return {level: 'warning', text};
}

export function unknown(text: string): Precondition {
	return {level: 'unknown', text};
}

export function blocking(text: string, rule?: string): Precondition {
	return {level: 'blocking', text, ...(rule === undefined ? {} : {rule})};
}

export function isBlocked(checks: readonly Precondition[]): boolean {
	return checks.some(({level}) => level === 'blocking');
}

export type OperationContext = {
	cluster: Cluster;
	target: Target;
	now: number;
	/** Running operations of this console, in words. `unknown`: the outcome may never be known. */
	running: readonly {text: string; unknown: boolean}[];
};

export function memberOf({cluster, now}: OperationContext, name: string): Member | undefined {
	return members(cluster, now).find(member => member.name === name);
}

/** The name of the machine that the member runs on. */
export function machineOf({cluster, target, now}: OperationContext, member: string): string | undefined {
	return machines(cluster, target, now).find(machine => machine.member === member)?.name;
}
