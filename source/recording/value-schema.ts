/** Schemas of the values in facts, of which the state keeps many, too. Fields of later versions are optional. */
import * as z from 'zod';
import {serviceIds} from '../domain/cluster/services.ts';

/** Unix ms within the range of a Date. */
export const time = z.number().min(-8.64e15).max(8.64e15);
export const text = z.string();
export const maybeText = text.optional();
export const maybeNumber = z.number().optional();
export const yes = z.boolean();
/** Duration or wait of an answer, never negative: else the fact would be from the future. */
export const duration = z.number().nonnegative().optional();
export const texts = z.array(text);
/** An object with names from outside: `z.record` would drop `__proto__`. */
export const named = <T>(one: z.ZodType<T>) =>
	z.custom<object>(
		value =>
			typeof value === 'object' &&
			value !== null &&
			!Array.isArray(value) &&
			Object.values(value).every(inner => one.safeParse(inner).success),
	);

/** A kind that only a later version knows is no error. */
export const said = z.object({
	kind: text,
	object: maybeText,
	leader: maybeText,
	from: maybeText,
	backend: maybeText,
	why: maybeText,
	lsn: maybeText,
	timeline: maybeNumber,
	term: maybeNumber,
	pid: maybeNumber,
	byMs: maybeNumber,
	isDecision: z.literal(true).optional(),
	isPaused: z.literal(true).optional(),
});

export const words = z.array(z.object({at: time, uncertainMs: z.number().nonnegative(), text, said}));

const services = z.enum(serviceIds);
export const address = z.object({ip: text, interface: text});

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

export const history = z.array(
	z.object({timeline: z.number(), location: z.number(), reason: text, at: maybeText, leader: maybeText}),
);

export const postgresLogSettings = z.object({
	linePrefix: maybeText,
	timezone: maybeText,
	destination: maybeText,
	directory: maybeText,
});

export const config = z.object({
	ttl: maybeNumber,
	loopWait: maybeNumber,
	retryTimeout: maybeNumber,
	maximumLagOnFailover: maybeNumber,
	synchronousMode: z.enum(['off', 'on', 'quorum']),
	pause: yes,
	standbyCluster: yes,
	permanentSlots: texts.optional(),
	postgresLog: postgresLogSettings.optional(),
});

const dcsValue = z.discriminatedUnion('kind', [
	z.object({kind: z.literal('leader'), member: text}),
	z.object({kind: z.literal('member'), name: text, data: member}),
	z.object({kind: z.literal('status'), optime: maybeNumber, slots: named(z.number())}),
	z.object({kind: z.literal('sync'), leader: maybeText, standbys: texts, quorum: z.number()}),
	z.object({kind: z.literal('config'), config}),
	z.object({kind: z.literal('history'), lines: history}),
	z.object({kind: z.literal('initialize'), systemId: text}),
	z.object({kind: z.literal('failover'), leader: maybeText, candidate: maybeText, scheduledAt: maybeText}),
	z.object({kind: z.literal('other'), problem: maybeText}),
]);

export const entry = z.object({
	path: text,
	value: dcsValue,
	createRevision: z.number(),
	modRevision: z.number(),
	lease: maybeText,
});

export const etcdStatus = z.object({
	memberId: text,
	version: text,
	dbSize: z.number(),
	raftLeader: maybeText,
	raftTerm: z.number(),
	revision: z.number(),
});

export const etcdMembers = z.array(z.object({id: text, name: text, clientUrls: texts, learner: yes}));
export const etcdAlarms = z.array(z.object({memberId: text, alarm: text}));

export const patroniStatus = z.object({
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

export const view = z.object({
	members: z.array(z.object({name: text, role: text, data: member})),
	pause: yes,
	scheduled: z.object({at: text, from: maybeText, to: maybeText}).optional(),
});

/** A view as the state keeps it. */
export const knownView = z.object({
	value: view,
	at: time,
	source: text,
	config: z.object({value: config, at: time}).optional(),
	history: z.object({value: history, at: time}).optional(),
});

export const haproxyStats = z.object({
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
			lastChange: maybeNumber,
			sessions: maybeNumber,
		}),
	),
	frontends: z.array(
		z.object({
			name: text,
			ports: z.array(z.number()),
			status: text,
			sessions: maybeNumber,
			limit: maybeNumber,
		}),
	),
});

export const units = z.array(
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

export const filesystems = z.array(
	z.object({
		mount: text,
		holds: z.array(z.enum(['postgresql', 'etcd', 'root'])),
		size: z.number(),
		used: z.number(),
		usedPercent: z.number(),
		readOnly: yes,
		byName: yes.optional(),
	}),
);

export const purpose = z.enum(['write', 'read']);
