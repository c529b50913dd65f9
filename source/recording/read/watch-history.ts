/** What a watch on this machine has recorded of a cluster: for a console that starts beside it. */
import type {Entry} from '../../domain/facts.ts';
import type {ClusterIdentity} from '../../domain/target.ts';
import {errorCode} from '../../lib/faults.ts';
import type {State} from '../../state/state.ts';
import {RecordingError} from '../schema.ts';
import {findWatchOf, watchFolders} from '../watch-folders.ts';
import type {WatchState} from '../watch-lock.ts';
import {LiveRecording} from './live-recording.ts';

export type WatchHistory = {
	/** With the files. */
	folder: string;
	/** Whether the watch runs. */
	watch: WatchState;
	/** Timeline entries since then, the oldest first. */
	entries: readonly Entry[];
	/** Begin of what is recorded without a gap up to `until`, by one session; not before `since`. Unix ms. */
	from: number;
	/** Time of the last event, Unix ms: what happened later is not in it. */
	until: number;
	/** The watch's state at that time: since when each finding holds, each source is seen, and the leader leads. */
	state: State;
};

export type HistoryOptions = {
	/** Unix ms. */
	sinceMs: number;
	/** Folders to look in; default: those of this user and of the service. */
	folders?: readonly string[];
	/** Files to read at most, the latest ones. */
	filesMax?: number;
};

/**
 * The recent history of a cluster, from the watch that runs, or ran last, on this machine. Undefined if there is none, it cannot be
 * read, or it has nothing of that time.
 */
export async function recentHistory(
	cluster: ClusterIdentity,
	{sinceMs, folders = watchFolders(), filesMax = 3}: HistoryOptions,
): Promise<WatchHistory | undefined> {
	const found = await findWatchOf(cluster, folders);
	if (found === undefined) {
		return undefined;
	}

	try {
		const recording = await LiveRecording.open(found.folder, filesMax - 1);
		try {
			return recording.endedAt < sinceMs
				? undefined
				: {...historyIn(recording, sinceMs), folder: found.folder, watch: found.state};
		} finally {
			recording.close();
		}
	} catch (error) {
		// Its files may go, or not be readable, at any moment.
		if (error instanceof RecordingError || errorCode(error) !== undefined) {
			return undefined;
		}

		throw error;
	}
}

function historyIn(
	recording: LiveRecording,
	sinceMs: number,
): Pick<WatchHistory, 'entries' | 'from' | 'until' | 'state'> {
	const {places} = recording;
	const last = recording.segment(places.length - 1);
	const state = last.events.reduce((before, stamped) => recording.apply(before, stamped), last.state);
	const session = places.findLastIndex(({isNewSession}) => isNewSession === true);
	const begin = places[Math.max(0, session)]?.at ?? recording.endedAt;
	const marks = recording.marks.filter(({at}) => at >= sinceMs);
	// Those of the last moments, which no file lists yet.
	const known = new Set(marks.map(keyOfEntry));
	const later = state.timeline.filter(entry => entry.at >= sinceMs && !known.has(keyOfEntry(entry)));
	return {
		entries: [...marks, ...later].sort((a, b) => a.at - b.at),
		from: Math.max(begin, sinceMs),
		until: recording.endedAt,
		state,
	};
}

function keyOfEntry({at, text}: Entry): string {
	return `${at} ${text}`;
}
