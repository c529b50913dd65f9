/**
 * Findings on HAProxy on each node: whether it can be read, sends writers to the leader, and agrees with other nodes.
 */

import {isFresh, unavailableReason} from '../../cluster/freshness.ts';
import {
	type Destination,
	destinationNames,
	fullest,
	type Route,
	routeState,
	routeTo,
} from '../../cluster/haproxy.ts';
import {configuredMember} from '../../cluster/haproxy-members.ts';
import {isReachedSince} from '../../cluster/probe-reason.ts';
import {hasHaproxy, servicesOn} from '../../cluster/roles.ts';
import {isRunning} from '../../cluster/services.ts';
import {vipViews, watchedNodes} from '../../cluster/vip.ts';
import type {HaproxyStats} from '../../facts.ts';
import {type FindingContext, isSourceFresh, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** Share of the session limit that is reported. */
const nearlyFull = 0.8;

export function haproxyFindings(context: FindingContext): Finding[] {
	const {cluster, target, now} = context;
	const nodes = watchedNodes(cluster, target)
		.map(({name}) => name)
		.filter(name => hasHaproxy(target, name));
	if (nodes.length === 0) {
		return [];
	}

	const holders = vipViews(cluster, target, now).flatMap(view =>
		view.holders.filter(one => one.sees).map(({node}) => node),
	);
	const routes = nodes.flatMap(node => {
		const route = isSourceFresh(context, `haproxy:${node}`)
			? routeTo(cluster, target, node, 'primary')
			: undefined;
		return route === undefined ? [] : [{node, route}];
	});
	return [
		...nodes.flatMap(node => answerFindings(context, node, holders.includes(node))),
		...nodes.flatMap(node => roomFindings(context, node)),
		...routes.flatMap(({node, route}) => [
			...routeFindings(context, node, route, holders.includes(node)),
			...unknownServers(context, node, route),
		]),
		...routeDifferences(context, routes),
		...unknownMembers(context),
	];
}

function answerFindings(context: FindingContext, node: string, holds: boolean): Finding[] {
	const {cluster, target, now} = context;
	const source = `haproxy:${node}` as const;
	const unit = cluster.units.get(node)?.value.find(({service}) => service === 'haproxy');
	const unitSees = isFresh(cluster.sourceStatuses.get(`units:${node}`), `units:${node}`, now);
	if (unitSees && unit?.load === 'loaded' && !isRunning(unit)) {
		// On the VIP's holder, vip.no-haproxy or vip.no-primary reports it.
		return holds
			? []
			: [
					{
						id: 'haproxy.down',
						severity: 'degraded',
						text: `${node}: HAProxy is ${unit.active}`,
						about: node,
						evidence: [quote(context, `units:${node}`, `${unit.unit}: ${unit.active} (${unit.sub})`)],
					},
				];
	}

	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	if (reason !== undefined) {
		const isRequired = servicesOn(target, node).required.includes('haproxy');
		if (
			cluster.haproxy.get(node) === undefined &&
			(isRequired ? unitSees && unit?.load === 'not-found' : unit === undefined)
		) {
			// HAProxy is not installed there and was never seen; service.unknown reports the unit if it is required.
			return [];
		}

		return [
			{
				id: 'haproxy.blind',
				severity: 'unknown',
				text: `${node}: no HAProxy statistics: ${reason}`,
				about: node,
				evidence: [quoteBlind(context, source)],
			},
		];
	}

	return routeTo(cluster, target, node, 'primary') === undefined ? unnamedBackend(context, node) : [];
}

function unnamedBackend(context: FindingContext, node: string): Finding[] {
	const {cluster, target} = context;
	const stats = cluster.haproxy.get(node)?.value;
	const names = [...new Set(stats?.servers.map(({backend}) => backend))];
	const configured = target.haproxy?.backends.primary;
	const text =
		names.length === 0
			? 'HAProxy shows no server in any backend'
			: configured === undefined
				? 'it is not known which HAProxy backend serves writers; set haproxy.backends.primary'
				: `HAProxy has no servers in backend "${configured}" (haproxy.backends.primary)`;
	return [
		{
			id: 'haproxy.unnamed',
			severity: 'unknown',
			text: `${node}: ${text}`,
			about: node,
			evidence: [quote(context, `haproxy:${node}`, `backends: ${names.join(', ') || 'none'}`)],
		},
	];
}

/** Writers are sent to a server whose member is unknown; it may be the leader. */
function unknownServers(context: FindingContext, node: string, {to, servers, members}: Route): Finding[] {
	if (!context.dcs || context.absent || !to.some(({member}) => member === undefined)) {
		return [];
	}

	const unknown = servers.filter(server => !members.has(server));
	const mapped = new Set(members.values());
	const left = context.members.filter(({key, name}) => key !== undefined && !mapped.has(name));
	const pairs = unknown.map(
		({server}) => `${server}: ${unknown.length === 1 && left.length === 1 ? left[0]?.name : 'MEMBER'}`,
	);
	const names = unknown.map(({server}) => server);
	return [
		{
			id: 'haproxy.unknown',
			severity: 'unknown',
			text: `${node}: it is not known which ${names.length === 1 ? `member HAProxy's server ${names[0]} is` : `members HAProxy's servers ${names.join(', ')} are`}; set haproxy.servers: {${pairs.join(', ')}}`,
			about: node,
			evidence: unknown.map(({server, backend, address, status}) =>
				quote(
					context,
					`haproxy:${node}`,
					`${backend}/${server} ${address ?? '(no address shown)'} ${status}`,
				),
			),
		},
	];
}

/** Members in `haproxy.servers` that do not exist. */
function unknownMembers(context: FindingContext): Finding[] {
	const {cluster, target, dcs, absent} = context;
	if (!dcs || absent || target.haproxy?.servers === undefined) {
		return [];
	}

	const servers = [
		...new Map(
			[...cluster.haproxy.values()].flatMap(({value}: {value: HaproxyStats}) =>
				value.servers.map(one => [`${one.backend}/${one.server}`, one] as const),
			),
		).values(),
	];
	const known = new Set(
		[
			...context.members.map(({name}) => name),
			...[...cluster.gone.keys()].map(path => path.replace(/^members\//, '')),
		].map(name => name.toLowerCase()),
	);
	const wrong = servers.flatMap(server => {
		const member = configuredMember(server, target);
		return member === undefined || known.has(member.toLowerCase()) ? [] : [`${server.server}: ${member}`];
	});
	return wrong.length === 0
		? []
		: [
				{
					id: 'haproxy.servers',
					severity: 'notice',
					text: `haproxy.servers names members that do not exist: ${[...new Set(wrong)].join(', ')}`,
					evidence: [quoteDcs(context, `members: ${context.members.map(({name}) => name).join(', ')}`)],
				},
			];
}

/** Reported before the limit: at the limit, HAProxy neither accepts clients nor serves its statistics. */
function roomFindings(context: FindingContext, node: string): Finding[] {
	const source = `haproxy:${node}` as const;
	const stats = isSourceFresh(context, source) ? context.cluster.haproxy.get(node)?.value : undefined;
	const busiest = stats && fullest(stats);
	if (busiest === undefined || busiest.sessions < busiest.limit * nearlyFull) {
		return [];
	}

	const text = `${busiest.sessions} of ${busiest.limit} sessions`;
	return [
		{
			id: 'haproxy.full',
			severity: 'degraded',
			text: `${node}: HAProxy is nearly full: ${text}`,
			about: node,
			evidence: [quote(context, source, `maxconn: ${text}`)],
		},
	];
}

function routeFindings(context: FindingContext, node: string, route: Route, holds: boolean): Finding[] {
	const {to, servers} = route;
	const {leader, dcs} = context;
	const source = `haproxy:${node}` as const;
	const evidence = [
		...(dcs ? [quoteDcs(context, `key \`leader\`: ${leader ?? 'none'}`)] : []),
		...servers.map(({server, status, checkStatus, checkCode}) =>
			quote(context, source, `${server} ${status} ${checkStatus} ${checkCode ?? ''}`.trim()),
		),
	];
	if (to.length === 0) {
		// On the VIP's holder, vip.no-haproxy or vip.no-primary reports it.
		return holds
			? []
			: [
					{
						id: 'haproxy.nowhere',
						severity: 'degraded',
						text: `${node}: HAProxy has no primary for writers`,
						about: node,
						evidence,
					},
				];
	}

	// Without a leader no server is wrong.
	const wrong =
		dcs && leader !== undefined && routeState(context.cluster, route, leader) === 'wrong'
			? to.filter(({member}) => member !== undefined && member !== leader)
			: [];
	return wrong.length === 0
		? []
		: [
				{
					id: 'haproxy.wrong',
					severity: holds ? 'critical' : 'degraded',
					text: `${node}: HAProxy sends writers to ${destinationNames(wrong).join(' and ')}, but the leader is ${leader}`,
					about: node,
					evidence,
				},
			];
}

function routeDifferences(
	context: FindingContext,
	routes: readonly {node: string; route: Route}[],
): Finding[] {
	const {cluster, dcs, leader} = context;
	// An unknown member may be the same one, and statistics of before the leader's key show another moment.
	const known = routes.filter(
		({node, route}) =>
			route.to.every(({member}) => member !== undefined) &&
			!(route.to.length === 0 && isReachedSince(cluster, context.target, node, route, context.now)) &&
			!(dcs && leader !== undefined && routeState(cluster, route, leader) === 'outdated'),
	);
	const words = (to: readonly Destination[]) => destinationNames(to).sort().join(', ');
	const opinions = new Set(known.map(({route}) => words(route.to)));
	return opinions.size < 2
		? []
		: [
				{
					id: 'haproxy.differ',
					severity: 'degraded',
					text: `HAProxy instances differ: ${known.map(({node, route}) => `${node} sends writers to ${words(route.to) || 'no server'}`).join(', ')}`,
					evidence: known.map(({node, route}) =>
						quote(context, `haproxy:${node}`, `${node}: ${words(route.to) || 'none'}`),
					),
				},
			];
}
