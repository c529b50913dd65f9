/**
 * What a recording holds: NDJSON, first the header, then segments of a snapshot and the events that came after it, and at a
 * clean end an index. Compressed, each of these is a member (gzip) or frame (zstd) of its own: the file is an ordinary one for zcat.
 */
import type {Stamped} from '../domain/events.ts';
import type {Target} from '../domain/target.ts';
import type {Entry} from '../domain/timeline/entry.ts';

/** Another number is another format; a reader refuses what is newer than itself. */
export const formatVersion = 1;

export type Header = {
	recording: 'pgha-top';
	version: typeof formatVersion;
	/** Of pgha-top. */
	program: string;
	/** When it was begun, Unix ms, and the zone that the operator's clock was in. */
	startedAt: number;
	timeZone: string;
	scope: string;
	target: Target;
	/** As `--print-config` shows it: where each value was given, no secrets. */
	config: string;
	versions: Versions;
	who: RecordedBy;
	/** The operator's own words; undefined for none. */
	reason: string | undefined;
	/** The lines of the logs are in it, too. */
	logs: boolean;
};

/** As far as they were known; several where members differ. */
export type Versions = {
	node: string;
	patroni: readonly string[];
	postgresql: readonly string[];
	etcd: readonly string[];
};

export type RecordedBy = {user: string; host: string};

/** The first line of a segment: the state before the events behind it. */
export type SnapshotLine = {segment: number; at: number; state: unknown};

export type EventLine = Stamped;

/** The last line of a recording that was closed. */
export type IndexLine = {
	index: {
		segments: readonly SegmentPlace[];
		/** The timeline's entries meanwhile. */
		marks: readonly Entry[];
		/** Of the last event. */
		endedAt: number;
		events: number;
	};
};

export type SegmentPlace = {
	/** Time of its snapshot, Unix ms. */
	at: number;
	/** Where it begins in the file: bytes, and lines from 1 on. */
	offset: number;
	line: number;
	/** How many events are before it. */
	events: number;
};

export type Compression = 'none' | 'gzip' | 'zstd';

/** Writing follows the file's name, reading its first bytes. */
export function compressionFor(file: string): Compression {
	return file.endsWith('.gz') ? 'gzip' : /\.zstd?$/.test(file) ? 'zstd' : 'none';
}

export class RecordingError extends Error {
	override name = 'RecordingError';
}
