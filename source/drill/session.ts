/** A console without a screen, for as long as a drill lasts: sources, operations and the recording are those of the console. */
import {randomUUID} from 'node:crypto';
import path from 'node:path';
import type {Config} from '../config/config.ts';
import {targetOf} from '../config/target.ts';
import {lastingConnections} from '../connections/connections.ts';
import type {Observations} from '../domain/drill/observations.ts';
import {auditFile, whoIsThere} from '../effects/audit-log.ts';
import {Performer} from '../effects/performer.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {defaultFile, SessionRecorder} from '../recording/write/session-recorder.ts';
import {Runtime} from '../runtime.ts';
import {Sources} from '../sources/manager.ts';
import {initialState} from '../state/state.ts';
import {leave} from '../state/update/send.ts';
import {ObservationRecorder} from './taking.ts';

export type SessionOptions = {
	/** Of pgha-top. */
	program: string;
	printedConfig: () => string;
	/** Undefined: beside the others. */
	file: string | undefined;
	logs: boolean;
	reason: string | undefined;
	kind: string;
	/** Somebody is there to answer ssh's questions. */
	attended: boolean;
	onFault: (error: unknown) => void;
};

export type DrillSession = {
	runtime: Runtime;
	tracks: Observations;
	config: Config;
	recording: string;
	/** Resolves when the recording is closed and all is let go of. */
	close: () => Promise<void>;
};

/** The probe writes, whatever the configuration says: what is measured is the time without writes. */
export function drillConfig(config: Config): Config {
	const {probe} = config;
	return probe === undefined
		? config
		: {
				...config,
				probe: {
					...probe,
					write: true,
					drill: true,
					...(probe.table === undefined ? {} : {rows: {table: probe.table, drill: randomUUID()}}),
				},
			};
}

/** @throws RecordingError where the recording can't be made */
export async function openSession(config: Config, options: SessionOptions): Promise<DrillSession> {
	const {onFault, attended} = options;
	const taking = new ObservationRecorder();
	let hands: Performer | undefined;
	const runtime: Runtime = new Runtime({
		state: initialState(targetOf(config), sessionClock.now()),
		now: sessionClock.now,
		takeSet: sessionClock.takeSet,
		perform(effect) {
			hands?.perform(effect);
		},
		record(stamped, before) {
			recordings.take(stamped, before);
			taking.take(stamped, before);
		},
	});
	runtime.subscribe(taking.told);
	const folder = path.join(path.dirname(auditFile()), 'recordings');
	const recordings = new SessionRecorder({
		program: options.program,
		config: options.printedConfig,
		who: whoIsThere(),
		reason: options.reason,
		logs: options.logs,
		folder,
		state: () => runtime.state,
		dispatch: runtime.dispatch,
		now: Date.now,
	});
	const recording =
		options.file ?? (await defaultFile(folder, config.scope, new Date(), `-drill-${options.kind}`));
	await recordings.begin(recording);
	// Nobody there: what would have to be asked is not.
	const lend = async (task: () => Promise<void>) => (attended ? task() : undefined);
	const connections = await lastingConnections(config, lend);
	const sources = new Sources(config, runtime.dispatch, onFault, connections);
	hands = new Performer({config, ssh: connections.ssh, dispatch: runtime.dispatch, lend, onFault});
	runtime.subscribe(state => {
		sources.follow(state);
	});
	sources.follow(runtime.state);
	return {
		runtime,
		tracks: taking.tracks,
		config,
		recording,
		async close() {
			for (const effect of leave(runtime.state)) {
				hands?.perform(effect);
			}

			await hands?.close();
			await recordings.end();
			await sources.close();
		},
	};
}
