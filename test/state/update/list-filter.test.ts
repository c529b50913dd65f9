/** `/` in overlays with lists: the filter, what it selects, and the search of the timeline. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {stateJson, stateOf, unmark} from '../../../source/recording/state-json.ts';
import {listIds, matchesOf, selectedInList} from '../../../source/state/selection.ts';
import {type ListOverlay, mode, type State, topOverlay} from '../../../source/state/state.ts';
import {overlayPane} from '../../../source/state/view/overlay.ts';
import {Operator} from '../../support/operator.ts';
import {pressAt, type Session} from '../../support/session.ts';
import {anyText} from '../../support/text.ts';

const press = <S extends Session>(session: S, ...commands: readonly Command[]) =>
	pressAt(session, 12, ...commands);
const type = <S extends Session>(session: S, text: string) => session.at(12, {type: 'typed', text});

/** Three findings at least, and entries in the timeline. */
const unwell = () => {
	const operator = new Operator('trixie').after(10);
	operator.after(11, operator.configured({pause: true}), operator.member('pgdb2', {state: 'stopped'}));
	return operator.blind('patroni:pgdb1', 'vip:pgdb2', 'etcd:http://10.73.0.171:2379').after(12);
};

/** The list, also below its prompt. */
function listOf({view}: State): ListOverlay {
	const list = view.overlays.findLast(({kind}) => kind !== 'prompt');
	if (
		list?.kind !== 'findings' &&
		list?.kind !== 'menu' &&
		list?.kind !== 'logs.pick' &&
		list?.kind !== 'entries'
	) {
		throw new Error(`no list: ${list?.kind}`);
	}

	return list;
}

const ids = ({state}: Session) => listIds(state, listOf(state));
const selected = ({state}: Session) => selectedInList(state, listOf(state));
const title = ({state}: Session) => overlayPane(state, 120)?.title;

/** Ways to open each list that `/` filters. */
const lists: readonly [string, readonly Command[]][] = [
	['findings', ['findings.toggle', 'go.first']],
	['menu', ['menu.open', 'go.first']],
	['logs.pick', ['log.open', 'log.pick']],
];

describe.each(lists)('%s', (_, commands) => {
	const opened = () => press(unwell(), ...commands);
	const filtering = (text: string) => type(press(opened(), 'list.filter'), text);

	it('is narrowed to the rows with the text, in any case, at each character', () => {
		const session = press(opened(), 'list.filter');
		const all = ids(session);
		expect(all.length).toBeGreaterThan(2);
		fc.assert(
			fc.property(fc.oneof(anyText, fc.constantFrom('a', 'pg', 'NO', 'e', 'pause')), text => {
				const kept = ids(type(press(session, 'text.clear'), text));
				const {filter = ''} = listOf(session.state);
				expect(kept).toEqual(all.filter(id => kept.includes(id)));
				for (const id of ids(type(session, 'e'))) {
					expect(kept).toContain(id);
				}

				const upper = filter.toUpperCase();
				if (upper.toLowerCase() === filter.toLowerCase()) {
					expect(ids(type(press(session, 'text.clear'), upper))).toEqual(kept);
				}
			}),
			{numRuns: 30},
		);
	});

	it('counts the rows in its title, and says when none is left', () => {
		const all = ids(opened()).length;
		expect(title(press(opened(), 'list.filter'))).toMatch(new RegExp(`  /_  ${all} of ${all}$`));
		expect(title(press(filtering('e'), 'prompt.take'))).toMatch(new RegExp(`  /e  \\d+ of ${all}$`));
		const none = filtering('not anywhere');
		expect(title(none)).toMatch(new RegExp(`  /not anywhere_  0 of ${all}$`));
		expect(
			overlayPane(none.state, 120)
				?.lines.flat()
				.map(({text}) => text),
		).toContain('no matches: Esc clears the filter');
	});

	it('keeps the selected row while it is shown, else takes the first', () => {
		const last = press(opened(), 'go.last');
		const id = selected(last);
		expect(id).toBe(ids(last).at(-1));
		const session = press(last, 'list.filter');
		const words = ['e', 'n', 'a', 'pg', 'o', 'down', 'kernel', 'pause'];
		for (const word of words) {
			type(press(session, 'text.clear'), word);
			expect(selected(session)).toBe(ids(session).includes(id ?? '') ? id : ids(session)[0]);
		}

		type(press(session, 'text.clear'), 'not anywhere');
		expect(selected(session)).toBeUndefined();
		expect(selected(press(session, 'text.clear'))).toBe(id);
	});

	it('is whole again after Esc, first from the prompt, then from the filter; one more closes it', () => {
		const all = ids(opened());
		const fromPrompt = press(filtering('not anywhere'), 'dismiss');
		expect(ids(fromPrompt)).toEqual(all);
		expect(mode(fromPrompt.state)).toBe(listOf(opened().state).kind);

		const kept = press(filtering('e'), 'prompt.take');
		expect(ids(kept)).not.toEqual([]);
		expect(mode(kept.state)).toBe(listOf(opened().state).kind);
		const here = selected(kept);
		press(kept, 'dismiss');
		expect(ids(kept)).toEqual(all);
		expect(selected(kept)).toBe(here);
		const depth = kept.state.view.overlays.length;
		expect(press(kept, 'dismiss').state.view.overlays).toHaveLength(depth - 1);
	});

	it('moves among the rows that are shown, from the prompt, too', () => {
		const session = filtering('e');
		const kept = ids(session);
		expect(selected(press(session, 'select.down'))).toBe(kept[1] ?? kept[0]);
		expect(mode(session.state)).toBe('prompt');
		expect(selected(press(session, 'prompt.take', 'go.last'))).toBe(kept.at(-1));
	});
});

describe('a filtered menu', () => {
	it('asks for the marked row, and for nothing while none is left', () => {
		const healthy = () => press(new Operator('trixie').after(10), 'select.down', 'menu.open', 'go.first');
		const session = press(type(press(healthy(), 'list.filter'), 'restart postgre'), 'prompt.take');
		expect(selected(session)).toBe(ids(session)[0]);
		press(session, 'menu.choose');
		const top = topOverlay(session.state.view);
		expect(top?.kind === 'dialog' && top.operation.kind).toBe('restart');

		const none = press(type(press(healthy(), 'list.filter'), 'not anywhere'), 'prompt.take', 'menu.choose');
		expect(topOverlay(none.state.view)?.kind).toBe('menu');
		expect(none.effects.filter(({type}) => type === 'operation.send')).toEqual([]);
	});
});

describe('the timeline', () => {
	const opened = () => press(unwell(), 'log.entries');
	const searching = (text: string) => type(press(opened(), 'list.search'), text);
	const hits = ({state}: Session) => matchesOf(state, listOf(state)).ids;

	it('shows all entries, with the matches marked and counted', () => {
		const all = ids(press(opened(), 'timeline.view'));
		const session = type(press(opened(), 'timeline.view', 'list.search'), 'LOST');
		expect(ids(session)).toEqual(all);
		const marked = overlayPane(session.state, 120)
			?.table?.rows.filter(({match}) => match !== undefined)
			.map(({id}) => id);
		expect(marked).toEqual(hits(session));
		expect(hits(session).length).toBeGreaterThan(1);
		expect(hits(session).length).toBeLessThan(all.length);
		expect(title(searching('not anywhere'))).toBe('Timeline  /not anywhere_  no matches');
	});

	it('goes to the last match, and with n and N around', () => {
		const session = press(searching('lost'), 'prompt.take');
		const all = hits(session);
		expect(selected(session)).toBe(all.at(-1));
		expect(title(session)).toBe(`Timeline  /lost  match ${all.length} of ${all.length}`);
		for (const id of all.toReversed().slice(1)) {
			expect(selected(press(session, 'list.previous'))).toBe(id);
			expect(session.state.view.notice).toBeUndefined();
		}

		expect(selected(press(session, 'list.previous'))).toBe(all.at(-1));
		expect(session.state.view.notice?.text).toBe('search continues at the bottom');
		expect(selected(press(session, 'list.next'))).toBe(all[0]);
		expect(session.state.view.notice?.text).toBe('search continues at the top');
	});

	it('says that nothing matches, or that nothing is searched', () => {
		const session = press(opened(), 'list.next');
		expect(session.state.view.notice?.text).toBe('no search text yet');
		const none = press(searching('not anywhere'), 'prompt.take');
		expect(none.state.view.notice?.text).toBe('not anywhere: no matches');
		expect(selected(none)).toBe(selected(opened()));
		expect(title(press(none, 'dismiss'))).toBe('Timeline');
		expect(mode(none.state)).toBe('entries');
	});
});

describe('the help', () => {
	it('is narrowed to the keys with the text', () => {
		const session = type(press(unwell(), 'help.toggle', 'list.filter'), 'switchover');
		const pane = overlayPane(session.state, 120);
		const entries = [...(pane?.sections ?? []), ...(pane?.further?.sections ?? [])].flatMap(
			one => one.entries,
		);
		expect(entries.map(({name}) => name)).toContain('S');
		for (const {name, text} of entries) {
			expect(`${name} ${text}`.toLowerCase()).toContain('switchover');
		}

		expect(pane?.title).toMatch(new RegExp(`^Help  /switchover_  ${entries.length} of \\d+$`));
	});
});

it('is recorded, and a state without it is read', () => {
	const session = type(press(unwell(), 'findings.toggle', 'list.filter'), 'pg');
	const read = stateOf(unmark(JSON.parse(stateJson(session.state, {logs: false}))) as State);
	expect(read.view.overlays).toEqual(session.state.view.overlays);
	expect(title({state: read} as Session)).toBe(title(session));
	const older = press(unwell(), 'findings.toggle').state;
	expect(overlayPane(older, 120)?.title).toBe('Findings');
});
