/** Findings on nodes with different versions of glibc, over SSH: PostgreSQL before 15 does not show that itself. */
import {type Glibc, glibcOf, libcDatabases} from '../../cluster/glibc.ts';
import {type FindingContext, quote} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';

/** Databases that a text names. */
const namedMax = 3;

/** Each member against the leader. */
export function glibcFindings(context: FindingContext): Finding[] {
	const {leader, members} = context;
	return leader === undefined
		? []
		: members.flatMap(({name}) => (name === leader ? [] : findingOf(context, leader, name)));
}

function findingOf(context: FindingContext, leader: string, member: string): Finding[] {
	const [there, here] = [glibcOf(context, leader), glibcOf(context, member)];
	const databases = libcDatabases(context, [leader, member]);
	if ('why' in there || 'why' in here || there.version === here.version || databases?.length === 0) {
		return [];
	}

	return [
		{
			id: 'glibc.differs',
			// As where PostgreSQL finds a collation version changed; where it may not matter at all, it is worth knowing.
			severity: databases === undefined ? 'notice' : 'degraded',
			text: `${member} has glibc ${here.version}, the leader ${leader} has ${there.version}: ${
				databases === undefined
					? 'whether a database sorts text by it is not known'
					: `indexes on text may be wrong on one of them (${databases.slice(0, namedMax).join(', ')}${databases.length > namedMax ? ', …' : ''})`
			}`,
			about: member,
			evidence: [quoteGlibc(context, here), quoteGlibc(context, there)],
		},
	];
}

function quoteGlibc(context: FindingContext, {node, version, at}: Exclude<Glibc, {why: string}>): Evidence {
	return quote(context, `disk:${node}`, `getconf GNU_LIBC_VERSION on ${node}: glibc ${version}`, at);
}
