/** What one member says of the whole cluster over REST: GET /cluster, /config and /history. */

import type {DynamicConfig, HistoryLine, MemberKey} from './dcs.ts';

/** A member in GET /cluster. `data`: what the answer has of the member's key in the DCS. */
export type ListedMember = {
	name: string;
	/** `leader`, `standby_leader`, `sync_standby`, `quorum_standby`, `replica`; other values are possible. */
	role: string;
	data: MemberKey;
};

/** GET /cluster: the DCS as the answering member last read it, at most one loop ago while it reaches the DCS. */
export type ClusterView = {
	members: readonly ListedMember[];
	pause: boolean;
	/** `at`: ISO 8601 with zone. A switchover that is not scheduled is not shown. */
	scheduled: {at: string; from: string | undefined; to: string | undefined} | undefined;
};

/** What is read less often than GET /cluster, and when, Unix ms. */
export type ViewedExtras = {
	/** GET /config */
	config?: DynamicConfig | undefined;
	/** GET /history */
	history?: readonly HistoryLine[] | undefined;
};

/** The member that the view names as leader, the holder of the leader key. */
export function leaderIn({members}: ClusterView): string | undefined {
	return members.find(({role}) => role === 'leader' || role === 'standby_leader')?.name;
}

/** `http://10.73.0.160:8008` of any URL there; undefined if it is not a URL. */
export function originOf(url: string | undefined): string | undefined {
	const parsed = url === undefined ? null : URL.parse(url);
	if (parsed === null) {
		return undefined;
	}

	const port = parsed.port || (parsed.protocol === 'https:' ? '443' : '80');
	return `${parsed.protocol}//${parsed.hostname}:${port}`;
}
