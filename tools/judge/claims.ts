/** Extracts what the console's screen shows as fresh at one time, from the selectors of its panes. */

import {isFresh} from '../../source/domain/cluster/freshness.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from '../../source/domain/cluster/keys.ts';
import type {Member} from '../../source/domain/cluster/member.ts';
import {members} from '../../source/domain/cluster/members.ts';
import {pollIntervalMs, traitsOf} from '../../source/domain/cluster/source-kinds.ts';
import {nodeAt, vipView} from '../../source/domain/cluster/vip.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {ShownFinding} from '../../source/domain/findings/finding.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import type {Snapshot} from '../../source/snapshot/schema.ts';
import type {State} from '../../source/state/state.ts';
import {judgeCluster} from '../../source/state/view/verdict.ts';
import {hung, noLeader, unsent} from './truth.ts';

export type Claim = {
	subject: string;
	/** The shown value. */
	shown: string;
	/** True values that agree with it. */
	accepts: ReadonlySet<string>;
	/** For a value from several subjects: whether it may be true, given all their values within the bound. */
	isPossible?: (valuesOf: (subject: string) => ReadonlySet<string | undefined>) => boolean;
	/** The value is a set of names that change one by one: from one of the oracle's samples to the next, some of them have. */
	isSet?: true;
	source: SourceId;
	/** Permitted age of the value, ms. */
	boundMs: number;
	/** ms within which a change must be shown. */
	changeMs: number;
};

/** `unheardMs`: how long this console did not hear the sources of the evidence because it did not run, as the screen says. */
export type Screen = {
	claims: readonly Claim[];
	findings: readonly (ShownFinding & {unheardMs?: number})[];
};

/** ms; an answer has the state at the time of serving, at most about one deadline ago. */
const answerMs = 1500;
/** ms from a source's first sight of a change to the screen. */
const screenMs = 2000;
/** ms: the screen's throttle, the oracle's interval and a busy machine. */
const slackMs = 500;

const boundOf = (source: SourceId) => traitsOf(source).freshForMs + pollIntervalMs + answerMs;
const pushed = screenMs + slackMs;
const polled = pollIntervalMs + screenMs + slackMs;

export function screenOf(state: State, loopWaitMs: number): Screen {
	const json = snapshotJson(state);
	return {
		claims: [
			...keyClaims(state),
			...members(state.cluster, state.now).flatMap(member => memberClaims(member, state, loopWaitMs)),
			...vipClaims(state),
			...etcdClaims(json),
			...routeClaims(json),
			...serviceClaims(json),
			...probeClaims(json, state),
		],
		// A flapping finding stays visible for a while, with the time until which it held.
		findings: judgeCluster(state)
			.findings.filter(({until}) => until === undefined)
			.map(finding => ({...finding, unheardMs: unheardOf(finding, state)})),
	};
}

function unheardOf({text, evidence}: ShownFinding, {cluster}: State): number {
	const isNamed = [text, ...evidence.map(one => one.text)].some(words =>
		words.includes('this console was stalled'),
	);
	return isNamed
		? Math.max(
				0,
				...evidence.map(({source}) => {
					const status = source === undefined ? undefined : cluster.sourceStatuses.get(source);
					return status?.state === 'seen' ? (status.unheard ?? 0) : 0;
				}),
			)
		: 0;
}

function dcsSource({cluster, now}: State): SourceId {
	const known = cluster.read?.source;
	return (
		known ??
		[...cluster.sourceStatuses.keys()].find(
			one => one.startsWith('dcs:') && isFresh(cluster.sourceStatuses.get(one), one, now),
		) ??
		'dcs:none'
	);
}

function keyClaims(state: State): Claim[] {
	const {cluster, now} = state;
	if (!dcsIsRead(cluster, now) || cluster.read === undefined) return [];
	const source = dcsSource(state);
	const common = {source, boundMs: boundOf(source), changeMs: pushed};
	const leader = leaderKey(cluster)?.member ?? noLeader;
	const sync = [...syncStandbys(cluster)].sort().join(' ');
	const config = dynamicConfig(cluster);
	const paused = config && String(config.pause);
	return [
		{subject: 'leader', shown: leader, accepts: new Set([leader]), ...common},
		{subject: 'sync', shown: sync, accepts: new Set([sync]), ...common},
		...(paused === undefined
			? []
			: [{subject: 'paused', shown: paused, accepts: new Set([paused]), ...common}]),
	];
}

/** States of PostgreSQL that agree with Patroni's state. */
function acceptedStates(one: Member): string[] {
	if (one.upstream?.state === 'none' && one.state !== 'stopping') {
		return one.upstream.from === undefined
			? ['idle', unsent, 'primary', hung, 'down']
			: ['streaming', unsent];
	}

	switch (one.state) {
		case 'running': {
			return ['primary', 'streaming', unsent, 'idle'];
		}

		case 'streaming': {
			return ['streaming', unsent];
		}

		case 'in archive recovery': {
			return ['idle'];
		}

		case 'stopped':
		case 'crashed':
		case 'start failed': {
			return ['down'];
		}

		default: {
			return ['down', hung, 'idle'];
		}
	}
}

function memberClaims(one: Member, state: State, loopWaitMs: number): Claim[] {
	const {cluster, now} = state;
	const rest: SourceId = `patroni:${one.name}`;
	const claims: Claim[] = [];
	if (dcsIsRead(cluster, now) && one.key !== undefined && one.roleFrom === 'dcs') {
		const source = dcsSource(state);
		claims.push({
			subject: `role:${one.name}`,
			shown: one.role,
			accepts: new Set([one.role]),
			source,
			boundMs: boundOf(source),
			changeMs: pushed,
		});
	}

	const leader = leaderKey(cluster)?.member;
	if (typeof one.lag === 'number' && one.lagIsNow && leader !== undefined) {
		const {name, lag, lagFrom} = one;
		claims.push(
			lagFrom === 'dcs'
				? lagClaim({name, lag, leader, source: dcsSource(state), publishedMs: 2 * loopWaitMs})
				: lagClaim({name, lag, leader, source: rest, publishedMs: 0}),
		);
	}

	if (!one.restSees) return claims;
	claims.push({
		subject: `rest:${one.name}`,
		shown: 'answers',
		accepts: new Set(['answers']),
		source: rest,
		boundMs: boundOf(rest),
		changeMs: polled,
	});
	// Its own answer is newer than its key, or the key is of its last loop.
	const published = one.restIsNewer ? 0 : loopWaitMs;
	const common = {source: rest, boundMs: boundOf(rest) + published, changeMs: polled + published};
	claims.push({
		subject: `state:${one.name}`,
		shown: one.state,
		accepts: new Set(acceptedStates(one)),
		...common,
	});
	if (one.timeline !== undefined) {
		// A stopped member keeps its last timeline.
		const accepts = new Set([
			String(one.timeline),
			...(one.state === 'running' || one.state === 'streaming' ? [] : ['down', hung]),
		]);
		claims.push({subject: `timeline:${one.name}`, shown: String(one.timeline), accepts, ...common});
	}

	return claims;
}

/** Both positions are of some moments within the bound, so that any two of that time may be compared. */
function lagClaim({
	name,
	lag,
	leader,
	source,
	publishedMs,
}: {
	name: string;
	lag: number;
	leader: string;
	source: SourceId;
	/** Since when both may have been published, ms. */
	publishedMs: number;
}): Claim {
	const numbers = (values: ReadonlySet<string | undefined>) =>
		[...values].map(value => (value === undefined ? Number.NaN : Number(value)));
	return {
		subject: `lsn:${name}`,
		shown: `lag ${lag}`,
		accepts: new Set(),
		isPossible(valuesOf) {
			const [written, received] = [numbers(valuesOf(`lsn:${leader}`)), numbers(valuesOf(`lsn:${name}`))];
			// NaN if one was not sampled: then no judgement is possible.
			const least = Math.min(...written) - Math.max(...received);
			const most = Math.max(...written) - Math.min(...received);
			return Number.isNaN(least) || Number.isNaN(most) || (lag >= least && lag <= Math.max(0, most));
		},
		source,
		boundMs: boundOf(source) + publishedMs,
		changeMs: Number.POSITIVE_INFINITY,
	};
}

function vipClaims({cluster, target, now}: State): Claim[] {
	const view = vipView(cluster, target, now);
	return view.nodes
		.filter(node => !view.blind.includes(node))
		.map(node => {
			const source: SourceId = `vip:${node}`;
			const holds = String(view.holders.some(holder => holder.node === node));
			return {
				subject: `vip:${node}`,
				shown: holds,
				accepts: new Set([holds]),
				source,
				boundMs: boundOf(source),
				changeMs: pushed,
			};
		});
}

function etcdClaims({etcd}: Snapshot): Claim[] {
	const claims: Claim[] = etcd.members
		.filter(one => one.answers && one.endpoint !== null && one.quorum_contact !== 'unknown')
		.map(({name, endpoint, quorum_contact: contact}) => {
			const source: SourceId = `etcd:${endpoint}`;
			const shown = contact === 'yes' ? 'healthy' : 'no quorum';
			return {
				subject: `etcd:${name}`,
				shown,
				accepts: new Set([shown]),
				source,
				boundMs: boundOf(source),
				changeMs: polled,
			};
		});
	// Without an answering endpoint the pane shows that it does not know.
	const first = etcd.members.find(({answers, endpoint}) => answers && endpoint !== null);
	const {state} = etcd.quorum;
	if (first !== undefined && state !== undefined && state !== 'unknown') {
		const source: SourceId = `etcd:${first.endpoint}`;
		claims.push({
			subject: 'quorum',
			shown: state,
			accepts: new Set([state]),
			source,
			boundMs: boundOf(source),
			changeMs: polled,
		});
	}

	return claims;
}

function routeClaims({haproxy}: Snapshot): Claim[] {
	return haproxy.flatMap(one => {
		const source: SourceId = `haproxy:${one.node}`;
		return (['primary', 'replicas', 'synchronous', 'asynchronous'] as const).flatMap(role => {
			const names = one[role];
			if (names === null) return [];
			// If a server's member is unknown, HAProxy's own name is shown with a mark.
			const shown = names
				.map(name => name.replace(' (unknown)', ''))
				.sort()
				.join(' ');
			return [
				{
					subject: `route:${one.node}:${role}`,
					shown,
					accepts: new Set([shown]),
					isSet: true,
					source,
					boundMs: boundOf(source),
					changeMs: polled,
				} as const,
			];
		});
	});
}

function serviceClaims({services}: Snapshot): Claim[] {
	return services.map(({node, service, active}) => {
		const source: SourceId = `units:${node}`;
		return {
			subject: `unit:${node}:${service}`,
			shown: active,
			accepts: new Set([active]),
			source,
			boundMs: boundOf(source),
			changeMs: polled,
		};
	});
}

/** An acknowledged write claims that the server accepts writes. */
function probeClaims({probes}: Snapshot, {cluster, target}: State): Claim[] {
	return probes.flatMap(({port, ok, wrote, server}) => {
		const node = server === null ? undefined : nodeAt(cluster, target, server);
		if (!ok || !wrote || node === undefined) return [];
		const source: SourceId = `probe:${port}`;
		return [
			{
				subject: `writes:${node}`,
				shown: 'true',
				accepts: new Set(['true']),
				source,
				boundMs: boundOf(source),
				changeMs: Infinity,
			},
		];
	});
}
