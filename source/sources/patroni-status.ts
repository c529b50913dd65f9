/** Parses the body of GET /patroni into the domain's PatroniStatus. */
import * as z from 'zod';
import {lossOf} from '../connections/error-reason.ts';
import type {Rest} from '../connections/rest.ts';
import type {PatroniStatus} from '../domain/facts.ts';
import {parseJson} from '../lib/json.ts';
import {askFairly, lateness} from '../lib/own-time.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {countOrNothing, dateOrNothing, fieldPaths, flag, tags, textOrNothing} from './patroni-fields.ts';
import {poll, type Source} from './source.ts';

const shape = z.object({
	state: z.string(),
	role: z.string().catch('unknown'),
	server_version: countOrNothing,
	timeline: countOrNothing,
	xlog: z
		.looseObject({
			location: countOrNothing,
			received_location: countOrNothing,
			replayed_location: countOrNothing,
			replayed_timestamp: textOrNothing,
			paused: flag,
		})
		.optional()
		.catch(undefined),
	replication_state: textOrNothing,
	replication: z
		.array(
			z.object({
				application_name: z.string().catch(''),
				usename: textOrNothing,
				client_addr: textOrNothing,
				state: z.string().catch('unknown'),
				sync_state: z.string().catch('unknown'),
			}),
		)
		.catch([]),
	sync_standby: flag,
	quorum_standby: flag,
	pause: flag,
	cluster_unlocked: flag,
	failsafe_mode_is_active: flag,
	dcs_last_seen: countOrNothing,
	watchdog_failed: flag,
	logger_queue_size: countOrNothing,
	logger_records_lost: countOrNothing,
	pending_restart: flag,
	scheduled_restart: z.object({schedule: dateOrNothing}).optional().catch(undefined),
	tags,
	patroni: z
		.looseObject({version: textOrNothing, name: textOrNothing, scope: textOrNothing})
		.optional()
		.catch(undefined),
	database_system_identifier: textOrNothing,
	postmaster_start_time: dateOrNothing,
});

/** The fields of the answer that pgha-top reads. */
export const statusFields: readonly string[] = fieldPaths(shape);

/**
 * @param date the answer's Date header
 * @throws if the text is not Patroni's status
 */
export function patroniStatus(body: string, date?: string): PatroniStatus {
	let json: unknown;
	try {
		json = parseJson(body);
	} catch {
		throw new Error('the answer is not JSON: is this Patroni?');
	}

	const parsed = shape.safeParse(sanitizeJson(json));
	if (!parsed.success) {
		throw new Error("the answer is not a member's status: is this Patroni?");
	}

	const {data} = parsed;
	return {
		state: data.state,
		role: data.role,
		serverVersion: data.server_version,
		timeline: data.timeline,
		location: data.xlog?.location,
		received: data.xlog?.received_location,
		replayed: data.xlog?.replayed_location,
		replayPaused: data.xlog?.paused ?? false,
		replayedTimestamp: data.xlog?.replayed_timestamp,
		replicationState: data.replication_state,
		replication: data.replication.map(one => ({
			application: one.application_name,
			user: one.usename,
			address: one.client_addr,
			state: one.state,
			syncState: one.sync_state,
		})),
		syncStandby: data.sync_standby,
		quorumStandby: data.quorum_standby,
		pause: data.pause,
		clusterUnlocked: data.cluster_unlocked,
		failsafeModeIsActive: data.failsafe_mode_is_active,
		dcsLastSeen: data.dcs_last_seen,
		watchdogFailed: data.watchdog_failed,
		logQueue: data.logger_queue_size,
		logLost: data.logger_records_lost,
		pendingRestart: data.pending_restart,
		scheduledRestart: data.scheduled_restart?.schedule,
		tags: data.tags,
		version: data.patroni?.version,
		name: data.patroni?.name,
		scope: data.patroni?.scope,
		systemId: data.database_system_identifier,
		postmasterStartTime: data.postmaster_start_time,
		serverTime: date === undefined ? undefined : Date.parse(date) || undefined,
	};
}

export function patroniSource(rest: Rest, member: string, url: string): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `patroni:${member}` as const;
		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			try {
				const {
					answer: {body, date},
					timing,
				} = await askFairly(async () => rest.get(url, signal), signal);
				const status = patroniStatus(body, date);
				const took = timing();
				emit({
					type: 'patroni.status',
					source,
					member,
					status,
					tookMs: took.tookMs,
					...lateness(took),
				});
			} catch (error) {
				if (!signal.aborted) {
					emit({type: 'source.lost', source, ...lossOf(error)});
				}
			}
		});
	};
}
