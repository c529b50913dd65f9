/**
 * What a recording must hold to be played: the header, the cluster of a snapshot, and each event. Fields that came with later
 * versions are optional; what a line has beside these is left alone.
 */
import * as z from 'zod';
import {serviceIds} from '../domain/cluster/services.ts';

/** Unix ms that a date can be made of. */
const time = z.number().min(-8.64e15).max(8.64e15);
const text = z.string();
const maybeText = text.optional();
const maybeNumber = z.number().optional();
const yes = z.boolean();
const texts = z.array(text);
/** By names from outside: `z.record` would leave out `__proto__`. */
const named = <T>(one: z.ZodType<T>) =>
	z.custom<object>(
		value =>
			typeof value === 'object' &&
			value !== null &&
			!Array.isArray(value) &&
			Object.values(value).every(inner => one.safeParse(inner).success),
	);

const services = z.enum(serviceIds);
const address = z.object({ip: text, interface: text});

const target = z.object({
	scope: text,
	namespace: text,
	vip: maybeText,
	endpoints: texts,
	nodes: z.array(z.object({name: text, host: text, roles: z.array(z.enum(['database', 'etcd']))})),
	operations: z.enum(['enabled', 'dry-run', 'disabled']),
	restUser: yes,
	haproxy: z.object({backends: named(text)}).optional(),
	probe: z.object({host: text, ports: named(z.number()), write: yes}).optional(),
	warnings: texts,
	logs: named(z.array(z.object({name: text}))),
	logBounds: z.object({lines: z.number(), bytes: z.number()}),
	units: named(text),
});

const header = z.object({
	recording: z.literal('pgha-top'),
	version: z.number(),
	program: text,
	startedAt: time,
	timeZone: text,
	scope: text,
	target,
	config: text,
	versions: z.object({node: text, patroni: texts, postgresql: texts, etcd: texts}),
	who: z.object({user: text, host: text}),
	reason: maybeText,
	logs: yes,
});

const member = z.object({
	host: maybeText,
	port: maybeNumber,
	apiUrl: maybeText,
	state: text,
	role: text,
	version: maybeText,
	timeline: maybeNumber,
	location: maybeNumber,
	replicationState: maybeText,
	pendingRestart: yes,
	pendingRestartReason: named(z.tuple([text, text])),
	scheduledRestart: maybeText,
	tags: named(text),
	pause: yes,
});

const dcsValue = z.discriminatedUnion('kind', [
	z.object({kind: z.literal('leader'), member: text}),
	z.object({kind: z.literal('member'), name: text, data: member}),
	z.object({kind: z.literal('status'), optime: maybeNumber, slots: named(z.number())}),
	z.object({kind: z.literal('sync'), leader: maybeText, standbys: texts, quorum: z.number()}),
	z.object({
		kind: z.literal('config'),
		config: z.object({
			ttl: maybeNumber,
			loopWait: maybeNumber,
			retryTimeout: maybeNumber,
			maximumLagOnFailover: maybeNumber,
			synchronousMode: z.enum(['off', 'on', 'quorum']),
			pause: yes,
			standbyCluster: yes,
		}),
	}),
	z.object({
		kind: z.literal('history'),
		lines: z.array(
			z.object({
				timeline: z.number(),
				location: z.number(),
				reason: text,
				at: maybeText,
				leader: maybeText,
			}),
		),
	}),
	z.object({kind: z.literal('initialize'), systemId: text}),
	z.object({kind: z.literal('failover'), leader: maybeText, candidate: maybeText, scheduledAt: maybeText}),
	z.object({kind: z.literal('other'), problem: maybeText}),
]);

const entry = z.object({
	path: text,
	value: dcsValue,
	createRevision: z.number(),
	modRevision: z.number(),
	lease: maybeText,
});

const etcdStatus = z.object({
	memberId: text,
	version: text,
	dbSize: z.number(),
	raftLeader: maybeText,
	raftTerm: z.number(),
	revision: z.number(),
});

const etcdMembers = z.array(z.object({id: text, name: text, clientUrls: texts, learner: yes}));
const etcdAlarms = z.array(z.object({memberId: text, alarm: text}));

const patroniStatus = z.object({
	state: text,
	role: text,
	serverVersion: maybeNumber,
	timeline: maybeNumber,
	location: maybeNumber,
	received: maybeNumber,
	replayed: maybeNumber,
	replicationState: maybeText,
	replication: z.array(z.object({application: text, address: maybeText, state: text, syncState: text})),
	syncStandby: yes,
	quorumStandby: yes,
	pause: yes,
	clusterUnlocked: yes,
	failsafeModeIsActive: yes,
	dcsLastSeen: maybeNumber,
	pendingRestart: yes,
	scheduledRestart: maybeText,
	tags: named(text),
	version: maybeText,
	name: maybeText,
	scope: maybeText,
	systemId: maybeText,
	postmasterStartTime: maybeText,
	serverTime: time.optional(),
});

const haproxyStats = z.object({
	servers: z.array(
		z.object({
			backend: text,
			server: text,
			address: maybeText,
			status: text,
			up: yes,
			backup: yes,
			checkStatus: text,
			checkCode: maybeNumber,
			checkDescription: text,
			lastChange: z.number(),
			sessions: z.number(),
		}),
	),
	frontends: z.array(
		z.object({
			name: text,
			ports: z.array(z.number()),
			status: text,
			sessions: z.number(),
			limit: maybeNumber,
		}),
	),
});

const units = z.array(
	z.object({
		service: services,
		unit: text,
		load: text,
		active: text,
		sub: text,
		invocationId: text,
		since: time.optional(),
		pid: z.number(),
		restarts: z.number(),
	}),
);

const filesystems = z.array(
	z.object({
		mount: text,
		holds: z.array(z.enum(['postgresql', 'etcd', 'root'])),
		size: z.number(),
		used: z.number(),
		usedPercent: z.number(),
		readOnly: yes,
	}),
);

const purpose = z.enum(['write', 'read']);

/** By type; a source's facts alone, since the rest is what this program makes of keys that were pressed. */
const facts: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
	['source.lost', z.object({reason: text, remedy: maybeText, refused: yes.optional()})],
	[
		'dcs.snapshot',
		z.object({clusterId: text, revision: z.number(), entries: z.array(entry), scopes: texts.optional()}),
	],
	['dcs.put', z.object({entry})],
	['dcs.deleted', z.object({path: text, revision: z.number()})],
	['lease.read', z.object({lease: text, ttl: z.number(), grantedTtl: z.number()})],
	['etcd.status', z.object({endpoint: text, status: etcdStatus})],
	['etcd.members', z.object({members: etcdMembers, alarms: etcdAlarms})],
	['patroni.status', z.object({member: text, status: patroniStatus})],
	['addresses.snapshot', z.object({node: text, addresses: z.array(address)})],
	['addresses.added', z.object({node: text, address})],
	['addresses.removed', z.object({node: text, address})],
	['haproxy.stats', z.object({node: text, ...haproxyStats.shape})],
	['units.snapshot', z.object({node: text, units})],
	['disk.snapshot', z.object({node: text, filesystems})],
	[
		'probe.answered',
		z.object({
			port: z.number(),
			purpose,
			startedAt: time,
			answeredAt: time.optional(),
			number: maybeNumber,
			server: text,
			inRecovery: yes,
			latency: z.number(),
			write: yes,
		}),
	],
	['probe.failed', z.object({port: z.number(), purpose, startedAt: time, reason: text})],
	[
		'logs.lines',
		z.object({
			node: text,
			skipped: z.number(),
			lines: z.array(
				z.object({
					at: z.number(),
					order: z.number(),
					node: maybeText,
					service: text,
					level: z.number(),
					word: text,
					text,
				}),
			),
		}),
	],
	['logs.clock', z.object({node: text, offset: z.number()})],
	['logs.problems', z.object({problems: z.array(z.object({node: text, text, remedy: maybeText}))})],
]);

const source = z.object({source: text});

const others: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
	['tick', z.object({})],
	['command', z.object({command: text, question: maybeNumber, page: maybeNumber, end: maybeNumber})],
	['typed', z.object({text})],
	[
		'operation.report',
		z.object({
			run: z.number(),
			answer: z.discriminatedUnion('kind', [
				z.object({kind: z.literal('answered'), status: z.number(), text}),
				z.object({kind: z.literal('unsent'), reason: text}),
				z.object({kind: z.literal('lost'), reason: text}),
				z.object({kind: z.literal('ended'), code: maybeNumber.nullable(), text}),
			]),
		}),
	],
	['config.edited', z.object({revision: maybeNumber, patch: named(z.unknown()), difference: texts})],
	['notice', z.object({text, tone: z.enum(['dim', 'warn'])})],
	['recording.begun', z.object({file: text})],
]);

const known = <T>(value: z.ZodType<T>) => named(z.object({value, at: time, source: text}));

const sight = z.discriminatedUnion('state', [
	z.object({state: z.literal('connecting'), since: time}),
	z.object({state: z.literal('seen'), since: time, at: time}),
	z.object({state: z.literal('lost'), since: time, reason: text}),
]);

/** As it is written down: with objects where the state has maps. Parts that came later may be missing. */
const cluster = z.object({
	keys: named(entry),
	gone: named(z.object({revision: z.number()})),
	etcd: z.object({
		status: known(etcdStatus),
		members: z.object({value: etcdMembers}).optional(),
		alarms: etcdAlarms,
	}),
	patroni: known(patroniStatus),
	addresses: known(z.array(address)),
	haproxy: known(haproxyStats).optional(),
	units: known(units).optional(),
	disks: known(filesystems).optional(),
	sights: named(sight),
});

const picture = z.object({
	now: time,
	target,
	cluster,
	timeline: z.array(z.object({at: time, kind: text, turn: z.enum(['better', 'worse', 'news']), text})),
});

const state = z.object({
	...picture.shape,
	startedAt: time,
	view: z.object({
		layers: z.array(z.object({kind: text})),
		frozen: picture.optional(),
	}),
	runs: z.array(z.object({before: cluster, steps: z.array(z.unknown()), requests: z.array(z.unknown())})),
});

/** @throws Error that says which field is wrong */
export function checkHeader(json: unknown): void {
	check(header, json, 'the header');
}

/** @throws Error */
export function checkState(json: unknown): void {
	check(state, json, 'the snapshot');
}

/** @param at when the event came, which a date must be made of
 * @throws Error */
export function checkEvent(at: number, event: {type: string}): void {
	check(time, at, 'the time');
	const fact = facts.get(event.type);
	if (fact !== undefined || 'source' in event) {
		check(source, event, event.type);
	}

	const schema = fact ?? others.get(event.type);
	if (schema !== undefined) {
		check(schema, event, event.type);
	}
}

function check(schema: z.ZodType, json: unknown, what: string): void {
	const parsed = schema.safeParse(json);
	const [issue] = parsed.error?.issues ?? [];
	if (issue !== undefined) {
		const path = issue.path.join('.');
		throw new Error(`${what} is not whole: ${path === '' ? '' : `${path}: `}${issue.message.toLowerCase()}`);
	}
}
