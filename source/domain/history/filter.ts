/**
 * An extended regular expression for the node: of the lines of Patroni and PostgreSQL nearly all that count as last words have one
 * of these words, and few others. It has no character that a shell expands.
 */
export const wordsFilter = [
	// A decision, or a reason for it.
	'I am [(]',
	'leader (lock|key)',
	'(session|TTL|initialize) lock',
	'(demot|promot)(ed|ing) self',
	'Demoting',
	'demoting myself',
	'primary',
	'Primary',
	'healthiest|healthy enough',
	'not allowed to',
	'DCS|No more machines|waiting on etcd|lease',
	'in progress',
	'pg_rewind|rewind from|to rewind|for rewind|in_recovery',
	'bootstrap',
	'(wal|WAL) position|maximum replication lag|wal_position',
	'timeline',
	'atchdog',
	'is not running',
	'(starting|started) as',
	'still starting|Still starting|Timed out waiting',
	'starting (after|primary)|restarting after|crash recovery',
	'stopped PostgreSQL|Postgres|start postgres',
	'failover|switchover|Failover|Switchover',
	'reinitiali',
	'data dir|system ID',
	'logical slots|restart initiated',
	'pre.promote|Postponing promotion|leader race',
	'equally tolerable|Quorum requirement|Member .* is not',
	'fetching backup|creating replica',
	'Loop time|already a node named',
	'Unexpected exception|standby leader|before promote',
	// Of PostgreSQL.
	'FATAL|PANIC',
	'No space left|quota exceeded',
	'has already been removed',
	'streaming (WAL )?(from|at)|WAL streaming at',
	'forked off|is not a child',
].join('|');
