/** The client's path: whether the one who comes in as a client does is served. */
import type {Finding} from '../finding.ts';
import {probeSees} from '../probes.ts';
import {type Look, quote, seconds} from './look.ts';

/** Who we are, and not the path, is the trouble. */
const refusal = /authentication|pg_hba|does not exist|permission denied|is not permitted/;

export function pathFindings(look: Look): Finding[] {
	const {cluster, target, now} = look;
	return (['write', 'read'] as const).flatMap((purpose): Finding[] => {
		const port = target.probe?.ports[purpose];
		const probe = port === undefined ? undefined : cluster.probes.get(port);
		if (port === undefined || probe === undefined) {
			return [];
		}

		const source = `probe:${port}` as const;
		if (!probeSees(probe, now)) {
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
