/** The schema of what `--once --json` says of the nodes and of the client's path. */
import * as z from 'zod';
import {serviceIds} from '../domain/cluster/services.ts';

const count = z.int().min(0);
const bytes = count.describe('bytes');

const route = z.array(z.string()).nullable();

export const vip = z.object({
	address: z.string(),
	manager: z.enum(['keepalived', 'vip-manager', 'other']).describe('what moves it'),
	follows: z.enum(['leader', 'none']).describe('leader: it must be on the node of the leader'),
	holder: z.string().nullable().describe('null when no watched node holds it, or more than one'),
	holders: z.array(z.string()),
	state: z
		.enum(['held', 'two', 'none', 'elsewhere', 'unknown'])
		.describe(
			'elsewhere: on none of the watched nodes, but another machine may hold it; unknown: a node that cannot be seen may hold it',
		),
	reason: z.string().nullable().describe('of elsewhere'),
	out_of_sight: z.array(z.string()).describe('nodes that may hold it and cannot be seen'),
});

export const haproxy = z.object({
	node: z.string(),
	primary: route.describe(
		'writers: the members that they are sent to; `SERVER (unknown)` where it is not known which one a server is; null where their backend is not known',
	),
	replicas: route.describe('readers: as above'),
	synchronous: route.describe('readers of synchronous standbys: as above'),
	asynchronous: route.describe('readers of asynchronous replicas: as above'),
	servers: z.array(
		z.object({
			backend: z.string(),
			server: z.string(),
			address: z.string().nullable().describe('null where the statistics do not show it'),
			member: z.string().nullable().describe('null where it is not known which one it is'),
			status: z.string(),
			up: z.boolean(),
			check_status: z.string(),
			check_code: z.int().nullable(),
			last_change: count.nullable().describe('seconds ago'),
			sessions: count.nullable(),
		}),
	),
});

export const service = z.object({
	node: z.string(),
	service: z.enum(serviceIds),
	unit: z.string(),
	load: z.string(),
	active: z.string(),
	sub: z.string(),
	since: z.string().nullable().describe("ISO 8601 in UTC, by the node's clock"),
});

export const filesystem = z.object({
	node: z.string(),
	mount: z.string(),
	holds: z.array(z.enum(['postgresql', 'etcd', 'root'])),
	size: bytes,
	used_percent: count,
	read_only: z.boolean(),
});

export const probe = z.object({
	port: count,
	purpose: z.enum(['write', 'read']),
	ok: z.boolean(),
	server: z.string().nullable().describe('null while it fails, as are the next three'),
	in_recovery: z.boolean().nullable(),
	latency: z.number().nullable().describe('milliseconds'),
	wrote: z
		.boolean()
		.nullable()
		.describe('a durable write was acknowledged, and not only a question answered'),
	reason: z.string().nullable().describe('why it fails'),
});
