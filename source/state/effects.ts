/** All effects: what `update` wants done outside of the state, as data. */
import type {Drill, DrillKind, Prepared} from '../domain/drill/types.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import type {AuditRecord} from '../domain/operations/run.ts';
import type {Request} from '../domain/operations/types.ts';

export type Effect =
	/** End the program, leaving the terminal as it was. */
	| {type: 'quit'}
	/** Poll every source now. */
	| {type: 'refresh'}
	/** Begin to write this session down, or end it. */
	| {type: 'record'; on: boolean}
	/** Draw the whole screen again, over what another program wrote. */
	| {type: 'redraw'}
	/** Give the terminal to the shell until it brings the console back. */
	| {type: 'suspend'}
	/** Send this, once; what comes of it is reported under the run's number. */
	| {type: 'operation.send'; run: number; request: Request}
	/** Yield, then continue the search in the logs. */
	| {type: 'logs.seek'}
	/** Write these lines to a file. */
	| {type: 'logs.write'; lines: readonly LogLine[]}
	/** Into the terminal's clipboard. */
	| {type: 'copy'; text: string}
	/** Prepare what the answer to this question would begin. */
	| {type: 'drill.prepare'; question: number; kind: DrillKind}
	/** Record it, check redundancy, report that it has begun, and measure it to its end. */
	| {type: 'drill.begin'; drill: Drill; prepared: Prepared; reason: string}
	/** Abort it. */
	| {type: 'drill.stop'}
	/** Append to the audit log. */
	| {type: 'audit'; record: AuditRecord}
	/** Read the dynamic configuration at `url` and let the operator edit it; `revision` is that of its key in etcd's `store`. */
	| {type: 'config.edit'; url: string; revision: number | undefined; store: number};
