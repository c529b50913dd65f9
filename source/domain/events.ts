/** All events: what sources report, what keys mean, what effects return. */
import type {Json} from '../lib/json.ts';
import type {Sessions} from './cluster/client-sessions.ts';
import type {ClusterView, ViewedExtras} from './cluster/cluster-view.ts';
import type {DcsEntry} from './cluster/dcs.ts';
import type {SqlDetails, SqlStatus} from './cluster/postgres.ts';
import type {ServerProcesses} from './cluster/processes.ts';
import type {Filesystem, ServiceUnit} from './cluster/services.ts';
import type {Command} from './commands.ts';
import type {DrillEvent} from './drill/types.ts';
import type {
	Address,
	Entry,
	ErrorCode,
	EtcdAlarm,
	EtcdMember,
	EtcdStatus,
	HaproxyStats,
	LogMark,
	LogsId,
	PatroniStatus,
	ProbeAnswer,
	ProbePurpose,
	Problem,
	SaidId,
	SourceId,
} from './facts.ts';
import type {OutageBounds} from './history/outage-bounds.ts';
import type {LogEvent} from './history/said.ts';
import type {Word} from './history/words.ts';
import type {LogLine} from './logs/log-buffer.ts';
import type {LogSettings} from './logs/settings.ts';
import type {Answer} from './operations/patroni-answers.ts';
import type {Target} from './target.ts';

/**
 * When a request to etcd was sent and answered, as order numbers that this console assigns: no clock is involved. A
 * watch event carries the numbers of the last read before it on its connection. Undefined in recordings of older
 * consoles.
 */
export type Asked = {began?: number; ended?: number};

/**
 * Time in which this program did not run while the answer may have waited in its queue, ms. Undefined in recordings of
 * older consoles.
 */
export type Late = {lateMs?: number};

/** A fact that was read from a log, not seen by this console. Undefined in recordings of older consoles. */
export type FromLog = {log?: LogMark};

export type Fact =
	/** A source connects, or reconnects after a loss. */
	(
		| {type: 'source.connecting'; source: SourceId}
		/**
		 * A source was lost. `remedy`: what the operator can do; `refused`: the answer was a refusal; `fault`: this program
		 * is the cause, not the object.
		 */
		| {
				type: 'source.lost';
				source: SourceId;
				reason: string;
				/** Undefined in recordings of older consoles. */
				code?: ErrorCode;
				remedy?: string;
				refused?: boolean;
				fault?: boolean;
		  }
		/** A source has no subscription any more. */
		| {type: 'source.closed'; source: SourceId}
		/** The source is still fresh, without news. */
		/** `until`: the state is known to hold until then, Unix ms; only of what was read from a log afterwards. */
		| {type: 'source.alive'; source: SourceId; until?: number}
		/** All keys of the scope by one linearizable read, and the store's revision at that moment. */
		| ({
				type: 'dcs.snapshot';
				source: SourceId;
				clusterId: string;
				revision: number;
				entries: readonly DcsEntry[];
				/** The scopes of the namespace, if this scope has no keys. */
				scopes?: readonly string[];
		  } & Asked &
				Late)
		| ({type: 'dcs.put'; source: SourceId; entry: DcsEntry} & Asked)
		| ({type: 'dcs.deleted'; source: SourceId; path: string; revision: number} & Asked)
		/** The leader key's lease: seconds left and seconds granted. */
		| ({type: 'lease.read'; source: SourceId; lease: string; ttl: number; grantedTtl: number} & Asked)
		| ({type: 'etcd.status'; source: SourceId; endpoint: string; status: EtcdStatus} & Asked & Late)
		| ({
				type: 'etcd.members';
				source: SourceId;
				members: readonly EtcdMember[];
				alarms: readonly EtcdAlarm[];
		  } & Asked)
		/** `tookMs`: time from the request to this event; undefined in recordings of older consoles. */
		| ({
				type: 'patroni.status';
				source: SourceId;
				member: string;
				status: PatroniStatus;
				tookMs?: number;
		  } & Late)
		/** The cluster as the member at this address sees it. `extras`: undefined if they were not read this time. */
		| ({
				type: 'cluster.seen';
				source: SourceId;
				view: ClusterView;
				extras?: ViewedExtras;
				tookMs?: number;
		  } & Late)
		| ({type: 'addresses.snapshot'; source: SourceId; node: string; addresses: readonly Address[]} & Late)
		| {type: 'addresses.added'; source: SourceId; node: string; address: Address}
		| {type: 'addresses.removed'; source: SourceId; node: string; address: Address}
		/**
		 * `tookMs`: as of `patroni.status`. `by`: the page's URL, or `socket`, HAProxy's own by SSH; undefined in recordings of
		 * older consoles.
		 */
		| ({type: 'haproxy.stats'; source: SourceId; node: string; by?: string; tookMs?: number} & HaproxyStats &
				Late)
		| ({type: 'units.snapshot'; source: SourceId; node: string; units: readonly ServiceUnit[]} & Late)
		| ({
				type: 'disk.snapshot';
				source: SourceId;
				node: string;
				filesystems: readonly Filesystem[];
				/** Version of the node's glibc; undefined where it does not say so. */
				glibc?: string | undefined;
		  } & Late)
		/** PostgreSQL's processes on a node; only while something depends on them. */
		| ({
				type: 'processes.snapshot';
				source: SourceId;
				node: string;
				servers: readonly ServerProcesses[];
				tookMs: number;
		  } & Late)
		/** A member's PostgreSQL by SQL, every two seconds. `tookMs`: as of `patroni.status`. */
		| ({type: 'sql.status'; source: SourceId; member: string; status: SqlStatus; tookMs: number} & Late)
		/** What is asked more rarely, since it costs the server more. */
		| ({type: 'sql.details'; source: SourceId; member: string; details: SqlDetails} & Late)
		/** Query texts are masked already. */
		| ({type: 'sql.sessions'; source: SourceId; member: string; sessions: Sessions; tookMs: number} & Late)
		/**
		 * `startedAt`, `answeredAt`: when the probe process sent the request and received the answer, Unix ms; `number`:
		 * identifies a write that is verified later; `first`: the first report of a probe that was started. Undefined in
		 * recordings of older consoles.
		 */
		| ({
				type: 'probe.answered';
				source: SourceId;
				port: number;
				purpose: ProbePurpose;
				startedAt: number;
				answeredAt?: number;
				number?: number;
				first?: true;
		  } & ProbeAnswer)
		/** No acknowledgement in time, or a refusal: whether a write was done is unknown. */
		| {
				type: 'probe.failed';
				source: SourceId;
				port: number;
				purpose: ProbePurpose;
				startedAt: number;
				first?: true;
				reason: string;
				/** Undefined in recordings of older consoles. */
				code?: ErrorCode;
		  }

		/** What Patroni and PostgreSQL said last in a node's logs, in the order of its lines. Not in recordings of older consoles. */
		| {type: 'log.said'; source: SaidId; node: string; words: readonly Word[]}
		/** Log lines of a node since the last event. `skipped`: further lines that were not kept. */
		| {type: 'logs.lines'; source: LogsId; node: string; lines: readonly LogLine[]; skipped: number}
		/** How far the node's clock is ahead of this machine's, ms. */
		| {type: 'logs.clock'; source: LogsId; node: string; offset: number}
		/**
		 * The log settings of the node's patroni.yml, by which its lines are parsed. `file`: undefined without one;
		 * `problem`: why its settings are unknown. Not in recordings of older consoles.
		 */
		| {
				type: 'logs.settings';
				source: LogsId;
				node: string;
				file: string | undefined;
				settings: LogSettings;
				problem?: 'unreadable' | 'invalid';
		  }
		/** All problems with the node's logs now. */
		| {type: 'logs.problems'; source: LogsId; problems: readonly Problem[]}
	) &
		FromLog;

/** Events that change the cluster: facts of sources, stalls and clock changes of this machine. */
export type ClusterEvent = Fact | Stalled | ClockSet;

export function isClusterEvent(event: Event): event is ClusterEvent {
	return 'source' in event || event.type === 'console.stalled' || event.type === 'clock.set';
}

/** A fact from a node's logs. */
export type LogFact = Extract<Fact, {source: LogsId}>;

/** A fact that proves its source to be fresh. */
export type Sighting = Exclude<Fact, {type: `source.${string}`}> | Extract<Fact, {type: 'source.alive'}>;

export type Intent =
	/**
	 * `question`: number of the question that the key is for; `page`: lines on the screen; `end`: the
	 * highest scroll position.
	 */
	| {type: 'command'; command: Command; question?: number; page?: number; end?: number}
	/** Text for the focused field: one character when typed, more if several arrived at once or by a paste. */
	| {type: 'typed'; text: string}
	/** A key that does nothing, and why. */
	| {type: 'notice'; text: string; tone: 'dim'};

type Unstamped<T> = T extends {at: number} ? Omit<T, 'at'> : never;

/** An answer without its time, which the runtime adds. */
export type Reported = Unstamped<Answer>;

/** What performers report about effects. */
export type Report =
	| {type: 'operation.report'; run: number; answer: Reported}
	/** The dynamic configuration after the editor: a merge patch, and the difference in readable form. */
	| {
			type: 'config.edited';
			/**
			 * Revision of the key when the editor opened, and the generation of its store; the latter is undefined in
			 * recordings of older consoles.
			 */
			revision: number | undefined;
			store?: number;
			patch: {readonly [key: string]: Json};
			difference: readonly string[];
	  }
	/** A search in the logs continues. */
	| {type: 'logs.seek'}
	/** The settings with what was found on the nodes, once after the start. */
	| {type: 'target.found'; target: Target}
	/** This session is recorded from here on. */
	| {type: 'recording.begun'; file: string}
	/** The recording has ended. */
	| {type: 'recording.ended'}
	/** A message for the operator that is not a fact of the cluster. */
	| {type: 'notice'; text: string; tone: 'dim' | 'warn'};

/** What was read from logs, and is not a fact of a source. */
export type Past =
	/** What a program reports in its log. */
	| {type: 'history.said'; event: LogEvent}
	/** An interruption of writes that follows from the logs, with its bounds. */
	| {type: 'history.outage'; outage: OutageBounds}
	| EarlierRead;

/** Unix ms, ± `uncertainMs`. */
export type Hold = {node: string; at: number; uncertainMs: number};

export type Holds = {
	vips: readonly (Hold & {ip: string})[];
	/** The node whose member has the leader key; undefined if the logs do not say. */
	leader?: Hold | undefined;
};

/** What a console read of the time before its start. */
export type EarlierRead = {
	type: 'history.read';
	/** Where it was read: the nodes' logs, the recording of a watch on this machine. */
	by: readonly ('logs' | 'watch')[];
	/** Unix ms; all times here. */
	since: number;
	until: number;
	/** Of this time, the oldest first. */
	entries: readonly Entry[];
	/** What was taken in this time or before it, and not given up until its end. */
	holds: Holds;
	/** What could not be read, and what would mend it. */
	missing: readonly string[];
};

/** The clock, once a second, in calm every other one. Ages on the screen follow it, so that a replay shows the same. */
export type Tick = {type: 'tick'};

/**
 * This program did not run for this time until now, ms: all of it, or the thread of this port's probe. `brief`: the sum
 * of stalls since the last tick, or report of the probe, that are too short to be reported one by one.
 */
export type Stalled = {type: 'console.stalled'; milliseconds: number; port?: number; brief?: true};

/**
 * This machine's clock was set by this much, ms; negative if set back. `aheadMs`: how far the session's time is ahead
 * of the clock since, because it never goes back.
 */
export type ClockSet = {type: 'clock.set'; milliseconds: number; aheadMs: number};

export type Event = Fact | Intent | Report | DrillEvent | Past | Tick | Stalled | ClockSet;

/** An event with the time at which the runtime received it, Unix ms. */
export type Stamped = {at: number; event: Event};
