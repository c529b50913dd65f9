/** What a member's clients lose, and what its stop waits for, when its PostgreSQL stops: by SQL. Pure. */
import {age, bytes} from '../../../lib/format.ts';
import type {Sender, SqlStatus, Transaction} from '../../cluster/postgres.ts';
import {sqlRowsMax} from '../../cluster/postgres.ts';
import {describeReceiver, foreignReceivers} from '../../cluster/upstream.ts';
import {type Check, check, detailOf, fine, risk, type Side, statusOf} from './sql-facts.ts';

/** A transaction of this age is called old, ms. */
const oldTransactionMs = 60_000;
/** WAL files that may wait for the archiver at any moment. */
const usualBacklog = 2;
/** Applications, receivers and other rows of a line. */
const namedMax = 3;

/** @param names of all members; `leads`: it takes writes, and archives its WAL */
export function checkClients(
	side: Side,
	candidate: Side | undefined,
	names: readonly string[],
	{leads}: {leads: boolean},
): Check[] {
	return [
		checkSessions(side),
		...checkTransactions(side),
		...(leads ? [checkPrepared(side)] : []),
		checkReceivers(side, names),
		checkBackups(side, candidate),
		...(leads ? checkArchiver(side) : []),
	];
}

/** Sessions that Patroni itself has. */
const patroniApplication = /^Patroni( |$)/i;

function checkSessions(side: Side): Check {
	return check(
		'sessions',
		statusOf(side, 'sessions', ({sessions, applications}) => sessions && {sessions, applications}),
		({sessions, applications}) => {
			const own = sumOf((applications ?? []).filter(({application}) => patroniApplication.test(application)));
			const total = Math.max(0, sessions.total - own);
			const names = biggest(applications ?? [], total);
			return total === 0
				? fine(`no client sessions on ${side.name}`)
				: risk(
						`${counted(total, 'client session')} on ${side.name} ${total === 1 ? 'ends' : 'end'}${names === '' ? '' : `: ${names}`}`,
					);
		},
	);
}

function sumOf(all: readonly {sessions: number}[]): number {
	return all.reduce((sum, {sessions}) => sum + sessions, 0);
}

/** `wiki 20, user app 4, others 3` */
function biggest(applications: NonNullable<SqlStatus['applications']>, total: number): string {
	const byName = new Map<string, number>();
	for (const {application, user, sessions} of applications) {
		if (!patroniApplication.test(application)) {
			const name = application === '' ? `user ${user}` : application;
			byName.set(name, (byName.get(name) ?? 0) + sessions);
		}
	}

	const named = [...byName].sort(([, a], [, b]) => b - a).slice(0, namedMax);
	const others = total - named.reduce((sum, [, sessions]) => sum + sessions, 0);
	return [
		...named.map(([name, sessions]) => `${name} ${sessions}`),
		...(others > 0 && named.length > 0 ? [`others ${others}`] : []),
	].join(', ');
}

function checkTransactions(side: Side): Check[] {
	const {name} = side;
	return [
		check(
			'oldest transaction',
			statusOf(side, 'oldest transactions', ({transactions}) => transactions),
			transactions => {
				const oldest = transactions.reduce<Transaction | undefined>(
					(one, other) => (one === undefined || other.ageMs > one.ageMs ? other : one),
					undefined,
				);
				return oldest === undefined
					? fine(`no transaction is open on ${name}`)
					: oldest.ageMs < oldTransactionMs
						? fine(`the oldest transaction on ${name} runs for ${age(oldest.ageMs)}`)
						: risk(`the oldest transaction on ${name} is rolled back: ${describeTransaction(oldest)}`);
			},
		),
		check(
			'idle in transaction',
			statusOf(side, 'sessions', ({sessions}) => sessions?.idleInTransaction),
			count =>
				count === 0
					? fine(`no session on ${name} is idle in transaction`)
					: risk(
							`${counted(count, 'session')} on ${name} ${count === 1 ? 'is' : 'are'} idle in transaction: what ${count === 1 ? 'it has' : 'they have'} done is rolled back`,
						),
		),
	];
}

/** `pid 4711, wiki, user app, from 10.0.0.7, idle in transaction for 12m` */
export function describeTransaction({pid, application, user, address, state, ageMs}: Transaction): string {
	return [
		`pid ${pid}`,
		...(application === '' ? [] : [application]),
		`user ${user}`,
		address === undefined ? 'local' : `from ${address}`,
		`${state === '' ? 'open' : state}, began ${age(ageMs)} ago`,
	].join(', ');
}

function checkPrepared(side: Side): Check {
	return check(
		'prepared transactions',
		statusOf(side, 'prepared transactions', ({prepared}) => prepared),
		({count, oldestMs}) =>
			count === 0
				? fine('no transaction is prepared')
				: risk(
						`${counted(count, 'prepared transaction')} on ${side.name}${oldestMs === undefined ? '' : `, the oldest ${age(oldestMs)} old`}: kept, with their locks, until the application commits them or rolls them back`,
					),
	);
}

/** PostgreSQL stops only after each WAL receiver has confirmed the last WAL. */
function checkReceivers(side: Side, names: readonly string[]): Check {
	return check(
		'WAL receivers',
		statusOf(side, 'WAL senders', ({senders}) => senders),
		senders => {
			const foreign = foreignSenders(senders, side.name, names);
			const isCut = senders.length >= sqlRowsMax;
			return foreign.length === 0
				? isCut
					? risk(`${side.name} has ${sqlRowsMax} WAL senders or more; only these many were looked at`)
					: fine(`only members receive WAL from ${side.name}`)
				: risk(
						`${listed(foreign.map(describeSender))} ${foreign.length === 1 ? 'receives WAL and is not a member' : 'receive WAL and are not members'}: ${side.name} stops when all WAL is confirmed there, or when it disconnects`,
					);
		},
	);
}

/** WAL receivers that are no members; base backups are a check of their own. */
export function foreignSenders(senders: readonly Sender[], of: string, names: readonly string[]): Sender[] {
	const list = senders.map(sender => ({...sender, address: sender.address}));
	const foreign = new Set<unknown>(foreignReceivers(list, of, names));
	return list.filter(sender => foreign.has(sender) && sender.state !== 'backup');
}

function describeSender(sender: Sender): string {
	const lag = sender.lag === undefined ? '' : `, ${bytes(Math.max(0, sender.lag))} behind`;
	return `${describeReceiver({...sender, address: sender.address})}${lag}`;
}

/** A base backup from a standby ends when that is promoted. */
function checkBackups(stops: Side, promoted: Side | undefined): Check {
	const topic = 'base backups';
	const all = [stops, ...(promoted === undefined ? [] : [promoted])].map(side => ({
		name: side.name,
		running: statusOf(side, 'WAL senders', ({senders}) => senders?.filter(({state}) => state === 'backup')),
	}));
	const found = all.flatMap(({name, running}) =>
		'value' in running
			? running.value.map(sender => `${describeReceiver({...sender, address: sender.address})} of ${name}`)
			: [],
	);
	const [blind] = all.flatMap(({running}) => ('why' in running ? [running.why] : []));
	return found.length > 0
		? {
				topic,
				...risk(
					`${counted(found.length, 'base backup')} ${found.length === 1 ? 'is' : 'are'} aborted: ${listed(found)}`,
				),
			}
		: blind === undefined
			? {topic, ...fine(`no base backup is taken from ${all.map(({name}) => name).join(' or ')}`)}
			: {topic, why: blind};
}

/** The clean stop waits until the archiver has archived what is left. */
function checkArchiver(side: Side): Check[] {
	const {name} = side;
	const archiver = statusOf(side, 'archiver', status =>
		status.archiver === undefined ? undefined : {archiver: status.archiver, serverTime: status.serverTime},
	);
	if ('value' in archiver && archiver.value.archiver === 'off') {
		return [{topic: 'archiver', ...fine('archive_mode is off')}];
	}

	return [
		check('archiver', archiver, ({archiver: one, serverTime}) => {
			if (one === 'off' || one.failedAt === undefined || one.failedAt < (one.lastAt ?? 0)) {
				return fine(`the archiver on ${name} has no failure since its last success`);
			}

			const since =
				one.lastAt === undefined ? 'never succeeded' : `last success ${age(serverTime - one.lastAt)} ago`;
			return risk(
				`archiving FAILS on ${name}: last failure ${age(serverTime - one.failedAt)} ago${one.failedWal === undefined ? '' : ` (${one.failedWal})`}, ${since}; what is not archived when it stops is archived when it runs again`,
			);
		}),
		check(
			'archive backlog',
			detailOf(side, 'archive backlog', ({archiveBacklog}) => archiveBacklog),
			count =>
				count <= usualBacklog
					? fine(`${counted(count, 'WAL file')} to archive on ${name}`)
					: risk(
							`${counted(count, 'WAL file')} to archive on ${name}: its clean stop waits for the archiver`,
						),
		),
	];
}

export function counted(count: number, what: string): string {
	return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The first ones, and how many more. */
export function listed(all: readonly string[], max = namedMax): string {
	return all.length <= max ? all.join(', ') : `${all.slice(0, max).join(', ')} and ${all.length - max} more`;
}
