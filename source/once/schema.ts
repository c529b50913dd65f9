/** The shape of `--once --json`, version 1: what scripts may rely on; fields are added, never changed in meaning, within a version. */
import * as z from 'zod';

const verdict = z.enum(['healthy', 'degraded', 'critical', 'unknown']);
const severity = z.enum(['degraded', 'critical', 'unknown']);
const count = z.int().min(0);
const bytes = count.describe('bytes');

const finding = z.object({
	severity,
	text: z.string(),
	about: z.string().nullable().describe('the member or node that it concerns'),
});

const scheduledSwitchover = z.object({
	at: z.string().describe('ISO 8601 with zone, as Patroni keeps it'),
	from: z.string().nullable(),
	to: z.string().nullable(),
});

const leader = z.object({
	member: z.string(),
	create_revision: count,
	lease_ttl: z.int().nullable().describe('seconds left; null when the lease could not be read'),
	lease_granted_ttl: count.nullable().describe('seconds'),
});

const member = z.object({
	name: z.string(),
	host: z.string().nullable(),
	port: count.nullable(),
	role: z.enum(['leader', 'standby_leader', 'sync_standby', 'quorum_standby', 'replica']),
	role_from: z.enum(['dcs', 'rest']).describe('who says so: rest only while the DCS could not be read'),
	state: z.string().describe("Patroni's word, or `gone` when the member has no key and does not answer"),
	state_from: z.enum(['dcs', 'rest']),
	timeline: count.nullable(),
	lag: z
		.union([bytes, z.literal('unknown')])
		.nullable()
		.describe('bytes; null on the leader'),
	pending_restart: z.boolean(),
	pending_restart_reason: z
		.record(z.string(), z.object({old: z.string(), new: z.string()}))
		.describe('by parameter, from Patroni 3.3'),
	scheduled_restart: z.string().nullable(),
	tags: z.record(z.string(), z.string()),
	postgresql: z.string().nullable(),
	patroni: z.string().nullable(),
	witnesses: z
		.object({etcd: z.boolean(), rest: z.boolean()})
		.describe('who vouched for this row at that moment'),
});

const etcdMember = z.object({
	name: z.string(),
	endpoint: z.string().nullable(),
	answers: z.boolean(),
	reads_linearizably: z.boolean().describe('in touch with a quorum'),
	raft_leader: z.boolean(),
	version: z.string().nullable(),
	db_size: bytes.nullable(),
});

export const snapshotSchema = z.object({
	version: z.literal(1),
	at: z.string().describe('when the snapshot was taken, ISO 8601 in UTC'),
	scope: z.string(),
	namespace: z.string(),
	system_id: z.string().nullable().describe("PostgreSQL's system identifier, out of the key initialize"),
	verdict: verdict.describe('the worst finding; the exit code follows it'),
	findings: z.array(finding).describe('worst first'),
	warnings: z
		.array(z.string())
		.describe('what the configuration turned off that makes this less trustworthy, such as TLS verification'),
	pause: z.boolean().nullable().describe('null where the dynamic configuration could not be read'),
	scheduled_switchover: scheduledSwitchover.nullable().describe('out of the key failover'),
	leader: leader
		.nullable()
		.describe('the leader key; null when it is not there or, with etcd.read false, when nobody can tell'),
	members: z.array(member),
	sync: z.object({standbys: z.array(z.string())}),
	etcd: z.object({
		read: z
			.boolean()
			.describe('the DCS was read by a linearizable read; where false, all that etcd said is old or missing'),
		revision: count.nullable(),
		quorum: z.object({voters: count, healthy: count, needed: count}),
		members: z.array(etcdMember),
	}),
	vip: z
		.object({
			address: z.string(),
			holder: z.string().nullable().describe('null when nobody in sight holds it, or more than one'),
			holders: z.array(z.string()),
			out_of_sight: z.array(z.string()).describe('nodes that could hold it unseen'),
		})
		.nullable()
		.describe('null when no VIP is configured'),
	lost: z
		.array(z.object({source: z.string(), reason: z.string()}))
		.describe('sources that did not see, and why'),
});

export type Snapshot = z.infer<typeof snapshotSchema>;

/** As JSON Schema (draft 2020-12). */
export function snapshotJsonSchema(): unknown {
	return {title: 'pgha-top --once --json', ...z.toJSONSchema(snapshotSchema)};
}
