/** Preconditions as lines of a question: what is not in order first, then each group. */
import type {Precondition} from '../../domain/operations/types.ts';
import {cell, type Line} from './cells.ts';

const signs = {ok: 'ok     ', warning: 'WARNING', unknown: 'UNKNOWN', blocking: 'BLOCKED'} as const;
const tones = {ok: 'good', warning: 'warn', unknown: 'warn', blocking: 'bad'} as const;

/**
 * Of the group on clients and PostgreSQL, what is in order is one line of topics: the whole list has some twenty checks. It stands
 * above what is in order of the others, so that its warnings are on a screen of 24 lines.
 */
export function preconditionLines(checks: readonly Precondition[]): Line[] {
	const ofPostgres = checks.filter(({topic}) => topic !== undefined);
	const others = checks.filter(({topic}) => topic === undefined);
	if (ofPostgres.length === 0) {
		return others.map(lineOf);
	}

	const fine = ofPostgres.flatMap(({level, topic}) => (level === 'ok' ? (topic ?? []) : []));
	return [
		...others.filter(isOpen).map(lineOf),
		heading('Clients and PostgreSQL'),
		...ofPostgres.filter(isOpen).map(lineOf),
		...(fine.length === 0 ? [] : [lineOf({level: 'ok', text: fine.join(', ')})]),
		...(others.every(isOpen) ? [] : [heading('Cluster')]),
		...others.filter(one => !isOpen(one)).map(lineOf),
	];
}

/** `6 warnings, 1 unknown`, beside the choices: not all of them may be on the screen. Empty if all is in order. */
export function countsOf(checks: readonly Precondition[]): string {
	const count = (level: Precondition['level']) => checks.filter(one => one.level === level).length;
	const [warnings, unknown] = [count('warning'), count('unknown')];
	return [
		...(warnings === 0 ? [] : [`${warnings} warning${warnings === 1 ? '' : 's'}`]),
		...(unknown === 0 ? [] : [`${unknown} unknown`]),
	].join(', ');
}

function isOpen({level}: Precondition): boolean {
	return level !== 'ok';
}

function heading(text: string): Line {
	return [cell(text, 'strong')];
}

function lineOf({level, text, rule}: Precondition): Line {
	return [
		cell(`${signs[level]} `, tones[level]),
		cell(text),
		cell(rule === undefined ? '' : `: Patroni's rule: ${rule}`, 'dim'),
	];
}
