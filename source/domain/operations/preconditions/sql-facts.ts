/** What members say by SQL at this moment, for preconditions: a value that is fresh, or why there is none. */
import {unavailableReason} from '../../cluster/freshness.ts';
import type {SqlDetails, SqlGap, SqlStatus} from '../../cluster/postgres.ts';
import {sqlAddresses} from '../../cluster/trust.ts';
import type {ClusterContext, Precondition} from '../types.ts';
import {unknown} from '../types.ts';

export type Answered<T> = {value: T} | {why: string};

/** A member's answers. */
export type Side = {name: string; status: Answered<SqlStatus>; details: Answered<SqlDetails>};

/** One check. `topic` names it in a list of those that are in order, or not known. */
export type Check = {topic: string} & ({level: 'ok' | 'warning'; text: string} | {why: string});

export function sideOf({cluster, target, now}: ClusterContext, name: string): Side {
	const address = sqlAddresses(cluster, target).find(({member}) => member === name);
	const refused =
		address === undefined ? 'its address is not known' : address.why && `not asked: ${address.why}`;
	const answered = <T>(source: `${'sql' | 'details'}:${string}`, value: T | undefined): Answered<T> => {
		const why = refused ?? unavailableReason(cluster.sourceStatuses.get(source), source, now);
		return why === undefined && value !== undefined
			? {value}
			: {why: `SQL to ${name}: ${why ?? 'no answer yet'}`};
	};
	return {
		name,
		status: answered(`sql:${name}`, cluster.sql.get(name)?.value),
		details: answered(`details:${name}`, cluster.sqlDetails.get(name)?.value),
	};
}

/** What the server or the login's rights do not tell is not known. @param part the label of `SqlGap` */
function read<S extends {gaps: readonly SqlGap[]}, T>(
	name: string,
	answer: Answered<S>,
	part: string,
	pick: (value: S) => T | undefined,
): Answered<T> {
	if ('why' in answer) {
		return answer;
	}

	const value = pick(answer.value);
	if (value !== undefined) {
		return {value};
	}

	const gap = answer.value.gaps.find(one => one.part === part) ?? gapOfAll(part, answer.value.gaps);
	return {why: `SQL to ${name}: ${gap?.reason ?? 'not in the answer'}`};
}

/** Without pg_monitor a login sees its own sessions alone. */
function gapOfAll(part: string, gaps: readonly SqlGap[]): SqlGap | undefined {
	return ['sessions', 'oldest transactions', 'WAL senders'].includes(part)
		? gaps.find(one => one.part === 'sessions and WAL senders')
		: undefined;
}

export function statusOf<T>(
	{name, status}: Side,
	part: string,
	pick: (status: SqlStatus) => T | undefined,
): Answered<T> {
	return read(name, status, part, pick);
}

export function detailOf<T>(
	{name, details}: Side,
	part: string,
	pick: (details: SqlDetails) => T | undefined,
): Answered<T> {
	return read(name, details, part, pick);
}

/** Whether the member shows its WAL senders by SQL now. */
export function hasSenders(context: ClusterContext, name: string): boolean {
	return (
		context.target.monitor !== undefined &&
		'value' in statusOf(sideOf(context, name), 'WAL senders', ({senders}) => senders)
	);
}

/** A setting, as `SHOW` gives it. */
export function settingOf(side: Side, setting: string): Answered<string> {
	return detailOf(side, 'settings', ({settings}) => settings?.[setting]);
}

export function numberOf(side: Side, setting: string): Answered<number> {
	const text = settingOf(side, setting);
	return 'value' in text && !/^-?\d+$/.test(text.value)
		? {why: `SQL to ${side.name}: ${setting} is not a number`}
		: map(text, Number);
}

export function map<T, U>(answer: Answered<T>, change: (value: T) => U): Answered<U> {
	return 'why' in answer ? answer : {value: change(answer.value)};
}

/** Both values, or why the first one is missing. */
export function both<A, B>(one: Answered<A>, other: Answered<B>): Answered<readonly [A, B]> {
	return 'why' in one ? one : 'why' in other ? other : {value: [one.value, other.value]};
}

/** A check of a value: without it, the check is not known. */
export function check<T>(
	topic: string,
	answer: Answered<T>,
	judge: (value: T) => {level: 'ok' | 'warning'; text: string},
): Check {
	return 'why' in answer ? {topic, why: answer.why} : {topic, ...judge(answer.value)};
}

export const fine = (text: string) => ({level: 'ok', text}) as const;
export const risk = (text: string) => ({level: 'warning', text}) as const;

/** As preconditions: what is not known for the same reason is one line. */
export function asPreconditions(checks: readonly Check[]): Precondition[] {
	return [
		...checks.flatMap((one): Precondition[] =>
			'why' in one ? [] : [{level: one.level, text: one.text, topic: one.topic}],
		),
		...unknownByReason(checks).map(({why, text}) => ({...unknown(text), topic: why})),
	];
}

/** What is not known, a line for each reason. */
export function unknownByReason(checks: readonly Check[]): {why: string; text: string}[] {
	const reasons = new Map<string, string[]>();
	for (const one of checks) {
		if ('why' in one) {
			reasons.set(one.why, [...(reasons.get(one.why) ?? []), one.topic]);
		}
	}

	return [...reasons].map(([why, topics]) => ({
		why,
		text: `not known: ${[...new Set(topics)].join(', ')} (${why})`,
	}));
}
