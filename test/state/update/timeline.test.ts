/** The timeline by keys: incidents open and close, the view is switched, a search opens what it finds. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {stateJson, stateOf, unmark} from '../../../source/recording/state-json.ts';
import {listIds, selectedInList} from '../../../source/state/selection.ts';
import {mode, type State, topOverlay} from '../../../source/state/state.ts';
import type {TimelineOverlay} from '../../../source/state/timeline-rows.ts';
import {Operator} from '../../support/operator.ts';
import {pressAt, type Session} from '../../support/session.ts';

/** A lost REST, a switchover of another console, and a setting a minute later. */
function happened(): Operator {
	const operator = new Operator('trixie').after(10).blind('patroni:pgdb2');
	operator.seesAgain('patroni:pgdb2');
	operator.after(40, operator.gone('leader')).after(41, operator.leads('pgdb2'));
	operator.after(42, operator.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1'], quorum: 0}));
	return operator.after(100, operator.configured({ttl: 33}));
}

const press = (...commands: readonly Command[]) => pressAt(happened(), 101, 'log.entries', ...commands);

function overlayOf({state}: Session): TimelineOverlay {
	const top = topOverlay(state.view);
	if (top?.kind !== 'entries') {
		throw new Error(`no timeline: ${top?.kind}`);
	}

	return top;
}

const ids = (session: Session) => listIds(session.state, overlayOf(session));
const selected = (session: Session) => selectedInList(session.state, overlayOf(session));
const all = (session: Session) => session.state.timeline.map((_, index) => `${index}`);

describe('the timeline', () => {
	it('has a row for each incident, and one for what is alone', () => {
		const session = press();
		expect(ids(session)).toEqual(['incident 0', 'incident 2', '5']);
		expect(selected(session)).toBe('5');
		expect(all(session)).toHaveLength(6);
	});

	it('opens an incident, leads into it, and closes it from there', () => {
		const opened = press('select.up', 'timeline.open');
		expect(ids(opened)).toEqual(['incident 0', 'incident 2', '2', '3', '4', '5']);
		expect(selected(opened)).toBe('incident 2');
		expect(selected(pressAt(opened, 101, 'timeline.open'))).toBe('2');
		const closed = pressAt(opened, 101, 'select.down', 'timeline.close');
		expect(ids(closed)).toEqual(['incident 0', 'incident 2', '5']);
		expect(selected(closed)).toBe('incident 2');
	});

	it('opens and closes with Enter, which leads from an entry to the logs of its time', () => {
		const opened = press('select.up', 'log.entry');
		expect(ids(opened)).toContain('2');
		expect(mode(opened.state)).toBe('entries');
		expect(ids(pressAt(opened, 101, 'log.entry'))).not.toContain('2');
		const inLogs = press('select.up', 'log.entry', 'select.down', 'log.entry');
		expect(mode(inLogs.state)).toBe('logs');
		expect(topOverlay(inLogs.state.view)).toMatchObject({place: (inLogs.state.timeline[2]?.at ?? 0) * 1000});
	});

	it('shows all entries, and what was selected stays so', () => {
		const whole = press('select.up', 'timeline.view');
		expect(ids(whole)).toEqual(all(whole));
		expect(selected(whole)).toBe('2');
		expect(ids(pressAt(whole, 101, 'timeline.open', 'timeline.close'))).toEqual(all(whole));
		const back = pressAt(whole, 101, 'select.down', 'timeline.view');
		expect(ids(back)).toEqual(['incident 0', 'incident 2', '5']);
		expect(selected(back)).toBe('incident 2');
	});

	it('opens the incident of a match, which may be in its line or in its entries', () => {
		const search = (text: string) =>
			press('list.search').at(101, {type: 'typed', text}, {type: 'command', command: 'prompt.take'});
		const entry = search('leader key gone');
		expect(selected(entry)).toBe('2');
		expect(ids(entry)).toEqual(['incident 0', 'incident 2', '2', '3', '4', '5']);
		const line = search('failover');
		expect(selected(line)).toBe('incident 2');
		expect(ids(line)).toEqual(['incident 0', 'incident 2', '5']);
		expect(selected(pressAt(search('lost'), 101, 'list.previous'))).toBe('incident 0');
	});

	it('selects the incident that a selected entry becomes a part of', () => {
		const operator = new Operator('trixie').after(10).blind('patroni:pgdb2');
		pressAt(operator, 10, 'log.entries');
		expect(selected(operator)).toBe('0');
		operator.blind('vip:pgdb2');
		expect(ids(operator)).toEqual(['incident 0']);
		expect(selected(operator)).toBe('incident 0');
	});

	it('stays open in a recording', () => {
		const session = press('select.up', 'timeline.open');
		const read = stateOf(unmark(JSON.parse(stateJson(session.state, {logs: false}))) as State);
		expect(read.view.overlays).toEqual(session.state.view.overlays);
		expect(read.timeline).toEqual(session.state.timeline);
	});
});
