/** Fields of Patroni 3.0 to 4.1 that are not read, each with why: what is in neither list is new, and fails a test. */

export const unreadStatus: Readonly<Record<string, string>> = {
	latest_end_lsn: 'received_location says as much',
	pending_restart_reason: "the member's key says it, too",
	'replication.sync_priority': 'sync_state says what comes of it',
};

export const unreadStatusKey: Readonly<Record<string, string>> = {
	retain_slots: 'slots of members that are gone, kept for member_slots_ttl',
};

export const unreadMember: Readonly<Record<string, string>> = {
	proxy_url: 'for clients of Patroni that go through a pooler',
};

export const unreadConfig: Readonly<Record<string, string>> = {
	ignore_slots: 'says nothing of who may lead',
	max_timelines_history: 'bounds the key history alone',
	member_slots_ttl: 'how long the slot of a lost member is kept; what a slot holds is a finding',
	permanent_replication_slots: 'the old name of slots',
	permanent_slots: 'the old name of slots',
	postgresql: "PostgreSQL's own settings: shown by the editor of the configuration",
	slots: 'permanent slots; what a slot holds is a finding',
	synchronous_node_count: 'the sync key says who is synchronous',
};
