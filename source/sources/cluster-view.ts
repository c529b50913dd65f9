/** Parses GET /cluster, /config and /history of Patroni's REST API; and the source that asks one member for them. */
import * as z from 'zod';
import {lossOf} from '../connections/error-reason.ts';
import type {Rest} from '../connections/rest.ts';
import {
	type ClusterView,
	type ListedMember,
	leaderIn,
	type ViewedExtras,
} from '../domain/cluster/cluster-view.ts';
import type {DcsValue} from '../domain/cluster/dcs.ts';
import {plainHost} from '../lib/format.ts';
import {parseJson, portOf} from '../lib/json.ts';
import {askFairly, lateness} from '../lib/own-time.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {dcsValue} from './dcs-values.ts';
import {
	countOrNothing,
	dateOrNothing,
	fieldPaths,
	flag,
	httpUrlOrNothing,
	pendingReasons,
	tags,
	textOrNothing,
} from './patroni-fields.ts';
import {patroniStatus} from './patroni-status.ts';
import {poll, type Source} from './source.ts';

/** `0/3000088`, from Patroni 4.1. */
const lsnOrNothing = z
	.string()
	.regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i)
	.transform(text => {
		const [high = '0', low = '0'] = text.split('/');
		return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
	})
	.optional()
	.catch(undefined);

const listedShape = z.object({
	name: z.string().min(1),
	role: z.string().catch('unknown'),
	state: z.string().catch('unknown'),
	api_url: httpUrlOrNothing,
	host: textOrNothing,
	port: z.unknown().optional(),
	timeline: countOrNothing,
	lsn: lsnOrNothing,
	receive_lsn: lsnOrNothing,
	replay_lsn: lsnOrNothing,
	pending_restart: flag,
	pending_restart_reason: pendingReasons,
	scheduled_restart: z.object({schedule: dateOrNothing}).optional().catch(undefined),
	tags,
});

const shape = z.object({
	members: z.array(listedShape),
	scope: textOrNothing,
	pause: flag,
	scheduled_switchover: z
		.object({at: dateOrNothing, from: textOrNothing, to: textOrNothing})
		.optional()
		.catch(undefined),
});

/** The fields of the answer that pgha-top reads. */
export const viewFields: readonly string[] = fieldPaths(shape);

/** `scope`: from Patroni 3.3. */
type Answer = {view: ClusterView; scope: string | undefined};

/** @throws if the text is not an answer of Patroni to GET /cluster */
export function clusterView(body: string): Answer {
	const parsed = shape.safeParse(sanitizeJson(jsonOf(body)));
	if (!parsed.success) {
		throw new Error('the answer is not a list of members: is this Patroni?');
	}

	const {members, scope, pause, scheduled_switchover: scheduled} = parsed.data;
	const names = new Set<string>();
	for (const {name} of members) {
		if (names.has(name)) {
			throw new Error(`the answer lists ${name} twice: members need names of their own`);
		}

		names.add(name);
	}

	const leaders = members.filter(({role}) => role === 'leader' || role === 'standby_leader');
	if (leaders.length > 1) {
		throw new Error(`the answer lists several leaders: ${leaders.map(({name}) => name).join(', ')}`);
	}

	return {
		scope,
		view: {
			members: members.map(listedMember),
			pause,
			scheduled:
				scheduled?.at === undefined ? undefined : {at: scheduled.at, from: scheduled.from, to: scheduled.to},
		},
	};
}

function jsonOf(body: string): unknown {
	try {
		return parseJson(body);
	} catch {
		throw new Error('the answer is not JSON: is this Patroni?');
	}
}

/** From Patroni 3.0.4 the state of a running standby is that of its replication. */
const replicationStates: ReadonlySet<string> = new Set(['streaming', 'in archive recovery']);

function listedMember(one: z.infer<typeof listedShape>): ListedMember {
	const isReplicating = replicationStates.has(one.state);
	return {
		name: one.name,
		role: one.role,
		data: {
			host: plainHost(one.host ?? '') || undefined,
			port: portOf(one.port),
			apiUrl: one.api_url,
			state: isReplicating ? 'running' : one.state,
			role: one.role,
			version: undefined,
			timeline: one.timeline,
			location: one.lsn,
			received: one.receive_lsn,
			replayed: one.replay_lsn,
			replicationState: isReplicating ? one.state : undefined,
			pendingRestart: one.pending_restart,
			pendingRestartReason: one.pending_restart_reason,
			scheduledRestart: one.scheduled_restart?.schedule,
			tags: one.tags,
			pause: false,
		},
	};
}

/** Patroni answers with what the key of the same name holds; undefined if that is unreadable. */
function parsedKey<K extends DcsValue['kind']>(
	path: K,
	body: string,
): Extract<DcsValue, {kind: K}> | undefined {
	const value = dcsValue(path, body);
	return value.kind === path ? (value as Extract<DcsValue, {kind: K}>) : undefined;
}

/** Polls between two requests of the configuration and the history, which change rarely. */
const extrasEveryPolls = 3;

/**
 * @param origin `http(s)://HOST:PORT` of any member
 * @param scope of the cluster: a member of another one is not a source
 */
export function viewSource(rest: Rest, origin: string, scope: string): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `view:${origin}` as const;
		let polls = 0;
		let last: string | undefined;
		const get = async (path: string) => {
			const {status, body} = await rest.get(`${origin}${path}`, signal);
			return {isOk: status === 200, status, body};
		};
		const ask = async () => {
			const {isOk, status, body} = await get('/cluster');
			if (!isOk) {
				throw new Error(`GET /cluster is answered with ${status}`);
			}

			const {view, scope: own} = clusterView(body);
			// Who leads and who is paused changes with an operation; the rest of it is worth reading then.
			const mark = JSON.stringify([leaderIn(view), view.pause, view.members.map(one => one.data.timeline)]);
			const isDue = polls % extrasEveryPolls === 0 || mark !== last;
			const named = own ?? (isDue ? patroniStatus((await get('/patroni')).body).scope : undefined);
			if (named !== undefined && named !== scope) {
				throw new Error(`it is a member of the cluster ${named}, not of ${scope}`);
			}

			const extras = isDue ? await askExtras(get) : undefined;
			polls++;
			last = mark;
			return {view, extras};
		};

		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			try {
				const {answer, timing} = await askFairly(ask, signal);
				const {view, extras} = answer;
				const took = timing();
				emit({
					type: 'cluster.seen',
					source,
					view,
					...(extras === undefined ? {} : {extras}),
					tookMs: took.tookMs,
					...lateness(took),
				});
			} catch (error) {
				polls = 0;
				if (!signal.aborted) {
					emit({type: 'source.lost', source, ...lossOf(error)});
				}
			}
		});
	};
}

type Get = (path: string) => Promise<{isOk: boolean; body: string}>;

/** A member that has no configuration yet answers 502; it is then not known. */
async function askExtras(get: Get): Promise<ViewedExtras> {
	const [config, history] = await Promise.all([get('/config'), get('/history')]);
	return {
		config: config.isOk ? parsedKey('config', config.body)?.config : undefined,
		history: history.isOk ? parsedKey('history', history.body)?.lines : undefined,
	};
}

export const unreadView: Readonly<Record<string, string>> = {
	'members.lag': "counted from the members' own answers, which are newer",
	'members.receive_lag': 'as lag',
	'members.replay_lag': 'as lag',
};
