/** The layer of trends as whole frames: each span, gaps, what is not fresh, and recordings. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {State} from '../../source/state/state.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {start} from '../support/session.ts';
import {monitoredOperator, statusOf} from '../support/sessions.ts';

const sessionsOf = (total: number) => ({total, active: 1, idle: total - 1, idleInTransaction: 0, waiting: 0});

const mebibyte = 2 ** 20;

/** Answers of both members at that second: more load from the fifth minute on. */
function answers(second: number): Event[] {
	const written = 3 * mebibyte * second + Math.max(0, second - 300) ** 2 * 20_000;
	const common = {serverTime: start + second * 1000, seesAll: true};
	return [
		statusOf('pgdb1', [], {
			...common,
			location: written,
			sessions: sessionsOf(12 + Math.floor(second / 20)),
			checkpoint: {at: start, since: written % (600 * mebibyte)},
		}),
		statusOf('pgdb2', [], {
			...common,
			received: written,
			replayLagMs: second > 300 ? (second - 300) * 8 : 4,
			sessions: sessionsOf(3),
			checkpoint: {at: start, since: written % (500 * mebibyte)},
		}),
	];
}

/** Of so many seconds, all `every` ones; between `from` and `to` pgdb2 does not answer. */
function watched(seconds: number, {every = 2, from = 0, to = 0} = {}): Operator {
	const operator = monitoredOperator();
	for (let second = 2; second <= seconds; second += every) {
		const isLost = second > from && second <= to;
		operator.at(
			second,
			...answers(second).map(
				(event): Event =>
					isLost && 'member' in event && event.member === 'pgdb2'
						? {type: 'source.lost', source: 'sql:pgdb2', reason: 'no answer in time'}
						: event,
			),
		);
	}

	return operator.after(seconds);
}

const opened = (operator: Operator) => operator.press('trends.toggle');

/** As a recording is shown, at its end. */
function played({state}: Operator): State {
	return {
		...state,
		replay: {
			playing: false,
			speed: 1,
			time: state.now,
			from: start,
			to: state.now,
			zone: 'UTC',
			marks: [],
			events: 0,
			step: undefined,
			end: undefined,
			asOperator: false,
			prompt: undefined,
			problem: undefined,
		},
	};
}

const scenes: Readonly<Record<string, () => State>> = {
	'before the first answer': () => opened(monitoredOperator().after(2)).state,
	'without SQL': () => opened(new Operator('trixie').after(2)).state,
	'after a minute': () => opened(watched(60)).state,
	'ten minutes with a gap': () => opened(watched(640, {from: 100, to: 220})).state,
	'one member is lost': () => opened(watched(640).blind('sql:pgdb2').after(660)).state,
	'without pg_monitor': () =>
		opened(
			watched(30).after(
				32,
				statusOf('pgdb1', undefined, {
					gaps: [{part: 'sessions and WAL senders', reason: 'needs pg_monitor'}],
				}),
			),
		).state,
	'one hour': () => opened(watched(640)).press('trends.span').state,
	'the whole session': () => opened(watched(7200, {every: 4})).press('trends.span', 'trends.span').state,
	'the whole recording': () => played(opened(watched(640)).press('trends.span', 'trends.span')),
};

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.entries(scenes))('%s', (_, made) => {
		expect(frameOf(made(), size)).toMatchSnapshot();
	});
});
