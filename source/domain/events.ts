/** All events: what sources report, what keys mean, what effects return. */
import type {Json} from '../lib/json.ts';
import type {DcsEntry} from './cluster/dcs.ts';
import type {Filesystem, ServiceUnit} from './cluster/services.ts';
import type {DrillEvent} from './drill/types.ts';
import type {
	Address,
	ErrorCode,
	EtcdAlarm,
	EtcdMember,
	EtcdStatus,
	HaproxyStats,
	LogsId,
	PatroniStatus,
	ProbeAnswer,
	ProbePurpose,
	Problem,
	SourceId,
} from './facts.ts';
import type {LogLine} from './logs/log-buffer.ts';
import type {Answer} from './operations/patroni-answers.ts';

/**
 * When a question to etcd was asked and answered, by numbers that this console gives out one after the other: no clock is in
 * it. What a watch reports is asked by the last read of its connection that was answered before. Older consoles did not say.
 */
export type Asked = {began?: number; ended?: number};

/** The answer may have waited in this program's own queue for so many ms, in which it did not run. Older consoles did not say. */
export type Late = {lateMs?: number};

export type Fact =
	/** A source connects, or connects again after a loss. */
	| {type: 'source.connecting'; source: SourceId}
	/**
	 * A source was lost. `remedy`: what the operator could do about it; `refused`: it was answered, with a no; `fault`: this
	 * program is the cause, not the object.
	 */
	| {
			type: 'source.lost';
			source: SourceId;
			reason: string;
			/** Recordings of older consoles have none. */
			code?: ErrorCode;
			remedy?: string;
			refused?: boolean;
			fault?: boolean;
	  }
	/** A source without a subscription any more. */
	| {type: 'source.closed'; source: SourceId}
	/** Proof that the source still sees, without news. */
	| {type: 'source.alive'; source: SourceId}
	/** All keys of the scope by one linearizable read, with the revision of the store at that moment. */
	| ({
			type: 'dcs.snapshot';
			source: SourceId;
			clusterId: string;
			revision: number;
			entries: readonly DcsEntry[];
			/** Where there are none: the scopes that the namespace does hold. */
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
	/** `tookMs`: from the question to this event; older consoles did not say. */
	| ({
			type: 'patroni.status';
			source: SourceId;
			member: string;
			status: PatroniStatus;
			tookMs?: number;
	  } & Late)
	| ({type: 'addresses.snapshot'; source: SourceId; node: string; addresses: readonly Address[]} & Late)
	| {type: 'addresses.added'; source: SourceId; node: string; address: Address}
	| {type: 'addresses.removed'; source: SourceId; node: string; address: Address}
	| ({type: 'haproxy.stats'; source: SourceId; node: string} & HaproxyStats & Late)
	| ({type: 'units.snapshot'; source: SourceId; node: string; units: readonly ServiceUnit[]} & Late)
	| ({type: 'disk.snapshot'; source: SourceId; node: string; filesystems: readonly Filesystem[]} & Late)
	/**
	 * `startedAt`, `answeredAt`: when the question was asked and answered by the clock of the process that asked, Unix ms; `number`: of a
	 * write that can be looked for afterwards.
	 */
	| ({
			type: 'probe.answered';
			source: SourceId;
			port: number;
			purpose: ProbePurpose;
			startedAt: number;
			answeredAt?: number;
			number?: number;
	  } & ProbeAnswer)
	/** Not acknowledged in time, or refused: it is not known whether a write was done. */
	| {
			type: 'probe.failed';
			source: SourceId;
			port: number;
			purpose: ProbePurpose;
			startedAt: number;
			reason: string;
			/** Recordings of older consoles have none. */
			code?: ErrorCode;
	  }

	/** Lines of a node's logs since the last event; `skipped` more came and were not kept. */
	| {type: 'logs.lines'; source: LogsId; node: string; lines: readonly LogLine[]; skipped: number}
	/** The node's clock is this many milliseconds ahead of ours. */
	| {type: 'logs.clock'; source: LogsId; node: string; offset: number}
	/** All that keeps the node's logs from telling everything now. */
	| {type: 'logs.problems'; source: LogsId; problems: readonly Problem[]};

/** What the cluster is made of: facts of sources, and what happened to this program. */
export type ClusterEvent = Fact | Stalled | ClockSet;

export function isClusterEvent(event: Event): event is ClusterEvent {
	return 'source' in event || event.type === 'console.stalled' || event.type === 'clock.set';
}

/** Of a node's logs. */
export type LogFact = Extract<Fact, {source: LogsId}>;

/** Proves that its source sees. */
export type Sighting = Exclude<Fact, {type: `source.${string}`}> | Extract<Fact, {type: 'source.alive'}>;

/** Asks for an operation by a key of its own. */
export type OperationCommand =
	| 'operation.switchover'
	| 'operation.failover'
	| 'operation.restart'
	| 'operation.reload'
	| 'operation.reinitialize'
	| 'operation.pause'
	| 'operation.configure';

/** What a key means; the keymap is the only place that knows which key. */
export type Command =
	| 'quit'
	| 'help.toggle'
	| 'findings.toggle'
	| 'dismiss'
	| 'refresh'
	| 'pane.next'
	| 'pane.previous'
	| 'select.up'
	| 'select.down'
	| 'details.open'
	| 'menu.open'
	| 'menu.choose'
	| 'run.open'
	| 'drill.open'
	| 'drill.stop'
	| OperationCommand
	| 'dialog.next'
	| 'dialog.previous'
	| 'dialog.left'
	| 'dialog.right'
	| 'dialog.yes'
	| 'dialog.enter'
	| 'text.erase'
	| 'text.clear'
	| 'log.open'
	| 'log.all'
	| 'log.pick'
	| 'log.toggle'
	| 'log.entries'
	| 'log.entry'
	| 'log.search'
	| 'log.next'
	| 'log.previous'
	| 'log.filter'
	| 'log.level'
	| 'log.wrap'
	| 'log.split'
	| 'log.time'
	| 'log.back'
	| 'log.copy'
	| 'log.write'
	| 'log.first'
	| 'log.follow'
	| 'page.up'
	| 'page.down'
	| 'go.first'
	| 'go.last'
	| 'prompt.take'
	| 'freeze.toggle'
	| 'redraw'
	| 'record.toggle'
	| 'play.toggle'
	| 'play.faster'
	| 'play.slower'
	| 'play.forward'
	| 'play.back'
	| 'play.next'
	| 'play.previous'
	| 'play.entry'
	| 'play.first'
	| 'play.last'
	| 'play.time'
	| 'play.view'
	| 'suspend';

/** What a command's name begins with, or all of it: `log` of `log.open`. */
export type CommandArea = Command extends infer C ? (C extends `${infer A}.${string}` ? A : C) : never;

export type CommandOf<A extends CommandArea> = Extract<Command, A | `${A}.${string}`>;

/** By its name alone: a recording of a newer console may have commands that are not known here. */
export function isCommandOf<A extends CommandArea>(
	command: Command,
	...areas: readonly A[]
): command is CommandOf<A> {
	const [area] = command.split('.');
	return areas.some(one => one === area);
}

export type Intent =
	/**
	 * `question`: the one that was on the screen when the key was pressed; `page`: how many lines the screen shows; `end`: how
	 * far down what is shown can be moved.
	 */
	| {type: 'command'; command: Command; question?: number; page?: number; end?: number}
	/** Text for the field that has the focus; one character when typed, more when pasted. */
	| {type: 'typed'; text: string};

type Unstamped<T> = T extends {at: number} ? Omit<T, 'at'> : never;

/** An answer; the runtime knows when it came. */
export type Reported = Unstamped<Answer>;

/** What performers report about effects. */
export type Report =
	| {type: 'operation.report'; run: number; answer: Reported}
	/** The dynamic configuration as the operator left it in the editor: a merge patch, and the difference as people read it. */
	| {
			type: 'config.edited';
			/** Of the key in etcd, as the editor was opened, and the generation of its store; older consoles did not know of stores. */
			revision: number | undefined;
			store?: number;
			patch: {readonly [key: string]: Json};
			difference: readonly string[];
	  }
	/** A search in the logs continues. */
	| {type: 'logs.seek'}
	/** This session is being written down from here on. */
	| {type: 'recording.begun'; file: string}
	/** No more of it is written down. */
	| {type: 'recording.ended'}
	/** Something that the operator should know and that is no fact of the cluster. */
	| {type: 'notice'; text: string; tone: 'dim' | 'warn'};

/** The clock, once a second, so that ages on the screen move and replay exactly. */
export type Tick = {type: 'tick'};

/**
 * This program itself did not run for so many ms, until now: all of it, or the thread of the probe of this port. `brief`: the sum
 * of what was lost since the last tick in pieces that are each too short to be reported.
 */
export type Stalled = {type: 'console.stalled'; milliseconds: number; port?: number; brief?: true};

/**
 * This machine's clock was set by so many ms, back where negative; times of this session are now `aheadMs` ahead of it, since
 * they never go back.
 */
export type ClockSet = {type: 'clock.set'; milliseconds: number; aheadMs: number};

export type Event = Fact | Intent | Report | DrillEvent | Tick | Stalled | ClockSet;

/** An event with the moment (Unix milliseconds) at which the runtime took it in. */
export type Stamped = {at: number; event: Event};
