/**
 * The schema of `--once --json`, version 2, for scripts; within a version fields are added, never changed in meaning.
 */
import * as z from 'zod';
import {storeKinds} from '../domain/target.ts';
import {filesystem, haproxy, probe, service, vip} from './path-schema.ts';
import {postgresSchema} from './postgres.ts';
import {lossSchema, takeoverSchema} from './takeover.ts';

const verdict = z.enum(['healthy', 'degraded', 'critical', 'unknown']);
const severity = z
	.enum(['degraded', 'critical', 'unknown', 'notice'])
	.describe('notice: worth knowing, and no reason to call the cluster anything but healthy');
const count = z.int().min(0);
const bytes = count.describe('bytes');

const evidence = z.object({
	text: z.string(),
	source: z.string().nullable().describe('null where no source has reported yet'),
	at: z.string().nullable().describe('when it was last reported, ISO 8601 in UTC'),
	fresh: z.boolean().describe('the source was fresh at that moment; false: this is the last it reported'),
});

const finding = z.object({
	id: z.string().describe('of the kind: `vip.two`; the same in all versions of pgha-top'),
	key: z.string().describe('of this finding: the same as long as it lasts'),
	cause: z
		.string()
		.nullable()
		.describe(
			'`key` of the root that it follows from; null: a root, which has the worst severity of its consequences',
		),
	severity,
	text: z.string(),
	about: z.string().nullable().describe('the member or node that it concerns'),
	evidence: z.array(evidence),
	clients: z.string().describe('what it means for clients'),
	remedy: z.string().describe('what to do'),
});

const scheduledSwitchover = z.object({
	at: z.string().describe('ISO 8601 with zone, as Patroni keeps it'),
	from: z.string().nullable(),
	to: z.string().nullable(),
});

const leader = z.object({
	member: z.string(),
	create_revision: count,
	lease_ttl: z.int().nullable().describe('seconds left; null when the lease is not read now'),
	lease_granted_ttl: count.nullable().describe('seconds'),
});

const member = z.object({
	name: z.string(),
	host: z.string().nullable(),
	port: count.nullable(),
	role: z.enum(['leader', 'standby_leader', 'sync_standby', 'quorum_standby', 'replica']),
	role_from: z.enum(['dcs', 'rest']).describe('the source of it: rest only while the DCS could not be read'),
	role_is_now: z.boolean().optional().describe('false: the role is the last that was read'),
	state: z.string().describe("Patroni's word, or `gone` when the member has no key and does not answer"),
	state_from: z.enum(['dcs', 'rest']),
	state_is_now: z
		.boolean()
		.optional()
		.describe(
			'the member itself confirms its state now, or the DCS that it is `gone`; false: as once published',
		),
	timeline: count.nullable(),
	timeline_is_now: z
		.boolean()
		.optional()
		.describe('the member itself confirms it now; false: as once published'),
	lag: z
		.union([bytes, z.literal('unknown')])
		.nullable()
		.describe('bytes; null on the leader'),
	lag_is_now: z
		.boolean()
		.optional()
		.describe('the lag is of this moment; false: it is not known, or the last that was seen'),
	pending_restart: z.boolean(),
	pending_restart_is_now: z
		.boolean()
		.optional()
		.describe(
			'the member itself confirms it, its reason and a scheduled restart now; false: as once published',
		),
	pending_restart_reason: z
		.record(z.string(), z.object({old: z.string(), new: z.string()}))
		.describe('by parameter, from Patroni 3.3'),
	scheduled_restart: z.string().nullable(),
	tags: z.record(z.string(), z.string()),
	postgresql: z.string().nullable().describe('null while the member itself does not answer'),
	patroni: z.string().nullable().describe('as above'),
	takeover: takeoverSchema.optional(),
	witnesses: z
		.object({etcd: z.boolean(), rest: z.boolean()})
		.describe(
			'which sources were fresh for this row at that moment; etcd is false where the members are followed by REST',
		),
});

const etcdMember = z.object({
	name: z.string(),
	endpoint: z.string().nullable(),
	answers: z.boolean(),
	reads_linearizably: z.boolean().describe('it served a linearizable read just now: part of a quorum'),
	quorum_contact: z
		.enum(['yes', 'no', 'unknown'])
		.optional()
		.describe('no: it answers and has no raft leader; unknown: neither is proven'),
	raft_leader: z.boolean().describe('it answers, and leads'),
	version: z.string().nullable().describe('null while it does not answer'),
	db_size: bytes.nullable().describe('bytes; null while it does not answer'),
});

export const foundSchema = z
	.object({
		values: z.array(
			z.object({
				setting: z.string().describe("as in pgha-top's own file: `haproxy.ports.primary`"),
				value: z.string(),
				from: z.string().describe('`NODE:FILE:LINE`'),
				why: z.string(),
			}),
		),
		remarks: z.array(z.string()).describe('a file that was not read, and why; what else is to be set'),
	})
	.describe("settings that are not configured, and that the nodes' own files gave");

export const snapshotSchema = z.object({
	version: z.literal(2),
	at: z.string().describe('when the snapshot was taken, ISO 8601 in UTC'),
	scope: z.string(),
	namespace: z.string(),
	profile: z
		.string()
		.nullable()
		.optional()
		.describe('the profile that was chosen (`-p`, `PGHA_TOP_PROFILE`); null without one'),
	system_id: z
		.string()
		.nullable()
		.describe("PostgreSQL's system identifier, from the key initialize; null with store.read false"),
	verdict: verdict.describe('the worst finding; the exit code follows it'),
	findings: z.array(finding).describe('worst first'),
	warnings: z
		.array(z.string())
		.describe(
			'what the configuration turned off that makes this less trustworthy, such as TLS verification, and what Patroni reads in another way than it is written',
		),
	found: foundSchema,
	pause: z.boolean().nullable().describe('null where the dynamic configuration is not read now'),
	scheduled_switchover: scheduledSwitchover
		.nullable()
		.describe(
			'from the key failover; null when there is none or, with store.read false, when it is not known',
		),
	leader: leader
		.nullable()
		.describe('the leader; null when there is none or, with store.read false, when it is not known'),
	members: z
		.array(member)
		.describe('with store.read false: those that were last known, with the address and tags that they had'),
	sync: z.object({
		standbys: z.array(z.string()),
		is_now: z.boolean().optional().describe('false: as the key sync was last read'),
	}),
	store: z
		.object({
			kind: z.enum(storeKinds).nullable().describe("Patroni's DCS; null where it is not configured here"),
			through: z
				.enum(['etcd', 'rest'])
				.describe("etcd: its keys are read; rest: the members are followed by Patroni's REST API alone"),
			read: z.boolean().describe('leader and members are known now, in either way'),
			beliefs: z
				.array(
					z.object({
						member: z.string().nullable().describe('null for an address that no member publishes'),
						address: z.string(),
						leader: z.string().nullable().describe('the leader, as this member last read it'),
						at: z.string().nullable().describe('when it said so, ISO 8601 in UTC'),
						fresh: z.boolean(),
						dcs: z
							.enum(['reached', 'lost', 'unknown'])
							.describe('whether it reaches the DCS, by dcs_last_seen'),
						dcs_silent_ms: z.number().nullable(),
						timeline: count.nullable().describe('by its own answer; null while it does not answer'),
					}),
				)
				.describe('by REST: what each member believes; empty for etcd'),
		})
		.optional()
		.describe('the store, and how it is seen'),
	etcd: z.object({
		read: z
			.boolean()
			.describe(
				'etcd was read by a linearizable read; where false, all values of etcd are old or missing; false by REST',
			),
		revision: count.nullable(),
		quorum: z.object({
			voters: count,
			healthy: count,
			needed: count,
			unseen: count.optional().describe('voters that are not watched, and may be up'),
			state: z
				.enum(['held', 'lost', 'unknown'])
				.optional()
				.describe(
					'held: a linearizable read was served; lost: too few voters may be part of a quorum; unknown: neither is proven',
				),
		}),
		members: z.array(etcdMember),
	}),
	vip: vip.nullable().describe('the first of `vips`; null when no VIP is configured'),
	vips: z.array(vip).describe('all configured VIPs'),
	haproxy: z.array(haproxy).describe('of each HAProxy whose statistics were read'),
	services: z.array(service).describe('as systemd reports, on the nodes that were reached over SSH'),
	filesystems: z.array(filesystem).describe('on those nodes'),
	postgresql: z
		.array(postgresSchema)
		.optional()
		.describe(
			'what each member says by SQL, of those that answer now; empty where `monitor` is not configured',
		),
	losses: z
		.array(lossSchema)
		.nullable()
		.optional()
		.describe(
			'what each change of leader has cost that this process saw, so with `--once` one that happens while it runs; `--watch` polls etcd, and proves less than the screen: more is `unknown`; the last 20, the newest last; null where changes are not followed',
		),
	probes: z.array(probe).describe("the client's path, where a probe is configured"),
	lost: z.array(z.object({source: z.string(), reason: z.string()})).describe('lost sources, and why'),
});

export type Snapshot = z.infer<typeof snapshotSchema>;

/** As JSON Schema (draft 2020-12). */
export function snapshotJsonSchema(): unknown {
	return {title: 'pgha-top --once --json', ...z.toJSONSchema(snapshotSchema)};
}
