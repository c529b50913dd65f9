/** Findings on etcd: one store, quorum, members that are down, failures that it can still survive, alarms. */
import {clock} from '../../../lib/format.ts';
import {type EtcdNode, etcdNodes, isUncertain, isUnread, isUnseen, quorum} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {kindOf, pollIntervalMs} from '../../cluster/source-kinds.ts';
import {describeRebuilt} from '../../cluster/store.ts';
import type {SourceId} from '../../facts.ts';
import {type FindingContext, quote, quoteBlind, quoteDcs, seconds} from '../context.ts';
import type {Finding} from '../finding.ts';
import {beliefFindings} from './beliefs.ts';

export function dcsFindings(context: FindingContext): Finding[] {
	const {cluster, target, now} = context;
	if (target.rest !== undefined) {
		return beliefFindings(context);
	}

	const connecting = target.endpoints.every(endpoint => {
		const status = cluster.sourceStatuses.get(`etcd:${endpoint}`);
		return status === undefined || status.state === 'connecting';
	});
	if (connecting) {
		return [{id: 'etcd.connecting', severity: 'unknown', text: 'connecting to etcd', evidence: []}];
	}

	const nodes = etcdNodes(cluster, target, now);
	const split = splitFindings(context, nodes);
	if (!context.dcs) {
		return [...(split.length > 0 ? split : [unreadableFinding(context, nodes)]), ...rebuiltFindings(context)];
	}

	return [
		...split,
		...memberFindings(context, nodes),
		...alarmFindings(context, nodes),
		...rebuiltFindings(context),
		...watchFindings(context),
	];
}

/** Long enough for an operator who returns to the screen, ms. */
const rebuiltShownForMs = 300_000;

function rebuiltFindings(context: FindingContext): Finding[] {
	const {rebuilt} = context.cluster.store;
	return rebuilt === undefined || context.now - rebuilt.at > rebuiltShownForMs
		? []
		: [
				{
					id: 'etcd.rebuilt',
					severity: 'notice',
					text: `${describeRebuilt(rebuilt)}, ${seconds(context.now - rebuilt.at)} ago`,
					evidence: [
						quoteDcs(context, `a later linearizable read shows another store, at revision ${rebuilt.to}`),
					],
				},
			];
}

/** Endpoints of two stores at the same time: each store has its own keys, perhaps its own leader. */
function splitFindings(context: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	const {foreign} = context.cluster.store;
	const others = nodes.filter(node => node.foreign && node.answers);
	const own = nodes.filter(({contact}) => contact === 'yes').map(({name}) => name);
	if (others.length === 0) {
		return [];
	}

	const names = others.map(({name}) => name).join(', ');
	const shown = own.length === 0 ? '' : `; this screen shows the store of ${own.join(', ')}`;
	return [
		{
			id: 'etcd.split',
			severity: 'critical',
			text: `etcd endpoints hold different stores: ${names} answers for another one${shown}`,
			evidence: foreign.flatMap(({endpoint, at, revision}) =>
				others.some(node => node.endpoint === endpoint)
					? [quote(context, `dcs:${endpoint}`, `revision ${revision}, with other keys`, at)]
					: [],
			),
		},
	];
}

/** The finding that explains why no linearizable read is answered. */
function unreadableFinding(context: FindingContext, nodes: readonly EtcdNode[]): Finding {
	const answering = nodes.filter(({answers}) => answers);
	const evidence = nodes.flatMap(({endpoint}) =>
		endpoint === undefined
			? []
			: [quoteBlind(context, `etcd:${endpoint}`), quoteBlind(context, `dcs:${endpoint}`)],
	);
	const refusal = answering.find(node => node.refusal !== undefined)?.refusal;
	if (refusal !== undefined) {
		return {
			id: 'etcd.refused',
			severity: 'unknown',
			text: `etcd answers, but cannot be read: ${refusal}`,
			evidence,
		};
	}

	const {voters, needed, state} = quorum(nodes);
	if (answering.length === 0) {
		return {
			id: 'etcd.unreachable',
			severity: 'unknown',
			text: 'no etcd endpoint answers; only the members themselves report who leads',
			evidence,
		};
	}

	if (state === 'lost') {
		return {
			id: 'etcd.no-quorum',
			severity: 'critical',
			text: `etcd has no quorum: ${answering.length} of ${voters} answer, none reaches a majority of ${needed}`,
			evidence,
		};
	}

	const alone = answering.filter(({contact}) => contact === 'no');
	const others = otherWords(nodes);
	if (alone.length > 0) {
		// The other members may have a quorum across a network partition.
		return {
			id: 'etcd.no-quorum',
			severity: 'critical',
			text: `no etcd quorum seen: no raft leader on ${alone.map(({name}) => name).join(', ')}${others}`,
			evidence,
		};
	}

	const {read} = context.cluster;
	const silence = read === undefined ? 'yet' : `since ${clock(read.at, context.now)}`;
	return {
		id: 'etcd.unreachable',
		severity: 'unknown',
		text: `etcd cannot be read: ${answering.length} of ${voters} answer, no linearizable read ${silence}${others}`,
		since: read?.at,
		evidence,
	};
}

/** Names the voters that do not answer. */
function otherWords(nodes: readonly EtcdNode[]): string {
	const away = nodes.filter(node => !node.member?.learner && !node.answers);
	const names = (list: readonly EtcdNode[]) => list.map(({name}) => name).join(', ');
	const hidden = away.filter(isUnseen);
	const silent = away.filter(node => !isUnseen(node));
	return [
		...(silent.length > 0 ? [`; no answer: ${names(silent)}`] : []),
		...(hidden.length > 0 ? [`; not watched: ${names(hidden)}`] : []),
	].join('');
}

function memberFindings(context: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	const {voters, healthy, needed} = quorum(nodes);
	// A member that is not polled, or serves another store, is not down: those are findings of their own.
	const down = nodes.filter(
		node =>
			node.withheld === undefined &&
			!node.foreign &&
			(!node.answers || node.contact === 'no' || isUnread(node, context.now)),
	);
	const isAtEdge = healthy === needed && !nodes.some(isUnseen);
	const found = down.map((node): Finding => {
		if (isUnseen(node)) {
			return {
				id: 'etcd.unseen',
				severity: 'notice',
				text: `etcd ${node.name} is not watched: it publishes no address that can be reached from here`,
				about: node.name,
				evidence: [
					quote(
						context,
						membersSource(context),
						`${node.name}: ${node.member?.clientUrls.join(', ') || 'no client URL'}`,
					),
				],
			};
		}

		const edge = isAtEdge
			? `; ${isUncertain(node) ? 'without it, ' : ''}one more loss and the quorum is lost`
			: '';
		return {
			id: 'etcd.member-down',
			severity: 'degraded',
			text: `etcd ${node.name} ${whyDown(context, node)}${edge}`,
			about: node.name,
			evidence:
				node.endpoint === undefined
					? [quote(context, membersSource(context), `${node.name} is a member without an address`)]
					: [quoteBlind(context, `etcd:${node.endpoint}`), quoteBlind(context, `dcs:${node.endpoint}`)],
		};
	});
	return down.length > 0 || voters === 0 || voters > needed
		? found
		: [
				...found,
				{
					id: 'etcd.alone',
					severity: 'notice',
					text: `etcd has only ${voters} voting ${voters === 1 ? 'member' : 'members'}: the quorum survives no failure`,
					evidence: [quote(context, membersSource(context), `${voters} voting, ${needed} needed`)],
				},
			];
}

function whyDown({cluster, now}: FindingContext, node: EtcdNode): string {
	const {answers, endpoint, member, contact, unreadSince} = node;
	if (answers) {
		return contact === 'no'
			? 'answers, but has no raft leader'
			: `answers, but no linearizable read since ${clock(unreadSince ?? now, now)}`;
	}

	if (endpoint === undefined) {
		return member?.name === '' ? 'is registered but has never started' : 'is not in the member list';
	}

	return `does not answer: ${unavailableReason(cluster.sourceStatuses.get(`etcd:${endpoint}`), `etcd:${endpoint}`, now) ?? ''}`;
}

function alarmFindings(context: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	return context.cluster.etcd.alarms.map(({memberId, alarm}) => {
		const name = nodes.find(node => node.member?.id === memberId)?.name ?? memberId;
		return {
			id: 'etcd.alarm',
			severity: 'critical',
			text: `etcd ${name}: alarm ${alarm}`,
			about: name,
			evidence: [
				quote(
					context,
					membersSource(context),
					`alarm ${alarm} on ${memberId}`,
					context.cluster.etcd.members?.at,
				),
			],
		};
	});
}

function membersSource({cluster}: FindingContext): SourceId {
	return cluster.etcd.members?.source ?? 'etcd:';
}

/** Reported only if no watch works: then changes show up with the next poll. */
function watchFindings(context: FindingContext): Finding[] {
	const watches = [...context.cluster.sourceStatuses].filter(([source]) => kindOf(source) === 'watch');
	return watches.length === 0 || watches.some(([, status]) => status?.state !== 'lost')
		? []
		: [
				{
					id: 'watch.lost',
					severity: 'notice',
					text: `no watch on etcd: changes are polled every ${pollIntervalMs / 1000} s`,
					evidence: watches.map(([source]) => quoteBlind(context, source as SourceId)),
				},
			];
}
