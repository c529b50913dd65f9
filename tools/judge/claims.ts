/** Extracts what the console's screen shows as fresh at one time, from the selectors of its panes. */
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from '../../source/domain/cluster/keys.ts';
import {members} from '../../source/domain/cluster/members.ts';
import {nodeAt, vipView} from '../../source/domain/cluster/vip.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {ShownFinding} from '../../source/domain/findings/finding.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import type {Snapshot} from '../../source/snapshot/schema.ts';
import type {State} from '../../source/state/state.ts';
import {judgeCluster} from '../../source/state/view/verdict.ts';
import {boundOf, type Claim, polled, pushed} from './claim.ts';
import {dcsSource, memberClaims} from './member-claims.ts';
import {noLeader} from './truth.ts';

/** `unheardMs`: how long this console did not hear the sources of the evidence because it did not run, as the screen says. */
export type Screen = {
	claims: readonly Claim[];
	findings: readonly (ShownFinding & {unheardMs?: number})[];
};

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
