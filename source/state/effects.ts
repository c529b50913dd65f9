/** All effects: actions outside the state that `update` requests, as data. */
import type {Drill, DrillKind, Prepared} from '../domain/drill/types.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import type {Acknowledgement} from '../domain/operations/acknowledgement.ts';
import type {AuditRecord} from '../domain/operations/run.ts';
import type {Request} from '../domain/operations/types.ts';

export type Effect =
	/** End the program and restore the terminal. */
	| {type: 'quit'}
	/** Poll every source now. */
	| {type: 'refresh'}
	/** Start or end recording this session. */
	| {type: 'record'; on: boolean}
	/** Redraw the whole screen after another program wrote to it. */
	| {type: 'redraw'}
	/** Suspend the program until the shell resumes it. */
	| {type: 'suspend'}
	/** Send the request once; its answer is reported under the run's number. */
	| {type: 'operation.send'; run: number; request: Request}
	/** Yield to other events, then continue the log search. */
	| {type: 'logs.seek'}
	/** Write these log lines to a file. */
	| {type: 'logs.write'; lines: readonly LogLine[]}
	/** Copy the selected row, or the screen, to the terminal's clipboard. */
	| {type: 'screen.copy'; what: 'row' | 'screen'}
	/** Write the screen to a new file. */
	| {type: 'screen.write'}
	/** Copy to the terminal's clipboard. */
	| {type: 'copy'; text: string}
	/** Prepare the drill of this question. */
	| {type: 'drill.prepare'; question: number; kind: DrillKind}
	/** Record the drill, check redundancy, report its start, and measure until its end. */
	| {type: 'drill.begin'; drill: Drill; prepared: Prepared; reason: string}
	/** Abort the drill. */
	| {type: 'drill.stop'}
	/** Append to the audit log. */
	| {type: 'audit'; record: AuditRecord}
	/** The same, of an operator's note. */
	| {type: 'acknowledgement'; record: Acknowledgement}
	/** Read the dynamic configuration at `url` and open it in the editor. `revision`: the key's, in etcd's `store`. */
	| {type: 'config.edit'; url: string; revision: number | undefined; store: number};
