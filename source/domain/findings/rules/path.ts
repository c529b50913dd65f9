/** The client's path: whether the one who comes in as a client does is served. */

import {clientPort} from '../../cluster/client-ports.ts';
import {isGuess, isProbeFresh} from '../../cluster/probe.ts';
import type {ProbePurpose} from '../../facts.ts';
import {type FindingContext, quote, seconds} from '../context.ts';
import type {Finding} from '../finding.ts';

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
