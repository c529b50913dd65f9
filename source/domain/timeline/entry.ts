/** One line of the timeline: something that happened, and when. */

export type EntryKind =
	| 'leader'
	| 'vip'
	| 'member'
	| 'timeline'
	| 'sync'
	| 'etcd'
	| 'operation'
	| 'drill'
	| 'sight'
	| 'path'
	| 'service';

export type Entry = {
	/** Unix ms. */
	at: number;
	kind: EntryKind;
	/** `better` and `worse` as seen from a healthy cluster; `news` for what is neither. */
	turn: 'better' | 'worse' | 'news';
	text: string;
	/** How long clients had no acknowledgement, ms: where this is the end of such a time. */
	outage?: number;
};
