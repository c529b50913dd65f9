/** Findings on settings, extensions and collations: what PostgreSQL says by SQL once a minute. */
import {type SqlDetails, settingsNotLower} from '../../cluster/postgres.ts';
import {type FindingContext, isSourceFresh, quote} from '../context.ts';
import type {Finding} from '../finding.ts';

/** Comparisons of each standby with the leader. */
export function detailFindings(context: FindingContext): Finding[] {
	const {cluster, leader} = context;
	const fresh = new Map(
		[...cluster.sqlDetails].filter(([member]) => isSourceFresh(context, `details:${member}`)),
	);
	const leading = fresh.get(leader ?? '')?.value;
	return [...fresh].flatMap(([member, {value, at}]): Finding[] => {
		const source = `details:${member}` as const;
		const found: Finding[] = (value.collations ?? []).slice(0, 1).map(({database, recorded, actual}) => ({
			id: 'collation.changed',
			severity: 'degraded',
			text: `${member}: the collation version of database ${database} was ${recorded}, and is ${actual}: its indexes may be wrong`,
			about: member,
			evidence: [quote(context, source, `pg_database: datcollversion ${recorded}`, at)],
		}));
		if (leading === undefined || member === leader) {
			return found;
		}

		for (const [name, own, other] of lowerSettings(value, leading)) {
			found.push({
				id: 'settings.lower',
				severity: 'degraded',
				text: `${member}: ${name} is ${own}, the leader has ${other}: it stops replaying WAL, or does not start`,
				about: member,
				part: name,
				evidence: [quote(context, source, `${name} = ${own}`, at)],
			});
		}

		const missing = missingExtensions(value, leading);
		if (missing.length > 0) {
			found.push({
				id: 'extension.missing',
				severity: 'degraded',
				text: `${member} does not have what the leader uses: ${missing.join(', ')}; what needs it fails after a takeover`,
				about: member,
				evidence: [quote(context, source, 'pg_available_extensions, shared_preload_libraries', at)],
			});
		}

		return found;
	});
}

/** Name, the standby's value and the leader's. */
function lowerSettings(own: SqlDetails, leading: SqlDetails): [string, string, string][] {
	return settingsNotLower.flatMap((name): [string, string, string][] => {
		const [mine, other] = [own.settings?.[name], leading.settings?.[name]];
		return mine !== undefined && other !== undefined && Number(mine) < Number(other)
			? [[name, mine, other]]
			: [];
	});
}

/** Extensions of the leader that this machine does not offer, and libraries that only the leader preloads. */
function missingExtensions(own: SqlDetails, leading: SqlDetails): string[] {
	const libraries = ({settings}: SqlDetails) =>
		settings?.shared_preload_libraries?.split(',').flatMap(name => name.trim() || []);
	const [mine, others] = [libraries(own), libraries(leading)];
	const available = own.available && new Set(own.available);
	return [
		...(available === undefined
			? []
			: Object.keys(leading.extensions ?? {})
					.filter(name => !available.has(name))
					.map(name => `${name} (not installed)`)),
		...(mine === undefined || others === undefined
			? []
			: others.filter(name => !mine.includes(name)).map(name => `${name} (not preloaded)`)),
	];
}
