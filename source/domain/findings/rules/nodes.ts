/** Findings on nodes: stopped services, disks that are nearly full or read-only, addresses that are not trusted. */

import {etcdWithheld} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {vipsOf} from '../../cluster/roles.ts';
import {isRunning, type ServiceUnit} from '../../cluster/services.ts';
import {type Withheld, withheldOnMembers} from '../../cluster/trust.ts';
import {vipNodes, watchedNodes} from '../../cluster/vip.ts';
import type {FindingId} from '../advice.ts';
import {type FindingContext, isSourceFresh, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding, Severity} from '../finding.ts';

/** Share of the space that ordinary users may use. */
const nearlyFullPercent = 90;
const criticalPercent = 97;

export function nodeFindings(context: FindingContext): Finding[] {
	return [...serviceFindings(context), ...diskFindings(context), ...blindNodes(context)];
}

function serviceFindings(context: FindingContext): Finding[] {
	return [...context.cluster.units].flatMap(([node, {value, at}]) =>
		isSourceFresh(context, `units:${node}`)
			? value.filter(unit => !isRunning(unit)).flatMap(unit => oneService(context, node, unit, at))
			: [],
	);
}

function oneService(context: FindingContext, node: string, unit: ServiceUnit, at: number): Finding[] {
	const evidence = [
		quote(context, `units:${node}`, `${unit.unit}: ${unit.load}, ${unit.active} (${unit.sub})`, at),
	];
	if (unit.load !== 'loaded') {
		return [
			{
				id: 'service.unknown',
				severity: 'notice',
				text:
					unit.load === 'not-found'
						? `${node}: systemd has no unit ${unit.unit}`
						: `${node}: ${unit.unit} is ${unit.load}`,
				about: node,
				evidence,
			},
		];
	}

	// haproxy.ts has the rules for HAProxy, since they need the VIP's holder.
	if (unit.service === 'haproxy') {
		return [];
	}

	const id: FindingId = unit.service === 'keepalived' ? 'keepalived.down' : 'service.down';
	const isManager = vipsOf(context.target).some(({manager}) => manager === unit.service);
	const meaning = isManager ? ': it cannot take the VIP over' : '';
	return [
		{
			id,
			severity: 'degraded',
			text: `${node}: ${unit.service} is ${unit.active}${meaning}`,
			about: node,
			...(id === 'service.down' ? {part: unit.service} : {}),
			evidence,
		},
	];
}

function diskFindings(context: FindingContext): Finding[] {
	return [...context.cluster.disks].flatMap(([node, {value, at}]) => {
		const source = `disk:${node}` as const;
		if (!isSourceFresh(context, source)) {
			return [];
		}

		return value.flatMap(({mount, holds, usedPercent, readOnly, byName = false}): Finding[] => {
			const what = byName ? ', by its name' : '';
			const evidence = [
				quote(
					context,
					source,
					`${mount} (${holds.join(', ')}${what}): ${usedPercent} % used${readOnly ? ', read-only' : ''}`,
					at,
				),
			];
			const severity: Severity = usedPercent >= criticalPercent ? 'critical' : 'degraded';
			return [
				...(usedPercent > nearlyFullPercent
					? [
							{
								id: 'disk.full' as const,
								severity,
								text: `${node}: ${mount} is ${usedPercent} % full`,
								about: node,
								evidence,
							},
						]
					: []),
				...(readOnly && holds.some(one => one !== 'root')
					? [
							{
								id: 'disk.read-only' as const,
								severity: 'critical' as const,
								text: `${node}: ${mount} is mounted read-only; it holds ${holds.filter(one => one !== 'root').join(' and ')}${what}`,
								about: node,
								evidence,
							},
						]
					: []),
			];
		});
	});
}

/** Nodes that SSH reaches for services only; nodes that may hold the VIP have ssh.blind. */
function blindNodes(context: FindingContext): Finding[] {
	const {cluster, target, now} = context;
	const watched = watchedNodes(cluster, target);
	const others = target.nodes.filter(({name}) => !watched.some(node => node.name === name));
	const lost = [...watched, ...others].filter(
		({name}) => cluster.sourceStatuses.get(`units:${name}`)?.state === 'lost',
	);
	const mayHold = lost.length === 0 ? [] : vipNodes(cluster, target, now);
	return lost
		.filter(({name}) => !mayHold.includes(name))
		.map(({name}) => ({
			id: 'ssh.services',
			severity: 'notice',
			text: `${name}: no data on services and disks: ${unavailableReason(cluster.sourceStatuses.get(`units:${name}`), `units:${name}`, now) ?? ''}`,
			about: name,
			evidence: [quoteBlind(context, `units:${name}`)],
		}));
}

/** Limit of findings; the DCS may have any number of addresses. */
const namedMax = 8;

export function trustFindings(context: FindingContext): Finding[] {
	const {cluster, target} = context;
	const all = [...etcdWithheld(cluster, target), ...withheldOnMembers(cluster, target)];
	const more = all.length - namedMax;
	return all.slice(0, namedMax).map(
		(one, index): Finding => ({
			id: 'address.withheld',
			severity: 'unknown',
			text: `${sentence(one)}${more > 0 && index === namedMax - 1 ? ` (and ${more} more addresses)` : ''}`,
			about: one.name,
			evidence: [evidenceOf(context, one)],
		}),
	);
}

function sentence({what, name, address, why}: Withheld): string {
	switch (what) {
		case 'etcd': {
			return `etcd ${name}: nothing is sent to ${address}: ${why}`;
		}

		case 'patroni': {
			return `${name}: nothing is sent to its REST API ${address}: ${why}`;
		}

		case 'haproxy': {
			return `${name}: HAProxy's user is not sent to ${address}: ${why}`;
		}

		case 'postgresql': {
			return `${name}: PostgreSQL at ${address} is not asked by SQL: ${why}`;
		}
	}
}

function evidenceOf(context: FindingContext, {what, name, address}: Withheld) {
	return what === 'etcd'
		? quote(context, context.cluster.etcd.members?.source ?? 'etcd:', `member list: ${name} at ${address}`)
		: quoteDcs(context, `key \`members/${name}\`: ${address}`);
}
