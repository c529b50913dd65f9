/** Parses Patroni's keys in etcd into the domain's values; an unreadable one becomes `other` with its problem. */

import * as z from 'zod';
import type {RawKey} from '../connections/etcd-grpc.ts';
import type {DcsEntry, DcsValue, DynamicConfig, MemberKey} from '../domain/cluster/dcs.ts';
import {plainHost} from '../lib/format.ts';
import {countOf, ownValue, parseJson, portOf} from '../lib/json.ts';
import {sanitize, sanitizeJson} from '../lib/sanitize.ts';
import {postgresLogSettings} from './logs/patroni-file.ts';
import {
	countOrNothing,
	dateOrNothing,
	entriesOf,
	fieldPaths,
	flag,
	httpUrlOrNothing,
	isDate,
	patroniFlag,
	patroniInteger,
	pendingReasons,
	tags,
	textOrNothing,
} from './patroni-fields.ts';

/** `prefix` ends with a slash. */
export function dcsEntry({key, value, createRevision, modRevision, lease}: RawKey, prefix: string): DcsEntry {
	const path = sanitize(key.slice(prefix.length));
	return {path, value: dcsValue(path, value), createRevision, modRevision, lease};
}

/** Characters of texts that are kept; Patroni's keys have some tens of thousands in all. */
const keptMaxLength = 1024 * 1024;

/**
 * Parses each entry once: every endpoint reports the same ones, by its watch and by each read. The same entry is the identical
 * object, until a change, whichever store it is from.
 */
export class DcsEntries {
	readonly #kept = new Map<string, {raw: RawKey; entry: DcsEntry}>();
	#length = 0;

	read(raw: RawKey, prefix: string): DcsEntry {
		const known = this.#kept.get(raw.key);
		if (known !== undefined && isSame(known.raw, raw)) {
			return known.entry;
		}

		const entry = dcsEntry(raw, prefix);
		this.#keep(raw, entry, known?.raw);
		return entry;
	}

	#keep(raw: RawKey, entry: DcsEntry, before: RawKey | undefined): void {
		this.#kept.delete(raw.key);
		this.#length -= before === undefined ? 0 : lengthOf(before);
		if (this.#length + lengthOf(raw) > keptMaxLength) {
			this.#kept.clear();
			this.#length = 0;
		}

		if (lengthOf(raw) <= keptMaxLength) {
			this.#kept.set(raw.key, {raw, entry});
			this.#length += lengthOf(raw);
		}
	}
}

function isSame(a: RawKey, b: RawKey): boolean {
	return (
		a.modRevision === b.modRevision &&
		a.createRevision === b.createRevision &&
		a.lease === b.lease &&
		a.value === b.value
	);
}

/** An entry takes memory, however short its text is. */
function lengthOf({key, value}: RawKey): number {
	return key.length + value.length + 500;
}

export function dcsValue(path: string, text: string): DcsValue {
	switch (path) {
		case 'leader': {
			return {kind: 'leader', member: sanitize(text)};
		}

		case 'initialize': {
			return {kind: 'initialize', systemId: sanitize(text)};
		}

		case 'optime/leader': {
			// The format before Patroni 2.1.
			return {kind: 'status', optime: countOf(text) || undefined, slots: {}};
		}

		default: {
			const read = path.startsWith('members/')
				? memberValue(path.slice('members/'.length))
				: ownValue(readers, path);
			return read ? fromJson(path, text, read) : {kind: 'other', problem: undefined};
		}
	}
}

function fromJson(path: string, text: string, read: (json: unknown) => DcsValue): DcsValue {
	try {
		return read(sanitizeJson(parseJson(text)));
	} catch (error) {
		const what = error instanceof z.ZodError ? 'does not have the form that Patroni writes' : 'is not JSON';
		return {kind: 'other', problem: `${path} ${what}`};
	}
}

const memberShape = z.object({
	conn_url: textOrNothing,
	api_url: httpUrlOrNothing,
	state: z.string().catch('unknown'),
	role: z.string().catch('unknown'),
	version: textOrNothing,
	timeline: countOrNothing,
	xlog_location: countOrNothing,
	receive_lsn: countOrNothing,
	replay_lsn: countOrNothing,
	checkpoint_after_promote: z.boolean().optional().catch(undefined),
	replication_state: textOrNothing,
	pending_restart: flag,
	pending_restart_reason: pendingReasons,
	scheduled_restart: z.object({schedule: dateOrNothing}).optional().catch(undefined),
	tags,
	pause: flag,
});

/** The fields of a member's key that pgha-top reads. */
export const memberFields: readonly string[] = fieldPaths(memberShape);

function memberValue(name: string): (json: unknown) => DcsValue {
	return json => {
		const member = memberShape.parse(json);
		const url =
			member.conn_url !== undefined && URL.canParse(member.conn_url) ? new URL(member.conn_url) : undefined;
		const data: MemberKey = {
			host: plainHost(url?.hostname ?? '') || undefined,
			port: url?.hostname ? portOf(url.port || '5432') : undefined,
			apiUrl: member.api_url,
			state: member.state,
			role: member.role,
			version: member.version,
			timeline: member.timeline,
			location: member.xlog_location,
			received: member.receive_lsn,
			replayed: member.replay_lsn,
			awaitsCheckpoint: member.checkpoint_after_promote === false,
			replicationState: member.replication_state,
			pendingRestart: member.pending_restart,
			pendingRestartReason: member.pending_restart_reason,
			scheduledRestart: member.scheduled_restart?.schedule,
			tags: member.tags,
			pause: member.pause,
		};
		return {kind: 'member', name, data};
	};
}

const statusShape = z.object({
	optime: countOrNothing,
	slots: entriesOf(z.int().nonnegative()),
});

const syncShape = z.object({
	leader: textOrNothing,
	sync_standby: textOrNothing,
	quorum: z.int().nonnegative().catch(0),
});

/** The fields of the keys `status` and `sync` that pgha-top reads. */
export const statusKeyFields: readonly string[] = fieldPaths(statusShape);
export const syncFields: readonly string[] = fieldPaths(syncShape);

/** `null` removes a slot. */
const permanentSlots = entriesOf(z.unknown().refine(value => value !== null));

const configShape = z.object({
	ttl: patroniInteger,
	loop_wait: patroniInteger,
	retry_timeout: patroniInteger,
	maximum_lag_on_failover: patroniInteger,
	maximum_lag_on_syncnode: patroniInteger,
	synchronous_mode: z.unknown().optional(),
	synchronous_mode_strict: patroniFlag,
	check_timeline: patroniFlag,
	failsafe_mode: patroniFlag,
	primary_start_timeout: patroniInteger,
	master_start_timeout: patroniInteger,
	primary_stop_timeout: patroniInteger,
	master_stop_timeout: patroniInteger,
	pause: patroniFlag,
	standby_cluster: z.unknown().optional(),
	slots: permanentSlots,
	permanent_slots: permanentSlots,
	permanent_replication_slots: permanentSlots,
	postgresql: z.unknown().optional(),
});

/** Read beside the parameters of the log, which have rules of their own. */
const postgresqlShape = z.object({use_pg_rewind: patroniFlag}).catch({use_pg_rewind: undefined});

/** The fields of the dynamic configuration that pgha-top reads. */
export const configFields: readonly string[] = fieldPaths(configShape);

const failoverShape = z.object({
	leader: textOrNothing,
	member: textOrNothing,
	// Patroni would have rejected an invalid time, so the key is something else.
	scheduled_at: z.string().refine(isDate).nullish(),
});

const historyShape = z.array(
	z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.string().catch('')], z.unknown()),
);

const readers: Readonly<Record<string, (json: unknown) => DcsValue>> = {
	status(json) {
		const {optime, slots} = statusShape.parse(json);
		return {kind: 'status', optime, slots};
	},
	sync(json) {
		const {leader, sync_standby: standbys, quorum} = syncShape.parse(json);
		return {
			kind: 'sync',
			leader,
			standbys:
				standbys
					?.split(',')
					.map(name => name.trim())
					.filter(Boolean) ?? [],
			quorum,
		};
	},
	config(json) {
		const shape = configShape.parse(json);
		const standbyCluster = isStandbyCluster(shape.standby_cluster);
		const config: DynamicConfig = {
			ttl: shape.ttl,
			loopWait: shape.loop_wait,
			retryTimeout: shape.retry_timeout,
			maximumLagOnFailover: shape.maximum_lag_on_failover,
			maximumLagOnSyncnode: shape.maximum_lag_on_syncnode,
			// A standby cluster has no synchronous mode, whatever the configuration.
			synchronousMode: standbyCluster ? 'off' : synchronousMode(shape.synchronous_mode),
			synchronousModeStrict: shape.synchronous_mode_strict ?? false,
			checkTimeline: shape.check_timeline ?? false,
			failsafeMode: shape.failsafe_mode ?? false,
			// Before Patroni 3.0 the names had `master`; it still accepts them.
			primaryStartTimeout: shape.primary_start_timeout ?? shape.master_start_timeout,
			primaryStopTimeout: shape.primary_stop_timeout ?? shape.master_stop_timeout,
			pause: shape.pause ?? false,
			standbyCluster,
			usePgRewind: postgresqlShape.parse(shape.postgresql).use_pg_rewind,
			permanentSlots: Object.keys({
				...shape.permanent_replication_slots,
				...shape.permanent_slots,
				...shape.slots,
			}),
			postgresLog: postgresLogSettings(shape.postgresql),
		};
		return {kind: 'config', config};
	},
	failover(json) {
		const {leader, member, scheduled_at: scheduledAt} = failoverShape.parse(json);
		return {kind: 'failover', leader, candidate: member, scheduledAt: scheduledAt ?? undefined};
	},
	history(json) {
		const lines = historyShape.parse(json).map(([timeline, location, reason, at, leader]) => ({
			timeline,
			location,
			reason,
			at: typeof at === 'string' && isDate(at) ? at : undefined,
			leader: typeof leader === 'string' ? leader : undefined,
		}));
		return {kind: 'history', lines};
	},
};

/** Patroni's `is_standby_cluster`: the section names a host, a port or a restore command. */
function isStandbyCluster(section: unknown): boolean {
	return (
		typeof section === 'object' &&
		section !== null &&
		['host', 'port', 'restore_command'].some(field => Boolean((section as Record<string, unknown>)[field]))
	);
}

/** A boolean, or `quorum` (from Patroni 4.0). */
function synchronousMode(value: unknown): DynamicConfig['synchronousMode'] {
	return String(value).toLowerCase() === 'quorum' ? 'quorum' : patroniFlag.parse(value) ? 'on' : 'off';
}
