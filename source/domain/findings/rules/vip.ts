/** The virtual address: held by exactly one node, on which HAProxy has a primary to send writers to. */

import {unavailableReason} from '../../cluster/freshness.ts';
import {clientPort, routeTo} from '../../cluster/haproxy.ts';
import {isGuess, isProbeFresh} from '../../cluster/probe.ts';
import {isRunning} from '../../cluster/systemd.ts';
import {vipView} from '../../cluster/vip.ts';
import type {ProbePurpose} from '../../facts.ts';
import {type FindingContext, isInSight, quote, quoteBlind, seconds} from '../context.ts';
import type {Finding} from '../finding.ts';

export function vipFindings(look: FindingContext): Finding[] {
	const {cluster, target, now} = look;
	if (target.vip === undefined) {
		return [];
	}

	const {holders, blind, nodes, state, reason, answers} = vipView(cluster, target, now);
	const seen = holders.filter(({sees}) => sees);
	if (seen.length > 1) {
		return [
			{
				id: 'vip.two',
				severity: 'critical',
				text: `VIP ${target.vip} is held by ${seen.map(({node}) => node).join(' and ')} at once`,
				evidence: seen.map(({node, address}) =>
					quote(look, `vip:${node}`, `${address.ip} on ${address.interface} of ${node}`),
				),
			},
		];
	}

	const found: Finding[] = blind.map(node => ({
		id: 'ssh.blind',
		severity: 'unknown',
		text: `${node}: its addresses are out of sight: ${unavailableReason(cluster.sourceStatuses.get(`vip:${node}`), `vip:${node}`, now) ?? ''}`,
		about: node,
		evidence: [quoteBlind(look, `vip:${node}`)],
	}));
	if (seen.length === 0 && nodes.length > 0) {
		const evidence = nodes.map(node =>
			blind.includes(node)
				? quoteBlind(look, `vip:${node}`)
				: quote(look, `vip:${node}`, `${node} has not got it`),
		);
		found.push(
			state === 'none'
				? {id: 'vip.none', severity: 'critical', text: `nobody holds the VIP ${target.vip}`, evidence}
				: state === 'elsewhere'
					? {
							id: 'vip.elsewhere',
							severity: answers ? 'notice' : 'unknown',
							text: `who holds the VIP ${target.vip} is unknown: ${reason}`,
							evidence,
						}
					: {
							id: 'vip.unknown',
							severity: 'unknown',
							text: `who holds the VIP ${target.vip} can't be told`,
							evidence,
						},
		);
	}

	return [...found, ...seen.flatMap(({node}) => holderFindings(look, node))];
}

/** What clients need of the node that holds the VIP, whichever it is. */
function holderFindings(look: FindingContext, node: string): Finding[] {
	const {cluster, target} = look;
	const source = `haproxy:${node}` as const;
	const unit = cluster.units.get(node)?.value.find(({service}) => service === 'haproxy');
	const stopped =
		unit !== undefined && unit.load === 'loaded' && isInSight(look, `units:${node}`) && !isRunning(unit);
	if (
		stopped ||
		(cluster.sourceStatuses.get(source)?.state === 'lost' && !isInSight(look, source) && isDown(look, node))
	) {
		return [
			{
				id: 'vip.no-haproxy',
				severity: 'critical',
				text: `${node} holds the VIP, and its HAProxy is down`,
				about: node,
				evidence: [
					quoteBlind(look, source),
					...(unit === undefined
						? []
						: [quote(look, `units:${node}`, `${unit.unit}: ${unit.active} (${unit.sub})`)]),
				],
			},
		];
	}

	const route = isInSight(look, source) ? routeTo(cluster, target, node, 'primary') : undefined;
	return route === undefined || route.to.length > 0
		? []
		: [
				{
					id: 'vip.no-primary',
					severity: 'critical',
					text: `${node} holds the VIP, and its HAProxy has no primary to send writers to`,
					about: node,
					evidence: route.servers.map(({server, status, checkStatus, checkCode}) =>
						quote(look, source, `${server} ${status} ${checkStatus} ${checkCode ?? ''}`.trim()),
					),
				},
			];
}

/** Nobody listens there, which is more than being out of our sight. */
function isDown({cluster}: FindingContext, node: string): boolean {
	const sight = cluster.sourceStatuses.get(`haproxy:${node}`);
	return sight?.state === 'lost' && sight.reason === 'connection refused' && sight.seenAt !== undefined;
}

/** Who we are, and not the path, is the trouble. */
const refusal = /authentication|pg_hba|does not exist|permission denied|is not permitted/;

export function pathFindings(look: FindingContext): Finding[] {
	const {cluster, target, now} = look;
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
					text: `the client's path through :${port} has not been tried for ${seconds(now - probe.at)}`,
					about: `:${port}`,
					evidence: [quote(look, source, 'silent')],
				},
			];
		}

		if (probe.failing === undefined) {
			return [];
		}

		const {since, reason} = probe.failing;
		const refused = refusal.test(reason);
		if (!refused && isGuess(probe, target)) {
			return [unconfigured(look, purpose, port, reason)];
		}

		const what = target.probe?.write && purpose === 'write' ? 'writes' : 'questions';
		return [
			{
				id: refused ? 'path.refused' : purpose === 'write' ? 'path.failing' : 'path.reads',
				severity: refused ? 'unknown' : purpose === 'write' ? 'critical' : 'degraded',
				text: `${what} through ${target.probe?.host}:${port} fail for ${seconds(now - since)}: ${reason}`,
				about: `:${port}`,
				evidence: [quote(look, source, reason)],
			},
		];
	});
}

/** A port that nobody configured and that never answered: that it does not says nothing about the cluster. */
function unconfigured(look: FindingContext, purpose: ProbePurpose, port: number, reason: string): Finding {
	const {cluster, target} = look;
	const shown = clientPort(cluster, target, purpose === 'write' ? 'primary' : 'replicas');
	const setting = purpose === 'write' ? 'probe.port' : 'probe.read_port';
	const hint = shown === undefined ? `set ${setting}` : `HAProxy listens on :${shown}: set ${setting} to it`;
	return {
		id: 'path.port',
		severity: 'unknown',
		text: `nothing answers on ${target.probe?.host}:${port}, which is the usual port and not configured; ${hint}`,
		about: `:${port}`,
		evidence: [quote(look, `probe:${port}`, reason)],
	};
}
