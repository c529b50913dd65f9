/** What was not observed is not shown as if nothing had been there. */
import {describe, expect, it} from 'vitest';
import {hintsOf, keysOn} from '../../../source/keymap/keymap.ts';
import type {Playback, State} from '../../../source/state/state.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {entriesPane} from '../../../source/state/view/timeline.ts';
import {chartPane} from '../../../source/state/view/trends.ts';
import {healthyFacts} from '../../support/captures.ts';
import {logLine, logLinesEvent} from '../../support/log-lines.ts';
import {healthySession, Session} from '../../support/session.ts';

/** A healthy cluster that is watched for so many seconds. */
function watched(seconds: number): State {
	const session = new Session();
	for (let second = 0; second <= seconds; second += 2) {
		session.at(second, ...healthyFacts('trixie'));
	}

	return session.state;
}

const lanes = (state: State) => {
	const {title, lines} = chartPane(shownSnapshot(state), {width: 132, height: 8});
	return {title, leader: (lines[0] ?? []).map(({text}) => text).join('')};
};

describe('the chart', () => {
	it('shows since when the cluster is observed, and marks the time before it', () => {
		const {title, leader} = lanes(watched(60));
		expect(title).toBe('Leader and VIP, since 00:00:00');
		expect(leader).toMatch(/^Leader +·{90,}pgdb1━+ *$/);
	});

	it('has times below it only once it has a time', () => {
		const times = (state: State) =>
			chartPane(shownSnapshot(state), {width: 132, height: 10})
				.lines.at(-1)
				?.map(({text}) => text.trim())
				.join('');
		expect(times(new Session().state)).toBe('');
		expect(times(watched(2))).toMatch(/^(?:23:5\d +)+23:59$/);
	});

	it('is of ten minutes once it has them', () => {
		const {title, leader} = lanes(watched(620));
		expect(title).toBe('Leader and VIP, 10 minutes');
		expect(leader).not.toContain('·');
	});

	it('marks no time in which sources were lost as before the first observation', () => {
		const session = new Session();
		for (let second = 0; second <= 120; second += 2) {
			session.at(second, ...(second > 40 && second < 80 ? [] : healthyFacts('trixie')));
		}

		expect(lanes(session.state).leader).toMatch(/^Leader +·+pgdb1━* +(?:pgdb1)?━+ *$/);
	});
});

describe('the timeline as a list', () => {
	const replayed = (state: State): State => ({
		...state,
		replay: {time: 2, from: 1, to: 2} as unknown as Playback,
	});
	const title = (state: State) =>
		entriesPane(state, {kind: 'entries', selected: undefined, scroll: 0, all: true}).status.text;

	const footer = (replay: boolean) =>
		hintsOf('entries', {operations: !replay, replay, typing: false, canSend: false})
			.filter(({key}) => key === 'Enter')
			.map(({text}) => text);
	const help = (replay: boolean) => keysOn({operations: !replay, replay}).map(({help: text}) => text);

	it('names what Enter does: live the logs of that time, in a recording that time', () => {
		const session = healthySession('trixie').at(1, logLinesEvent('pgdb1', logLine(1, 'line')));
		expect([title(session.state), footer(false)]).toEqual([
			'Enter shows the logs at that time, a folds into incidents',
			['open'],
		]);
		expect([title(replayed(session.state)), footer(true)]).toEqual([
			'Enter goes to that time, a folds into incidents',
			['open'],
		]);
		expect(help(false).filter(text => /logs at that time/.test(text))).toHaveLength(1);
		expect(help(true).filter(text => /logs at that time/.test(text))).toEqual([]);
	});
});
