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
	/** At the end of a write outage: how long it was, ms. */
	outage?: number;
};
