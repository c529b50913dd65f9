/** The name of an incident: by the weightiest thing that its entries say. */
import {objectOf} from '../cluster/source-kinds.ts';
import type {EntryAbout} from '../facts.ts';
import {changesOfLeader, type Incident} from './incidents.ts';

/** `Switchover pgdb1 → pgdb2`, `pgdb1 lost`, … */
export function headlineOf(incident: Incident): string {
	const {entries} = incident;
	return (
		ofOperation(incident) ??
		ofLeader(incident) ??
		// Other etcd stores: such an entry says all.
		entries.find(
			({kind, turn, about, log}) =>
				kind === 'etcd' && turn === 'worse' && about === undefined && log === undefined,
		)?.text ??
		ofLogs(incident) ??
		(incident.open.some(({about}) => about.of === 'reads') ? ofReads(incident) : undefined) ??
		// A machine that is gone may be the reason why etcd could not be read for a moment.
		ofMachines(incident) ??
		ofReads(incident) ??
		ofVip(incident) ??
		ofMembers(incident) ??
		ofServices(incident) ??
		ofOutages(incident) ??
		ofSources(incident) ??
		ofSync(incident) ??
		(entries.find(({turn}) => turn === 'worse') ?? entries[0])?.text ??
		''
	);
}

/** The deepest cause that a line of a log is. */
function ofLogs({entries}: Incident): string | undefined {
	return entries
		.filter(({log}) => log?.depth !== undefined)
		.toSorted((a, b) => (a.log?.depth ?? 0) - (b.log?.depth ?? 0) || a.at - b.at)[0]?.text;
}

/** Of words only: a member's name stays as it is. */
function withCapital(words: string): string {
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const outcomeWords = {
	done: '',
	elsewhere: ': done elsewhere',
	refused: ': refused',
	failed: ': failed',
	unknown: ': outcome not known',
} as const;

/** The first operation of this console, its outcome, and a leader that it did not ask for. */
function ofOperation(incident: Incident): string | undefined {
	const {entries} = incident;
	const begun = entries.find(({operation}) => operation?.phase === 'begun' && !operation.isBeside)?.operation;
	if (begun === undefined) {
		return undefined;
	}

	const last = entries.findLast(
		({operation}) => operation?.name === begun.name && operation.phase !== 'begun',
	)?.operation;
	const outcome = last === undefined ? ': no outcome yet' : outcomeWords[last.outcome ?? 'done'];
	const leader = changesOfLeader(incident).at(-1)?.to;
	const change = leader === undefined || leader === begun.newLeader ? undefined : ofLeader(incident);
	return `${withCapital(begun.name)}${outcome}${change === undefined ? '' : `, ${change}`}`;
}

type Abouts = EntryAbout['of'];

function aboutsOf<K extends Abouts>({entries}: Incident, of: K): (EntryAbout & {of: K})[] {
	return entries.flatMap(({about}) => (about?.of === of ? [about as EntryAbout & {of: K}] : []));
}

function ofLeader(incident: Incident): string | undefined {
	const all = aboutsOf(incident, 'leader');
	const [first] = all;
	const last = all.at(-1);
	if (first === undefined || last === undefined) {
		return undefined;
	}

	if (last.to === undefined) {
		return `No leader, ${last.from ?? 'unknown'} led before`;
	}

	const chain = withoutRepeats([first.from, ...all.map(({to}) => to)].filter(name => name !== undefined));
	if (chain.length === 1) {
		return all.length === 1 ? `Leader: ${last.to}` : `${last.to} leads again`;
	}

	const requests = aboutsOf(incident, 'request');
	const isWatched = all.every(one => one.to === undefined || one.isWatched);
	const word =
		requests.length > 0
			? requests.some(({leader}) => leader !== undefined)
				? 'Switchover'
				: 'Failover on request'
			: isWatched
				? 'Failover'
				: 'Leader';
	return `${word} ${chain.join(' → ')}`;
}

function ofReads(incident: Incident): string | undefined {
	return aboutsOf(incident, 'reads').some(({isRead}) => !isRead) ? 'etcd could not be read' : undefined;
}

/** Nodes and members of which two sources or more fell silent. */
function ofMachines(incident: Incident): string | undefined {
	const lost = aboutsOf(incident, 'source').filter(({isLost, isSilent}) => isLost && isSilent);
	const names = withoutRepeats(lost.map(({source}) => objectOf(source)).sort());
	const silent = names.filter(
		name => new Set(lost.flatMap(({source}) => (objectOf(source) === name ? source : []))).size > 1,
	);
	return silent.length === 0 ? undefined : `${silent.join(', ')} lost${backOf(incident, silent)}`;
}

function backOf({open}: Incident, names: readonly string[]): string {
	const isOpen = open.some(({about}) => about.of === 'source' && names.includes(objectOf(about.source)));
	return isOpen ? '' : ', and back';
}

function ofVip(incident: Incident): string | undefined {
	const all = aboutsOf(incident, 'vip');
	const [first] = all;
	if (first === undefined) {
		return undefined;
	}

	const own = all.filter(({name}) => name === first.name);
	const before = first.has
		? first.holders.filter(node => node !== first.node)
		: [first.node, ...first.holders];
	const after = own.at(-1)?.holders ?? [];
	const most = own.map(({holders}) => holders).find(({length}) => length > 1) ?? [];
	return before.join() !== after.join()
		? `${first.name} moved ${before.join(', ') || 'from no node'} → ${after.join(', ') || 'no node'}`
		: most.length > 1
			? `${first.name} on ${most.toSorted().join(' and ')}`
			: `${first.name} left ${before.join(', ')}, and is back`;
}

/** States in which PostgreSQL does not run. */
const stopped: ReadonlySet<string> = new Set(['stopping', 'stopped', 'starting', 'restarting', 'crashed']);
const running: ReadonlySet<string> = new Set(['running', 'streaming', 'in archive recovery']);

function ofMembers(incident: Incident): string | undefined {
	const all = aboutsOf(incident, 'member');
	const [first] = all;
	if (first === undefined) {
		return undefined;
	}

	const own = all.filter(({member}) => member === first.member);
	const states = withoutRepeats([first.was, ...own.map(({is}) => is)].map(state => state ?? 'gone'));
	return states.some(state => stopped.has(state)) && running.has(states.at(-1) ?? '')
		? `${first.member} restarted`
		: `${first.member}: ${states.join(' → ')}`;
}

function ofServices(incident: Incident): string | undefined {
	const [first, ...rest] = aboutsOf(incident, 'service');
	if (first === undefined) {
		return undefined;
	}

	const names = first.services.join(', ');
	const own = rest.filter(({node, services}) => node === first.node && services.join(', ') === names);
	const states = withoutRepeats([first.was, first.is, ...own.map(({is}) => is)]);
	return `${first.node}: ${names} ${states.length === 1 ? 'restarted' : states.join(' → ')}`;
}

function ofOutages(incident: Incident): string | undefined {
	const all = aboutsOf(incident, 'outage');
	const worst = all.find(({write}) => write) ?? all[0];
	return worst && `${worst.write ? 'Write' : 'Read'} outage through :${worst.port}`;
}

function ofSources(incident: Incident): string | undefined {
	const lost = aboutsOf(incident, 'source').filter(({isLost}) => isLost);
	const names = withoutRepeats(lost.map(({name}) => name).sort());
	const isOpen = incident.open.some(({about}) => about.of === 'source');
	return names.length === 0 ? undefined : `${names.join(', ')} lost${isOpen ? '' : ', and back'}`;
}

function ofSync(incident: Incident): string | undefined {
	const all = aboutsOf(incident, 'sync');
	const [first] = all;
	return (
		first && `Sync standby: ${[first.was, ...all.map(({is}) => is)].map(name => name || 'none').join(' → ')}`
	);
}

function withoutRepeats<T>(all: readonly T[]): T[] {
	return all.filter((one, index) => index === 0 || one !== all[index - 1]);
}
