/** HAProxy on each node: in sight, and sending writers to the leader, as the other node's does. */
import type {Finding} from '../finding.ts';
import {fullest, type Route, routeTo} from '../haproxy.ts';
import {blindness, sees} from '../sight.ts';
import {isRunning} from '../units.ts';
import {databaseNodes, vipView} from '../vip.ts';
import {inSight, type Look, quote, quoteBlind, quoteDcs} from './look.ts';

/** A part of the sessions that there can be: from here on it is time to look who holds them. */
const nearlyFull = 0.8;

export function haproxyFindings(look: Look): Finding[] {
	const {cluster, target, now} = look;
	if (target.vip === undefined || target.haproxy === undefined) {
		return [];
	}

	const nodes = databaseNodes(cluster, target).map(({name}) => name);
	const holders = vipView(cluster, target, now)
		.holders.filter(one => one.sees)
		.map(({node}) => node);
	const routes = nodes.flatMap(node => {
		const route = inSight(look, `haproxy:${node}`) ? routeTo(cluster, target, node, 'primary') : undefined;
		return route === undefined ? [] : [{node, route}];
	});
	return [
		...nodes.flatMap(node => sightFindings(look, node, holders.includes(node))),
		...nodes.flatMap(node => roomFindings(look, node)),
		...routes.flatMap(({node, route}) => routeFindings(look, node, route, holders.includes(node))),
		...differences(look, routes),
	];
}

function sightFindings(look: Look, node: string, holds: boolean): Finding[] {
	const {cluster, target, now} = look;
	const source = `haproxy:${node}` as const;
	const unit = cluster.units.get(node)?.value.find(({service}) => service === 'haproxy');
	const unitSees = sees(cluster.sights.get(`units:${node}`), `units:${node}`, now);
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

	const reason = blindness(cluster.sights.get(source), source, now);
	if (reason !== undefined) {
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

	return routeTo(cluster, target, node, 'primary') === undefined
		? [
				{
					id: 'haproxy.unnamed',
					severity: 'unknown',
					text: `${node}: which backend of HAProxy serves :5000 can't be told`,
					about: node,
					evidence: [
						quote(
							look,
							source,
							`backends: ${[...new Set(cluster.haproxy.get(node)?.value.servers.map(({backend}) => backend))].join(', ')}`,
						),
					],
				},
			]
		: [];
}

/** Nobody else tells before it is too late: at its limit HAProxy takes no clients, and does not answer for its statistics either. */
function roomFindings(look: Look, node: string): Finding[] {
	const source = `haproxy:${node}` as const;
	const stats = inSight(look, source) ? look.cluster.haproxy.get(node)?.value : undefined;
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

function routeFindings(look: Look, node: string, {to, servers}: Route, holds: boolean): Finding[] {
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
	const wrong = dcs && leader !== undefined ? to.filter(member => member !== leader) : [];
	return wrong.length === 0
		? []
		: [
				{
					id: 'haproxy.wrong',
					severity: holds ? 'critical' : 'degraded',
					text: `${node}: HAProxy sends writers to ${wrong.join(' and ')}, the leader is ${leader}`,
					about: node,
					evidence,
				},
			];
}

function differences(look: Look, routes: readonly {node: string; route: Route}[]): Finding[] {
	const opinions = new Set(routes.map(({route}) => route.to.join(', ')));
	return opinions.size < 2
		? []
		: [
				{
					id: 'haproxy.differ',
					severity: 'degraded',
					text: `the HAProxys differ: ${routes.map(({node, route}) => `${node}'s sends writers to ${route.to.join(', ') || 'nobody'}`).join(', ')}`,
					evidence: routes.map(({node, route}) =>
						quote(look, `haproxy:${node}`, `${node}: ${route.to.join(', ') || 'nobody'}`),
					),
				},
			];
}
