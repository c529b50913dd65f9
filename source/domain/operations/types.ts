/** The types of operations, runs, steps and preconditions. */
import type {Json} from '../../lib/json.ts';
import type {Cluster} from '../cluster/cluster.ts';
import type {Member} from '../cluster/member.ts';
import {machines, members} from '../cluster/members.ts';
import type {Service} from '../cluster/services.ts';
import type {DrillKind} from '../drill/types.ts';
import type {OperationCommand} from '../events.ts';
import type {Target} from '../target.ts';
import type {Answer} from './patroni-answers.ts';

export type Guard = {
	/** Which store of etcd the revisions are of; undefined in a recording of an older console, which knew of one only. */
	store?: number;
	leader: string | undefined;
	/** The leader key's last change, as etcd counts: it is put again when its holder or its lease changes. */
	leaderRevision: number | undefined;
	/** Of the dynamic configuration. */
	configRevision: number | undefined;
};

export type Outcome = {
	/** `elsewhere`: done, but another member leads than requested. */
	kind: 'done' | 'elsewhere' | 'refused' | 'failed' | 'unknown';
	at: number;
	text: string;
	/** It was called failed because nothing moved for long enough; should it move after all, that is the truth. */
	mayMove?: boolean;
};

export type RestRequest = {
	via: 'rest';
	/** The member that gets the request. */
	to: string;
	method: 'POST' | 'PATCH' | 'DELETE';
	url: string;
	/** JSON; undefined for none. */
	body: string | undefined;
};

export type SshRequest = {via: 'ssh' /** The machine's name. */; to: string; host: string; command: string};

export type Request = RestRequest | SshRequest;

/** Requests in the order in which they are sent, each only when the one before has been seen to take effect; or why there is none. */
export type Requests = {requests: readonly Request[]} | {problem: string};

/** As Patroni 4 writes them. */
export type RestartRole = 'primary' | 'standby_leader' | 'replica';

export type Operation =
	/** `at`: Unix ms; now where it is not given. */
	| {kind: 'switchover'; leader: string; candidate: string; at: number | undefined}
	| {kind: 'switchover.cancel'}
	| {kind: 'failover'; candidate: string}
	/** Of PostgreSQL, by Patroni; only as long as the member has this role. */
	| {kind: 'restart'; member: string; role: RestartRole; pendingOnly: boolean; at: number | undefined}
	| {kind: 'restart.cancel'; member: string}
	| {kind: 'reload'; member: string}
	| {kind: 'reinitialize'; member: string; force: boolean; fromLeader: boolean}
	| {kind: 'pause'}
	| {kind: 'resume'}
	/** A merge patch of the dynamic configuration. */
	| {kind: 'configure'; patch: {readonly [key: string]: Json}}
	/** By systemd, over SSH; `pauseFirst`: with Patroni, the cluster is paused before. */
	| {kind: 'service'; node: string; service: Service; pauseFirst: boolean}
	| {kind: 'reboot'; node: string}
	| {kind: 'poweroff'; node: string};

export type OperationKind = Operation['kind'];

/** Fields of a question that are an operation's own; recordings hold these names. */
export type FieldId = 'candidate' | 'when' | 'pendingOnly' | 'fromLeader' | 'pauseFirst';

export type Precondition = {
	/** `blocking`: Patroni would refuse, or nothing can be sent; `warning`: it is possible, and worse than it could be. */
	level: 'ok' | 'warning' | 'blocking';
	text: string;
	/** By which rule of Patroni's it would be refused. */
	rule?: string;
};

export type Run = {
	id: number;
	operation: Operation;
	/** Sent one after the other, each once; see `sent`. */
	requests: readonly Request[];
	frozen: Guard;
	/** As they stood when it was confirmed. */
	checks: readonly Precondition[];
	/** The operator's own words; empty for none. */
	reason: string;
	confirmedAt: number;
	/** The cluster at that moment: what is compared with what is seen since. */
	before: Cluster;
	/** How many of the requests have been given out. */
	sent: number;
	/** In the order in which they came: at most one a request. */
	answers: readonly Answer[];
	steps: readonly Step[];
	outcome: Outcome | undefined;
	/** False once nothing more is expected of it. */
	watched: boolean;
};

export type NewRun = Pick<
	Run,
	'id' | 'operation' | 'requests' | 'frozen' | 'checks' | 'reason' | 'confirmedAt' | 'before'
>;

export type Step = {
	id: string;
	text: string;
	/** The operation is done when all of these have been seen. */
	essential: boolean;
	/** When it was seen, Unix ms. */
	at: number | undefined;
};

export type ClusterContext = {cluster: Cluster; target: Target; now: number};

/** A step with how it is seen; made from the operation and the cluster as it was when it was confirmed. */
export type StepDefinition = {
	id: string;
	text: string;
	essential: boolean;
	seen: (run: Run, context: ClusterContext) => boolean;
};

export function isTicked(run: Run, id: string): boolean {
	return run.steps.some(step => step.id === id && step.at !== undefined);
}

/** What an offer is made for: a machine, a member, mostly both. */
export type Subject = {member: string | undefined; node: string | undefined};

export type Offer = {
	id: string;
	label: string;
	/** Undefined if the operation is not available. */
	operation: Operation | undefined;
	/** Why it can't be done now; undefined when it can. */
	disabledReason: string | undefined;
	/** Why what would be sent may not arrive; undefined where nothing speaks against it. */
	warning: string | undefined;
	/** The command of its own key. */
	command?: OperationCommand | undefined;
	/** When what it takes back would happen, as Patroni keeps it. */
	scheduledAt?: string | undefined;
	/** It is done to be measured. */
	drill?: DrillKind;
};

export function ok(text: string): Precondition {
	return {level: 'ok', text};
}

export function warning(text: string): Precondition {
	return {level: 'warning', text};
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
	/** Operations of this console that have not ended, in words; `unknown` where how they ended may never be known. */
	running: readonly {text: string; unknown: boolean}[];
};

export function memberOf({cluster, now}: OperationContext, name: string): Member | undefined {
	return members(cluster, now).find(member => member.name === name);
}

/** The name of the machine that the member runs on. */
export function machineOf({cluster, target, now}: OperationContext, member: string): string | undefined {
	return machines(cluster, target, now).find(machine => machine.member === member)?.name;
}
