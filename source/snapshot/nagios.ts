/** `--format nagios`: one line with performance data, named as those of check_patroni. */
import {clusterTitle} from '../domain/target.ts';
import {isStoreRead, knownLeader, knownMembers, knownPause, presentMembers} from './known.ts';
import type {Snapshot} from './schema.ts';

const service = 'PGHA_TOP';

const words: Record<Snapshot['verdict'], string> = {
	healthy: 'OK',
	degraded: 'WARNING',
	critical: 'CRITICAL',
	unknown: 'UNKNOWN',
};

export function snapshotNagios(snapshot: Snapshot): string {
	const {verdict, findings} = snapshot;
	const roots = findings.filter(({cause, severity}) => cause === null && severity !== 'notice');
	const text = roots.length === 0 ? summaryOf(snapshot) : roots.map(one => one.text).join('; ');
	const data = perfdataOf(snapshot).map(([label, value]) => `${quoted(label)}=${value}`);
	const line = `${service} ${words[verdict]} - ${plain(`${clusterTitle(snapshot)}: ${text}`)}`;
	return `${data.length === 0 ? line : `${line} | ${data.join(' ')}`}\n`;
}

/** For a check that could not be made: a wrong configuration, a fault. */
export function nagiosProblem(problem: string): string {
	return `${service} UNKNOWN - ${plain(problem)}\n`;
}

function summaryOf(snapshot: Snapshot): string {
	const leader = knownLeader(snapshot);
	const count = presentMembers(snapshot)?.length;
	return [
		leader === undefined ? 'leader not known' : leader === null ? 'no leader' : `leader ${leader}`,
		...(count === undefined ? [] : [`${count} ${count === 1 ? 'member' : 'members'}`]),
		...(knownPause(snapshot) === true ? ['paused'] : []),
	].join(', ');
}

/** Only what is known now. */
function perfdataOf(snapshot: Snapshot): [string, string][] {
	const isRead = isStoreRead(snapshot);
	const members = knownMembers(snapshot);
	const present = presentMembers(snapshot);
	const leader = knownLeader(snapshot);
	const pause = knownPause(snapshot);
	const {scheduled_switchover: scheduled} = snapshot;
	return [
		...count('members', present?.length),
		...count('has_leader', leader === undefined ? undefined : Number(leader !== null)),
		...counts('role', present?.map(({role}) => role) ?? []),
		...counts('state', isRead ? members.map(({state}) => state) : []),
		...count('sync_replica', isRead ? snapshot.sync.standbys.length : undefined),
		...count('is_in_maintenance', pause === undefined ? undefined : Number(pause)),
		...count('scheduled_switchover', isRead ? Number(scheduled !== null) : undefined),
		...members.flatMap(({name, lag, timeline}) => [
			...(lag === undefined ? [] : [[`${name}_lag`, `${lag}B;;;0`] satisfies [string, string]]),
			...count(`${name}_timeline`, timeline),
		]),
	];
}

function count(label: string, value: number | undefined): [string, string][] {
	return value === undefined ? [] : [[label, String(value)]];
}

/** While one value is not known, no number of them is. */
function counts(kind: string, values: readonly (string | undefined)[]): [string, string][] {
	const known = values.filter(value => value !== undefined);
	return [...new Set(known.length === values.length ? known : [])]
		.sort()
		.flatMap(value =>
			count(`${kind}_${value.replaceAll(/\W+/g, '_')}`, known.filter(one => one === value).length),
		);
}

/** `|` would begin performance data. */
function plain(text: string): string {
	return text.replaceAll(/\s+/g, ' ').replaceAll('|', '/').trim();
}

/** Labels with other characters than these are quoted; the quote itself and = are not allowed. */
function quoted(label: string): string {
	const allowed = plain(label).replaceAll(/['=]/g, '_');
	return /^[\w.-]+$/.test(allowed) ? allowed : `'${allowed}'`;
}
