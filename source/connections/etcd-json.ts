/** Reads the answers of etcd's JSON gateway (protobuf's JSON mapping) into the types of the gRPC client. */
import * as z from 'zod';
import {isRecord, parseJson} from '../lib/json.ts';
import {checkChanges} from './etcd-bounds.ts';
import type {RawKey, RawRange} from './etcd-grpc.ts';

/** 64-bit numbers are strings, bytes are base64, zero and empty fields are missing. */
const number = z.string().regex(/^-?\d{1,20}$/);
const header = z.looseObject({member_id: number.optional(), revision: number.optional()});

export const statusAnswer = z
	.looseObject({
		header: header.optional(),
		version: z.string().optional(),
		dbSize: number.optional(),
		leader: number.optional(),
		raftTerm: number.optional(),
	})
	.transform(answer => ({
		memberId: answer.header?.member_id ?? '0',
		version: answer.version ?? '',
		dbSize: Number(answer.dbSize ?? 0),
		raftLeader: answer.leader === '0' ? undefined : answer.leader,
		raftTerm: Number(answer.raftTerm ?? 0),
		revision: Number(answer.header?.revision ?? 0),
	}));

const key = z
	.looseObject({
		key: z.string().optional(),
		value: z.string().optional(),
		create_revision: number.optional(),
		mod_revision: number.optional(),
		lease: number.optional(),
	})
	.transform(
		(kv): RawKey => ({
			key: Buffer.from(kv.key ?? '', 'base64').toString(),
			value: Buffer.from(kv.value ?? '', 'base64').toString(),
			createRevision: Number(kv.create_revision ?? 0),
			modRevision: Number(kv.mod_revision ?? 0),
			lease: kv.lease === '0' ? undefined : kv.lease,
		}),
	);

export const rangeAnswer = z
	.looseObject({
		// Every answer of etcd names its cluster; others are not from etcd.
		header: header.extend({cluster_id: number}),
		kvs: z.array(key).default([]),
	})
	.transform(
		({header: {cluster_id: clusterId, revision}, kvs}): RawRange => ({
			clusterId,
			revision: Number(revision ?? 0),
			keys: kvs,
		}),
	);

export const membersAnswer = z
	.looseObject({
		members: z
			.array(
				z
					.looseObject({
						ID: number.optional(),
						name: z.string().optional(),
						clientURLs: z.array(z.string()).optional(),
						isLearner: z.boolean().optional(),
					})
					.transform(({ID, name, clientURLs, isLearner}) => ({
						id: ID ?? '0',
						name: name ?? '',
						clientUrls: clientURLs ?? [],
						learner: isLearner ?? false,
					})),
			)
			.default([]),
	})
	.transform(({members}) => members);

/**
 * The alarms of a status: etcd 3.4 and later, and so every etcd with this gateway, write each in its `errors`. A request for the
 * alarms themselves would go through the raft log, and be written to the disk of every member.
 */
export const alarmsAnswer = z.looseObject({errors: z.array(z.string()).default([])}).transform(({errors}) =>
	errors.flatMap(error => {
		const [, memberId, alarm] = /^memberID:(\d+)\s+alarm:(\w+)/.exec(error) ?? [];
		return memberId === undefined || alarm === undefined ? [] : {memberId, alarm};
	}),
);

export const leaseAnswer = z
	.looseObject({TTL: number.optional(), grantedTTL: number.optional()})
	.transform(({TTL, grantedTTL}) => ({ttl: Number(TTL ?? 0), grantedTtl: Number(grantedTTL ?? 0)}));

export const tokenAnswer = z.looseObject({token: z.string().optional()}).transform(({token}) => token);

/** Why etcd, or its gateway, refuses a request or ends a watch; with gRPC's status, if it is named. */
export type Refusal = {code: number | undefined; reason: string};

/** The body of an answer that is none of 200, and the last line of a watch; etcd 3.4 names the code twice. */
const refusal = z
	.looseObject({code: z.int().optional(), grpc_code: z.int().optional(), message: z.string()})
	.transform(({code, grpc_code: grpcCode, message}): Refusal => ({code: grpcCode ?? code, reason: message}));

/** Undefined if neither etcd nor its gateway wrote it. */
export function refusalOf(json: unknown): Refusal | undefined {
	return refusal.safeParse(json).data;
}

const unavailable = 14;
const cancelled = 1;

/** In the words of the gRPC client, which `error-reason.ts` knows. */
export function refusedBy({code, reason}: Refusal): Error {
	return new Error(code === unavailable || code === cancelled ? `14 UNAVAILABLE: ${reason}` : reason);
}

/** A line of a watch: etcd confirms it, reports changes in the order of their revisions, or ends it. */
export type WatchMessage = {
	isConfirmed: boolean;
	changes: readonly ({type: 'put'; key: RawKey} | {type: 'delete'; key: string; revision: number})[];
	end: Refusal | undefined;
};

const change = z
	.looseObject({type: z.enum(['PUT', 'DELETE']).default('PUT'), kv: key})
	.transform(({type, kv}): WatchMessage['changes'][number] =>
		type === 'PUT' ? {type: 'put', key: kv} : {type: 'delete', key: kv.key, revision: kv.modRevision},
	);

const watchLine = z.union([
	z.looseObject({error: refusal}).transform(
		({error}): WatchMessage => ({
			isConfirmed: false,
			changes: [],
			end: error,
		}),
	),
	z
		.looseObject({
			result: z.looseObject({
				header: header.extend({cluster_id: number}),
				created: z.boolean().default(false),
				canceled: z.boolean().default(false),
				cancel_reason: z.string().default(''),
				compact_revision: number.default('0'),
				events: z.array(change).default([]),
			}),
		})
		.transform(
			({result}): WatchMessage => ({
				// A watch that etcd refuses is both created and cancelled.
				isConfirmed: result.created && !result.canceled,
				changes: result.events,
				end: result.canceled
					? {
							code: undefined,
							reason:
								result.cancel_reason.replace(/^rpc error: code = \w+ desc = /, '') ||
								(result.compact_revision === '0'
									? 'etcd cancelled the watch'
									: 'etcd has compacted the revision from which the watch began'),
						}
					: undefined,
			}),
		),
]);

/** @throws TooMany */
export function watchMessage(line: string): WatchMessage {
	const json = jsonOf(line);
	const events = isRecord(json) && isRecord(json.result) ? json.result.events : undefined;
	// Before each is looked at.
	checkChanges(Array.isArray(events) ? events.length : 0);
	return answerOf(watchLine, json);
}

/** Undefined if invalid JSON. */
export function jsonOf(body: string): unknown {
	try {
		return parseJson(body);
	} catch {
		return undefined;
	}
}

/** @throws if the JSON does not have the shape */
export function answerOf<T>(shape: z.ZodType<T>, json: unknown): T {
	const read = shape.safeParse(json);
	if (!read.success) {
		throw new Error('not an answer of etcd: is another service on its port?');
	}

	return read.data;
}
