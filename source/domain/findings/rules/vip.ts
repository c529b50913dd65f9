/** Findings on the VIP (one holder, with a primary in its HAProxy), and on the probe through it. */

import {clock} from '../../../lib/format.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {clientPort, type Route, routeTo} from '../../cluster/haproxy.ts';
import {isGuess, isProbeFresh} from '../../cluster/probe.ts';
import {emptyRoute, failingReason, isReachedSince} from '../../cluster/probe-reason.ts';
import {hasHaproxy} from '../../cluster/roles.ts';
import {isRunning} from '../../cluster/services.ts';
import {type VipView, vipViews} from '../../cluster/vip.ts';
import {misplacedVip} from '../../cluster/vip-leader.ts';
import type {ProbePurpose} from '../../facts.ts';
import {type FindingContext, isSourceFresh, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';

export function vipFindings(context: FindingContext): Finding[] {
	const {cluster, target, now} = context;
	const views = vipViews(cluster, target, now);
	const blind = new Set(views.flatMap(view => (hasTwo(view) ? [] : view.blind)));
	return [
		...[...blind].map(
			(node): Finding => ({
				id: 'ssh.blind',
				severity: 'unknown',
				text: `${node}: no data on its addresses: ${unavailableReason(cluster.sourceStatuses.get(`vip:${node}`), `vip:${node}`, now) ?? ''}`,
				about: node,
				evidence: [quoteBlind(context, `vip:${node}`)],
			}),
		),
		...views.flatMap((view, index) => oneVip(context, view, index)),
	];
}

function hasTwo({holders}: VipView): boolean {
	return holders.filter(({sees}) => sees).length > 1;
}

/** Findings about the second VIP and further ones name it; the first one's are as ever. */
function oneVip(context: FindingContext, view: VipView, index: number): Finding[] {
	const {vip, holders, blind, nodes, state, reason, answers} = view;
	if (vip === undefined) {
		return [];
	}

	const {address: vipAddress} = vip;
	const which = index === 0 ? {} : {part: vipAddress};
	const seen = holders.filter(({sees}) => sees);
	if (seen.length > 1) {
		return [
			{
				id: 'vip.two',
				severity: 'critical',
				text: `two nodes hold the VIP ${vipAddress}: ${seen.map(({node}) => node).join(' and ')}`,
				...which,
				evidence: seen.map(({node, address}) =>
					quote(context, `vip:${node}`, `${address.ip} on ${address.interface} of ${node}`),
				),
			},
		];
	}

	const found: Finding[] = [];
	if (seen.length === 0 && nodes.length > 0) {
		const evidence = nodes.map(node =>
			blind.includes(node)
				? quoteBlind(context, `vip:${node}`)
				: quote(context, `vip:${node}`, `${node} does not have it`),
		);
		found.push(
			state === 'none'
				? {
						id: 'vip.none',
						severity: 'critical',
						text: `no node holds the VIP ${vipAddress}`,
						...which,
						evidence,
					}
				: state === 'elsewhere'
					? {
							id: 'vip.elsewhere',
							severity: answers ? 'notice' : 'unknown',
							text: `holder of the VIP ${vipAddress} not known: ${reason}`,
							...which,
							evidence,
						}
					: {
							id: 'vip.unknown',
							severity: 'unknown',
							text: `holder of the VIP ${vipAddress} not known`,
							...which,
							evidence,
						},
		);
	}

	return [
		...found,
		...misplaced(context, view, which),
		// Clients of a VIP on the leader may connect to PostgreSQL itself.
		...seen.flatMap(({node}) => (hasHaproxy(context.target, node) ? holderFindings(context, node) : [])),
	];
}

function misplaced(context: FindingContext, view: VipView, which: {part?: string}): Finding[] {
	const {cluster, target, now} = context;
	const found = misplacedVip(view, cluster, target, now);
	return found === undefined
		? []
		: [
				{
					id: 'vip.not-leader',
					severity: 'critical',
					text: `${found.holder} holds the VIP ${view.vip?.address}, but the leader is ${found.leader}`,
					about: found.holder,
					...which,
					evidence: [
						quoteDcs(context, `key \`leader\`: ${found.leader}`),
						quote(context, `vip:${found.holder}`, `${view.vip?.address} is on ${found.holder}`),
					],
				},
			];
}

/** What clients need from the node that holds the VIP. */
function holderFindings(context: FindingContext, node: string): Finding[] {
	const {cluster, target} = context;
	const source = `haproxy:${node}` as const;
	const unit = cluster.units.get(node)?.value.find(({service}) => service === 'haproxy');
	const stopped =
		unit !== undefined &&
		unit.load === 'loaded' &&
		isSourceFresh(context, `units:${node}`) &&
		!isRunning(unit);
	if (
		stopped ||
		(cluster.sourceStatuses.get(source)?.state === 'lost' &&
			!isSourceFresh(context, source) &&
			isDown(context, node))
	) {
		return [
			{
				id: 'vip.no-haproxy',
				severity: 'critical',
				text: `${node} holds the VIP, but its HAProxy is down`,
				about: node,
				evidence: [
					quoteBlind(context, source),
					...(unit === undefined
						? []
						: [quote(context, `units:${node}`, `${unit.unit}: ${unit.active} (${unit.sub})`)]),
				],
			},
		];
	}

	const route = isSourceFresh(context, source) ? routeTo(cluster, target, node, 'primary') : undefined;
	return route === undefined ||
		route.to.length > 0 ||
		isReachedSince(cluster, target, node, route, context.now)
		? []
		: [
				{
					id: 'vip.no-primary',
					severity: 'critical',
					text: `${node} holds the VIP, but its HAProxy has no primary for writers`,
					about: node,
					evidence: quoteServers(context, node, route),
				},
			];
}

function quoteServers(context: FindingContext, node: string, {servers}: Route): Evidence[] {
	return servers.map(({server, status, checkStatus, checkCode}) =>
		quote(context, `haproxy:${node}`, `${server} ${status} ${checkStatus} ${checkCode ?? ''}`.trim()),
	);
}

/** Nothing listens there any more; this proves more than a lost source. */
function isDown({cluster}: FindingContext, node: string): boolean {
	const status = cluster.sourceStatuses.get(`haproxy:${node}`);
	return status?.state === 'lost' && status.code === 'refused' && status.seenAt !== undefined;
}

export function pathFindings(context: FindingContext): Finding[] {
	const {cluster, target, now} = context;
	return (['write', 'read'] as const).flatMap((purpose): Finding[] => {
		const port = target.probe?.ports[purpose];
		const probe = port === undefined ? undefined : cluster.probes.get(port);
		if (port === undefined || probe === undefined) {
			return [];
		}

		const source = `probe:${port}` as const;
		if (!isProbeFresh(probe, now)) {
			return [
				{
					id: 'path.silent',
					severity: 'unknown',
					text: `no probe through :${port} since ${clock(probe.at, now)}`,
					since: probe.at,
					about: `:${port}`,
					evidence: [quote(context, source, 'silent')],
				},
			];
		}

		if (probe.failing === undefined) {
			return [];
		}

		const {since, reason: seen, code} = probe.failing;
		const empty = emptyRoute(cluster, target, probe, now);
		const reason = failingReason(cluster, target, probe, now) ?? seen;
		// A refused login, or a missing database or table: the path itself works.
		const refused = code === 'denied' || code === 'missing';
		if (!refused && isGuess(probe, target)) {
			return [portFinding(context, purpose, port, reason)];
		}

		const what = target.probe?.write && purpose === 'write' ? 'writes' : 'queries';
		return [
			{
				id: refused ? 'path.refused' : purpose === 'write' ? 'path.failing' : 'path.reads',
				severity: refused ? 'unknown' : purpose === 'write' ? 'critical' : 'degraded',
				text: `${what} through ${target.probe?.host}:${port} fail since ${clock(since, now)}: ${reason}`,
				since,
				about: `:${port}`,
				evidence: [
					quote(context, source, seen),
					...(empty === undefined ? [] : quoteServers(context, empty.node, empty.route)),
				],
			},
		];
	});
}

/** The default port never answered: clients may use another one. */
function portFinding(context: FindingContext, purpose: ProbePurpose, port: number, reason: string): Finding {
	const {cluster, target} = context;
	const shown = clientPort(cluster, target, purpose === 'write' ? 'primary' : 'replicas');
	const setting = purpose === 'write' ? 'probe.port' : 'probe.read_port';
	const hint = shown === undefined ? `set ${setting}` : `HAProxy listens on :${shown}: set ${setting} to it`;
	return {
		id: 'path.port',
		severity: 'unknown',
		text: `no answer on ${target.probe?.host}:${port}, the default port; ${hint}`,
		about: `:${port}`,
		evidence: [quote(context, `probe:${port}`, reason)],
	};
}
