/** etcd itself: one store, quorum, members that are down, how many may still fail, alarms. */
import {type EtcdNode, etcdNodes, isUnseen, quorum} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {describeRebuilt} from '../../cluster/store.ts';
import type {SourceId} from '../../facts.ts';
import {type FindingContext, quote, quoteBlind, quoteDcs, seconds} from '../context.ts';
import type {Finding} from '../finding.ts';

export function dcsFindings(look: FindingContext): Finding[] {
	const {cluster, target, now} = look;
	const connecting = target.endpoints.every(endpoint => {
		const sight = cluster.sourceStatuses.get(`etcd:${endpoint}`);
		return sight === undefined || sight.state === 'connecting';
	});
	if (connecting) {
		return [{id: 'etcd.connecting', severity: 'unknown', text: 'etcd: not reached yet', evidence: []}];
	}

	const nodes = etcdNodes(cluster, target, now);
	const split = splitFindings(look, nodes);
	if (!look.dcs) {
		return [...(split.length > 0 ? split : [unread(look, nodes)]), ...rebuiltFindings(look)];
	}

	return [
		...split,
		...memberFindings(look, nodes),
		...alarmFindings(look, nodes),
		...rebuiltFindings(look),
		...watchFindings(look),
	];
}

/** Long enough to be read by who comes back to the screen; ms. */
const rebuiltShownFor = 300_000;

function rebuiltFindings(look: FindingContext): Finding[] {
	const {rebuilt} = look.cluster.store;
	return rebuilt === undefined || look.now - rebuilt.at > rebuiltShownFor
		? []
		: [
				{
					id: 'etcd.rebuilt',
					severity: 'notice',
					text: `${describeRebuilt(rebuilt)}, ${seconds(look.now - rebuilt.at)} ago`,
					evidence: [
						quoteDcs(look, `a later linearizable read shows another store, at revision ${rebuilt.to}`),
					],
				},
			];
}

/** Endpoints of two stores at the same time: each has its own keys, and perhaps its own leader. */
function splitFindings(look: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	const {foreign} = look.cluster.store;
	const others = nodes.filter(node => node.foreign && node.answers);
	const own = nodes.filter(node => node.readsLinearizably).map(({name}) => name);
	if (others.length === 0) {
		return [];
	}

	const names = others.map(({name}) => name).join(', ');
	const shown = own.length === 0 ? '' : `; shown is the store of ${own.join(', ')}`;
	return [
		{
			id: 'etcd.split',
			severity: 'critical',
			text: `the etcd endpoints hold different stores: ${names} answers for another one${shown}`,
			evidence: foreign.flatMap(({endpoint, at, revision}) =>
				others.some(node => node.endpoint === endpoint)
					? [quote(look, `dcs:${endpoint}`, `it is at revision ${revision}, with other keys`, at)]
					: [],
			),
		},
	];
}

/** Why no linearizable read is answered. */
function unread(look: FindingContext, nodes: readonly EtcdNode[]): Finding {
	const answering = nodes.filter(({answers}) => answers);
	const evidence = nodes.flatMap(({endpoint}) =>
		endpoint === undefined ? [] : [quoteBlind(look, `etcd:${endpoint}`), quoteBlind(look, `dcs:${endpoint}`)],
	);
	const refusal = answering.find(node => node.refusal !== undefined)?.refusal;
	if (refusal !== undefined) {
		return {
			id: 'etcd.refused',
			severity: 'unknown',
			text: `etcd answers, but can not be read: ${refusal}`,
			evidence,
		};
	}

	const {voters, needed, state} = quorum(nodes);
	const hidden = nodes.filter(node => !node.member?.learner && isUnseen(node));
	if (answering.length > 0 && state === 'unknown') {
		// They may have the quorum among themselves.
		return {
			id: 'etcd.unreachable',
			severity: 'unknown',
			text: `etcd can not be read: ${answering.length} of ${voters} answer, in touch with no majority; ${hidden.map(({name}) => name).join(', ')} are not looked at`,
			evidence,
		};
	}

	return answering.length === 0
		? {
				id: 'etcd.unreachable',
				severity: 'unknown',
				text: 'etcd: no endpoint answers; who leads can be told only by the members themselves',
				evidence,
			}
		: {
				id: 'etcd.no-quorum',
				severity: 'critical',
				text: `etcd without quorum: ${answering.length} of ${voters} answer, none in touch with a majority of ${needed}`,
				evidence,
			};
}

function memberFindings(look: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	const {voters, healthy, needed} = quorum(nodes);
	// What is not asked, and what holds another store, is not down: each is a finding of its own.
	const down = nodes.filter(
		({answers, readsLinearizably, withheld, foreign}) =>
			withheld === undefined && (!answers || !(readsLinearizably || foreign)),
	);
	const isWhole = !nodes.some(isUnseen);
	const found = down.map((node): Finding => {
		if (isUnseen(node)) {
			return {
				id: 'etcd.unseen',
				severity: 'notice',
				text: `etcd ${node.name} is not looked at: it names no address that leads to it from here`,
				about: node.name,
				evidence: [
					quote(
						look,
						membersSource(look),
						`${node.name}: ${node.member?.clientUrls.join(', ') || 'no client URL'}`,
					),
				],
			};
		}

		const edge = isWhole && healthy === needed ? '; one more loss ends the quorum' : '';
		return {
			id: 'etcd.member-down',
			severity: 'degraded',
			text: `etcd ${node.name} ${whyDown(look, node)}${edge}`,
			about: node.name,
			evidence:
				node.endpoint === undefined
					? [quote(look, membersSource(look), `${node.name} is a member and has no address`)]
					: [quoteBlind(look, `etcd:${node.endpoint}`), quoteBlind(look, `dcs:${node.endpoint}`)],
		};
	});
	return down.length > 0 || voters === 0 || voters > needed
		? found
		: [
				...found,
				{
					id: 'etcd.alone',
					severity: 'notice',
					text: `etcd has ${voters} voting ${voters === 1 ? 'member' : 'members'}: none may fail`,
					evidence: [quote(look, membersSource(look), `${voters} voting, ${needed} needed`)],
				},
			];
}

function whyDown({cluster, now}: FindingContext, {answers, endpoint, member}: EtcdNode): string {
	if (answers) {
		return 'answers, but serves no linearizable read';
	}

	if (endpoint === undefined) {
		return member?.name === '' ? 'is registered and never started' : 'is not in the list of members';
	}

	return `does not answer: ${unavailableReason(cluster.sourceStatuses.get(`etcd:${endpoint}`), `etcd:${endpoint}`, now) ?? ''}`;
}

function alarmFindings(look: FindingContext, nodes: readonly EtcdNode[]): Finding[] {
	return look.cluster.etcd.alarms.map(({memberId, alarm}) => {
		const name = nodes.find(node => node.member?.id === memberId)?.name ?? memberId;
		return {
			id: 'etcd.alarm',
			severity: 'critical',
			text: `etcd ${name}: alarm ${alarm}`,
			about: name,
			evidence: [
				quote(look, membersSource(look), `alarm ${alarm} on ${memberId}`, look.cluster.etcd.members?.at),
			],
		};
	});
}

function membersSource({cluster}: FindingContext): SourceId {
	return cluster.etcd.members?.source ?? 'etcd:';
}

/** Only when no watch stands: then what changes is seen with the next poll, up to two seconds later. */
function watchFindings(look: FindingContext): Finding[] {
	const watches = [...look.cluster.sourceStatuses].filter(([source]) => source.startsWith('watch:'));
	return watches.length === 0 || watches.some(([, sight]) => sight?.state !== 'lost')
		? []
		: [
				{
					id: 'watch.lost',
					severity: 'notice',
					text: 'no watch on etcd stands: it is asked every two seconds',
					evidence: watches.map(([source]) => quoteBlind(look, source as SourceId)),
				},
			];
}
