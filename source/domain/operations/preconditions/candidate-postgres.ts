/** Whether PostgreSQL of the candidate fits what runs on the leader: by SQL. Pure. */
import type {DynamicConfig} from '../../cluster/dcs.ts';
import {type Slot, settingsNotLower, sqlRowsMax} from '../../cluster/postgres.ts';
import {counted, listed} from './clients.ts';
import {
	type Answered,
	both,
	type Check,
	check,
	detailOf,
	fine,
	map,
	numberOf,
	risk,
	type Side,
	settingOf,
	statusOf,
} from './sql-facts.ts';

export type Takeover = {
	leader: Side;
	candidate: Side;
	/** Undefined where it is not known. */
	config: DynamicConfig | undefined;
	/** The monitor's database: extensions and tables of the others are not looked at. */
	database: string;
};

export function checkCandidatePostgres(takeover: Takeover): Check[] {
	return [
		checkLogicalSlots(takeover),
		checkSenderRoom(takeover),
		checkSlotRoom(takeover),
		checkRewind(takeover),
		checkNotLower(takeover),
		checkLibraries(takeover),
		checkExtensions(takeover),
		checkCollations(takeover),
		checkUnlogged(takeover),
	];
}

const slotsOf = (side: Side): Answered<readonly Slot[]> =>
	statusOf(side, 'replication slots', ({slots}) => slots);

/** A list that may be cut says nothing of what it does not have. */
function wholeSlotsOf(side: Side): Answered<readonly Slot[]> {
	const slots = slotsOf(side);
	return 'value' in slots && slots.value.length >= sqlRowsMax
		? {why: `SQL to ${side.name}: only the first ${sqlRowsMax} slots are read`}
		: slots;
}

/** A logical slot that is not on the candidate is lost, with the position of its subscriber. */
function checkLogicalSlots({leader, candidate, config}: Takeover): Check {
	const topic = 'logical slots';
	const own = wholeSlotsOf(leader);
	const kept = map(own, slots => slots.filter(({type, temporary}) => type === 'logical' && !temporary));
	if ('value' in kept && kept.value.length === 0) {
		return {topic, ...fine(`no logical slots on ${leader.name}`)};
	}

	const slots = both(kept, wholeSlotsOf(candidate));
	const permanent = config?.permanentSlots;
	if ('value' in slots && permanent === undefined) {
		return {topic, why: 'the permanent slots of the dynamic configuration are not known'};
	}

	return check(topic, slots, ([wanted, there]) => {
		const problems = wanted.flatMap(slot => {
			const copy = there.find(({name}) => name === slot.name);
			const why = whyNotKept(slot, copy, permanent?.includes(slot.name) ?? false);
			return why === undefined ? [] : [`${slot.name} (database ${slot.database ?? '?'}) ${why}`];
		});
		return problems.length === 0
			? fine(
					`${candidate.name} has ${wanted.length === 1 ? 'the logical slot' : `all ${wanted.length} logical slots`}`,
				)
			: risk(
					`logical slots that ${candidate.name} does not have ready: ${listed(problems)}; their subscribers lose their position`,
				);
	});
}

function whyNotKept(slot: Slot, copy: Slot | undefined, isPermanent: boolean): string | undefined {
	if (copy === undefined) {
		return isPermanent
			? 'is permanent in Patroni, but is not there yet'
			: slot.failover
				? 'is marked failover, but is not synced there'
				: 'is neither synced (failover, from PostgreSQL 17) nor permanent in Patroni';
	}

	return copy.walStatus === 'lost'
		? 'has lost its WAL there'
		: copy.type !== 'logical'
			? 'is a physical slot there'
			: copy.synced || isPermanent
				? undefined
				: 'exists there, and is not a copy of it';
}

/** The leader's receivers connect to the new leader: the candidate's own place there is for the old leader. */
function checkSenderRoom({leader, candidate}: Takeover): Check {
	const countOf = (side: Side) =>
		statusOf(side, 'WAL senders', ({senders}) =>
			senders === undefined || senders.length >= sqlRowsMax ? undefined : senders.length,
		);
	const used = both(countOf(leader), countOf(candidate));
	return check(
		'WAL sender room',
		both(used, numberOf(candidate, 'max_wal_senders')),
		([[there, here], limit]) => {
			const needed = there + here;
			return needed <= limit
				? fine(`${candidate.name} has room for ${counted(needed, 'WAL sender')} (max_wal_senders ${limit})`)
				: risk(
						`${candidate.name} has max_wal_senders ${limit}, and ${counted(needed, 'WAL receiver')} may connect: some stay without WAL`,
					);
		},
	);
}

function checkSlotRoom({leader, candidate}: Takeover): Check {
	const slots = both(wholeSlotsOf(leader), wholeSlotsOf(candidate));
	return check(
		'slot room',
		both(slots, numberOf(candidate, 'max_replication_slots')),
		([[there, here], limit]) => {
			const kept = [...there, ...here].filter(({temporary}) => !temporary).map(({name}) => name);
			const needed = new Set(kept).size;
			return needed <= limit
				? fine(`${candidate.name} has room for ${counted(needed, 'slot')} (max_replication_slots ${limit})`)
				: risk(
						`${candidate.name} has max_replication_slots ${limit}, and ${needed} are needed: some cannot be created`,
					);
		},
	);
}

/** A former leader that stopped uncleanly follows only after pg_rewind, or a copy. */
function checkRewind({leader, config}: Takeover): Check {
	const topic = 'pg_rewind';
	const settings = both(
		both(settingOf(leader, 'wal_log_hints'), settingOf(leader, 'data_checksums')),
		settingOf(leader, 'full_page_writes'),
	);
	const else_ = `if ${leader.name} diverges it must be reinitialized`;
	if (config?.usePgRewind === false) {
		return {topic, ...risk(`use_pg_rewind is off: ${else_}`)};
	}

	return 'value' in settings && isRewindable(settings.value) && config?.usePgRewind === undefined
		? {topic, why: 'use_pg_rewind is not set in the dynamic configuration'}
		: check(topic, settings, values =>
				isRewindable(values)
					? fine(`pg_rewind can repair ${leader.name} (use_pg_rewind)`)
					: risk(
							`pg_rewind cannot repair ${leader.name} (it needs wal_log_hints or data checksums, and full_page_writes): ${else_}`,
						),
			);
}

function isRewindable([[hints, checksums], fullPages]: readonly [
	readonly [string, string],
	string,
]): boolean {
	return (hints === 'on' || checksums === 'on') && fullPages === 'on';
}

function checkNotLower({leader, candidate}: Takeover): Check {
	const topic = 'settings';
	const pairs = settingsNotLower.map(setting => ({
		setting,
		pair: both(numberOf(leader, setting), numberOf(candidate, setting)),
	}));
	const lower = pairs.flatMap(({setting, pair}) =>
		'value' in pair && pair.value[1] < pair.value[0]
			? [`${setting} ${pair.value[1]} (${pair.value[0]})`]
			: [],
	);
	const [blind] = pairs.flatMap(({pair}) => ('why' in pair ? [pair.why] : []));
	return lower.length > 0
		? {topic, ...risk(`lower on ${candidate.name} than on ${leader.name}: ${listed(lower)}`)}
		: blind === undefined
			? {topic, ...fine(`no setting that counts is lower on ${candidate.name} than on ${leader.name}`)}
			: {topic, why: blind};
}

function checkLibraries({leader, candidate}: Takeover): Check {
	const of = (side: Side) =>
		map(settingOf(side, 'shared_preload_libraries'), text =>
			text
				.split(',')
				.map(name => name.trim().replaceAll('"', ''))
				.filter(Boolean),
		);
	return check('libraries', both(of(leader), of(candidate)), ([there, here]) => {
		const missing = there.filter(name => !here.includes(name));
		return missing.length === 0
			? fine(`${candidate.name} loads the libraries that ${leader.name} loads`)
			: risk(`${candidate.name} does not load ${listed(missing)} (shared_preload_libraries)`);
	});
}

function checkExtensions({leader, candidate, database}: Takeover): Check {
	return check(
		`extensions of ${database}`,
		both(
			detailOf(leader, 'extensions', ({extensions}) => extensions && Object.keys(extensions)),
			detailOf(candidate, 'available extensions', ({available}) => available),
		),
		([installed, available]) => {
			const missing = installed.filter(name => !available.includes(name));
			return missing.length === 0
				? fine(`${candidate.name} has the extensions of the database ${database}`)
				: risk(
						`extensions of the database ${database} that are not installed on ${candidate.name}: ${listed(missing)}`,
					);
		},
	);
}

function checkCollations({candidate}: Takeover): Check {
	return check(
		'collation versions',
		detailOf(candidate, 'collation versions', ({collations}) => collations),
		all =>
			all.length === 0
				? fine(`the collation versions of ${candidate.name} are those that its databases were built with`)
				: risk(
						`collation versions differ on ${candidate.name}: ${listed(all.map(({database, recorded, actual}) => `${database} built with ${recorded}, ${actual} there`))}; indexes on text may not find their rows`,
					),
	);
}

function checkUnlogged({leader, candidate, database}: Takeover): Check {
	return check(
		`unlogged tables of ${database}`,
		detailOf(leader, 'unlogged tables', ({unlogged}) => unlogged),
		count =>
			count === 0
				? fine(`no unlogged tables in the database ${database}`)
				: risk(
						`${counted(count, 'unlogged table')} in the database ${database} ${count === 1 ? 'is' : 'are'} EMPTY on ${candidate.name}`,
					),
	);
}
