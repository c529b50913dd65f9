/** HAProxy on each node: in sight, and sending writers to the leader, as the other node's does. */

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
import {isRunning} from '../../cluster/systemd.ts';
import {vipView, watchedNodes} from '../../cluster/vip.ts';
import type {HaproxyStats} from '../../facts.ts';
import {type FindingContext, isInSight, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** A part of the sessions that there can be: from here on it is time to look who holds them. */
const nearlyFull = 0.8;

export function haproxyFindings(look: FindingContext): Finding[] {
	const {cluster, target, now} = look;
	if (target.vip === undefined || target.haproxy === undefined) {
		return [];
	}

	const nodes = watchedNodes(cluster, target).map(({name}) => name);
	const holders = vipView(cluster, target, now)
		.holders.filter(one => one.sees)
		.map(({node}) => node);
	const routes = nodes.flatMap(node => {
		const route = isInSight(look, `haproxy:${node}`) ? routeTo(cluster, target, node, 'primary') : undefined;
		return route === undefined ? [] : [{node, route}];
	});
	return [
		...nodes.flatMap(node => sightFindings(look, node, holders.includes(node))),
		...nodes.flatMap(node => roomFindings(look, node)),
		...routes.flatMap(({node, route}) => [
			...routeFindings(look, node, route, holders.includes(node)),
			...strangers(look, node, route),
		]),
		...differences(look, routes),
		...misnamed(look),
	];
}

function sightFindings(look: FindingContext, node: string, holds: boolean): Finding[] {
	const {cluster, target, now} = look;
	const source = `haproxy:${node}` as const;
	const unit = cluster.units.get(node)?.value.find(({service}) => service === 'haproxy');
	const unitSees = isFresh(cluster.sourceStatuses.get(`units:${node}`), `units:${node}`, now);
	if (unitSees && unit?.load === 'loaded' && !isRunning(unit)) {
		// On the holder of the VIP it is a finding of its own.
		return holds
			? []
			: [
					{
						id: 'haproxy.down',
						severity: 'degraded',
						text: `${node}: HAProxy is ${unit.active}`,
						about: node,
						evidence: [quote(look, `units:${node}`, `${unit.unit}: ${unit.active} (${unit.sub})`)],
					},
				];
	}

	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	if (reason !== undefined) {
		if (unitSees && unit?.load === 'not-found' && cluster.haproxy.get(node) === undefined) {
			// None is installed there, and none was ever seen: that its unit is not known is said elsewhere.
			return [];
		}

		return [
			{
				id: 'haproxy.blind',
				severity: 'unknown',
				text: `${node}: HAProxy's statistics are out of sight: ${reason}`,
				about: node,
				evidence: [quoteBlind(look, source)],
			},
		];
	}

	return routeTo(cluster, target, node, 'primary') === undefined ? unnamed(look, node) : [];
}

function unnamed(look: FindingContext, node: string): Finding[] {
	const {cluster, target} = look;
	const stats = cluster.haproxy.get(node)?.value;
	const names = [...new Set(stats?.servers.map(({backend}) => backend))];
	const configured = target.haproxy?.backends.primary;
	const text =
		names.length === 0
			? 'HAProxy shows no server in any backend'
			: configured === undefined
				? "which of HAProxy's backends serves writers is not known; set haproxy.backends.primary"
				: `HAProxy has no backend "${configured}" with servers (haproxy.backends.primary)`;
	return [
		{
			id: 'haproxy.unnamed',
			severity: 'unknown',
			text: `${node}: ${text}`,
			about: node,
			evidence: [quote(look, `haproxy:${node}`, `backends: ${names.join(', ') || 'none'}`)],
		},
	];
}

/** Writers are sent to a server of which nobody knows which member it is: it may be the leader. */
function strangers(look: FindingContext, node: string, {to, servers, members}: Route): Finding[] {
	if (!look.dcs || look.absent || !to.some(({member}) => member === undefined)) {
		return [];
	}

	const unknown = servers.filter(server => !members.has(server));
	const mapped = new Set(members.values());
	const left = look.members.filter(({key, name}) => key !== undefined && !mapped.has(name));
	const pairs = unknown.map(
		({server}) => `${server}: ${unknown.length === 1 && left.length === 1 ? left[0]?.name : 'MEMBER'}`,
	);
	const names = unknown.map(({server}) => server);
	return [
		{
			id: 'haproxy.unknown',
			severity: 'unknown',
			text: `${node}: HAProxy's ${names.length === 1 ? `server ${names[0]} is` : `servers ${names.join(', ')} are`} not known as ${names.length === 1 ? 'a member' : 'members'}; set haproxy.servers: {${pairs.join(', ')}}`,
			about: node,
			evidence: unknown.map(({server, backend, address, status}) =>
				quote(look, `haproxy:${node}`, `${backend}/${server} ${address ?? '(no address shown)'} ${status}`),
			),
		},
	];
}

/** What haproxy.servers says of members that there are not. */
function misnamed(look: FindingContext): Finding[] {
	const {cluster, target, dcs, absent} = look;
	if (!dcs || absent) {
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
			...look.members.map(({name}) => name),
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
					text: `haproxy.servers names what is no member: ${[...new Set(wrong)].join(', ')}`,
					evidence: [quoteDcs(look, `members: ${look.members.map(({name}) => name).join(', ')}`)],
				},
			];
}

/** Nobody else tells before it is too late: at its limit HAProxy takes no clients, and does not answer for its statistics either. */
function roomFindings(look: FindingContext, node: string): Finding[] {
	const source = `haproxy:${node}` as const;
	const stats = isInSight(look, source) ? look.cluster.haproxy.get(node)?.value : undefined;
	const most = stats && fullest(stats);
	if (most === undefined || most.sessions < most.limit * nearlyFull) {
		return [];
	}

	const text = `${most.sessions} of at most ${most.limit} sessions`;
	return [
		{
			id: 'haproxy.full',
			severity: 'degraded',
			text: `${node}: HAProxy has ${text}`,
			about: node,
			evidence: [quote(look, source, `maxconn: ${text}`)],
		},
	];
}

function routeFindings(look: FindingContext, node: string, route: Route, holds: boolean): Finding[] {
	const {to, servers} = route;
	const {leader, dcs} = look;
	const source = `haproxy:${node}` as const;
	const evidence = [
		...(dcs ? [quoteDcs(look, `key \`leader\`: ${leader ?? 'not there'}`)] : []),
		...servers.map(({server, status, checkStatus, checkCode}) =>
			quote(look, source, `${server} ${status} ${checkStatus} ${checkCode ?? ''}`.trim()),
		),
	];
	if (to.length === 0) {
		// On the holder of the VIP it is a finding of its own.
		return holds
			? []
			: [
					{
						id: 'haproxy.nowhere',
						severity: 'degraded',
						text: `${node}: HAProxy has no primary to send writers to`,
						about: node,
						evidence,
					},
				];
	}

	// Without a leader there is nothing to be wrong about.
	const wrong =
		dcs && leader !== undefined && routeState(route, leader) === 'wrong'
			? to.filter(({member}) => member !== undefined && member !== leader)
			: [];
	return wrong.length === 0
		? []
		: [
				{
					id: 'haproxy.wrong',
					severity: holds ? 'critical' : 'degraded',
					text: `${node}: HAProxy sends writers to ${destinationNames(wrong).join(' and ')}, the leader is ${leader}`,
					about: node,
					evidence,
				},
			];
}

function differences(look: FindingContext, routes: readonly {node: string; route: Route}[]): Finding[] {
	// Where one cannot be told, it may be the same.
	const told = routes.filter(({route}) => route.to.every(({member}) => member !== undefined));
	const words = (to: readonly Destination[]) => destinationNames(to).sort().join(', ');
	const opinions = new Set(told.map(({route}) => words(route.to)));
	return opinions.size < 2
		? []
		: [
				{
					id: 'haproxy.differ',
					severity: 'degraded',
					text: `the HAProxys differ: ${told.map(({node, route}) => `${node}'s sends writers to ${words(route.to) || 'nobody'}`).join(', ')}`,
					evidence: told.map(({node, route}) =>
						quote(look, `haproxy:${node}`, `${node}: ${words(route.to) || 'nobody'}`),
					),
				},
			];
}
