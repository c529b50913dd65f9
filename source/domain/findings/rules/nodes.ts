/** The nodes themselves: services that do not run, disks that fill up or can not be written to. */

import {etcdWithheld} from '../../cluster/etcd.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {isRunning, type Unit} from '../../cluster/systemd.ts';
import {type Withheld, withheldOnMembers} from '../../cluster/trust.ts';
import {watchedNodes} from '../../cluster/vip.ts';
import type {FindingId} from '../advice.ts';
import {type FindingContext, isInSight, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding, Severity} from '../finding.ts';

/** Percent of what an ordinary user may use. */
const nearlyFull = 90;
const asGoodAsFull = 97;

export function nodeFindings(look: FindingContext): Finding[] {
	return [...serviceFindings(look), ...diskFindings(look), ...blindNodes(look)];
}

function serviceFindings(look: FindingContext): Finding[] {
	return [...look.cluster.units].flatMap(([node, {value, at}]) =>
		isInSight(look, `units:${node}`)
			? value.filter(unit => !isRunning(unit)).flatMap(unit => oneService(look, node, unit, at))
			: [],
	);
}

function oneService(look: FindingContext, node: string, unit: Unit, at: number): Finding[] {
	const evidence = [
		quote(look, `units:${node}`, `${unit.unit}: ${unit.load}, ${unit.active} (${unit.sub})`, at),
	];
	if (unit.load !== 'loaded') {
		return [
			{
				id: 'service.unknown',
				severity: 'notice',
				text:
					unit.load === 'not-found'
						? `${node}: systemd knows no unit ${unit.unit}`
						: `${node}: ${unit.unit} is ${unit.load}`,
				about: node,
				evidence,
			},
		];
	}

	// HAProxy's state is the matter of another check, which knows who holds the VIP.
	if (unit.service === 'haproxy') {
		return [];
	}

	const [id, meaning]: [FindingId, string] =
		unit.service === 'keepalived'
			? ['keepalived.down', ': it can not take the VIP over']
			: ['service.down', ''];
	return [
		{
			id,
			severity: 'degraded',
			text: `${node}: ${unit.service} is ${unit.active}${meaning}`,
			about: node,
			evidence,
		},
	];
}

function diskFindings(look: FindingContext): Finding[] {
	return [...look.cluster.disks].flatMap(([node, {value, at}]) => {
		const source = `disk:${node}` as const;
		if (!isInSight(look, source)) {
			return [];
		}

		return value.flatMap(({mount, holds, usedPercent, readOnly}): Finding[] => {
			const evidence = [
				quote(
					look,
					source,
					`${mount} (${holds.join(', ')}): ${usedPercent} % used${readOnly ? ', read-only' : ''}`,
					at,
				),
			];
			const severity: Severity = usedPercent >= asGoodAsFull ? 'critical' : 'degraded';
			return [
				...(usedPercent > nearlyFull
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
				...(readOnly && holds.some(what => what !== 'root')
					? [
							{
								id: 'disk.read-only' as const,
								severity: 'critical' as const,
								text: `${node}: ${mount} is mounted read-only, with ${holds.filter(what => what !== 'root').join(' and ')} on it`,
								about: node,
								evidence,
							},
						]
					: []),
			];
		});
	});
}

/** Nodes that are reached over SSH for their services alone; where the VIP is looked for, that finding says it. */
function blindNodes(look: FindingContext): Finding[] {
	const {cluster, target, now} = look;
	const lost = target.nodes.filter(({name}) => cluster.sourceStatuses.get(`units:${name}`)?.state === 'lost');
	const databases = new Set(lost.length === 0 ? [] : watchedNodes(cluster, target).map(({name}) => name));
	return lost
		.filter(({name}) => !databases.has(name))
		.map(({name}) => ({
			id: 'ssh.services',
			severity: 'notice',
			text: `${name}: its services and disks are out of sight: ${unavailableReason(cluster.sourceStatuses.get(`units:${name}`), `units:${name}`, now) ?? ''}`,
			about: name,
			evidence: [quoteBlind(look, `units:${name}`)],
		}));
}

/** So many are named; there may be as many as somebody has written into the DCS. */
const mostNamed = 8;

export function trustFindings(look: FindingContext): Finding[] {
	const {cluster, target} = look;
	const all = [...etcdWithheld(cluster, target), ...withheldOnMembers(cluster, target)];
	const more = all.length - mostNamed;
	return all.slice(0, mostNamed).map(
		(one, index): Finding => ({
			id: 'address.withheld',
			severity: 'unknown',
			text: `${sentence(one)}${more > 0 && index === mostNamed - 1 ? ` (and ${more} more addresses)` : ''}`,
			about: one.name,
			evidence: [evidenceOf(look, one)],
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
			return `${name}: the user for HAProxy is not sent to ${address}: ${why}`;
		}
	}
}

function evidenceOf(look: FindingContext, {what, name, address}: Withheld) {
	return what === 'etcd'
		? quote(look, look.cluster.etcd.members?.source ?? 'etcd:', `member list: ${name} at ${address}`)
		: quoteDcs(look, `key \`members/${name}\`: ${address}`);
}
