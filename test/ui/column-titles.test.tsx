/** A column is left out before its title is cut: at any width, of any table, in any scene. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {tour} from '../../source/cli/commands/replay.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {Player} from '../../source/replay/player.ts';
import {newLogOverlay} from '../../source/state/overlays.ts';
import {type State, shownSnapshot} from '../../source/state/state.ts';
import {cell, type PaneRows, type Table} from '../../source/state/view/cells.ts';
import {detailsPane} from '../../source/state/view/details.ts';
import {etcdPane} from '../../source/state/view/etcd.ts';
import {logPickerPane} from '../../source/state/view/log-picker.ts';
import {membersPane} from '../../source/state/view/members.ts';
import {nodesPane} from '../../source/state/view/nodes.ts';
import {operationPane} from '../../source/state/view/operations.ts';
import {menuPane} from '../../source/state/view/overlay.ts';
import {entriesPane} from '../../source/state/view/timeline.ts';
import {vipPane} from '../../source/state/view/vip.ts';
import {layTable} from '../../source/ui/table-layout.ts';
import {storms} from '../support/random-events.ts';
import {live} from '../support/recorded.ts';
import {frameOf} from '../support/screen.tsx';
import {healthySession, Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const widths = Array.from({length: 161}, (_, index) => 60 + index);

/** Cells of the header that are neither a title nor a gap. */
function cutTitles(table: Table, width: number): string[] {
	const titles = new Set(table.columns.map(({title}) => title));
	return layTable(table, width)
		.header.map(({text}) => text.trim())
		.filter(text => text !== '' && !titles.has(text));
}

/** Every table of the screen, with the share of the width that it gets at least. */
function tablesOf(state: State): [string, PaneRows, (width: number) => number][] {
	const shown = shownSnapshot(state);
	const whole = (width: number) => width - 4;
	const half = (width: number) =>
		Math.floor((width >= 180 ? width - Math.floor(width * 0.4) : width) / 2) - 4;
	const side = (width: number) => (width >= 180 ? Math.floor(width * 0.4) : width) - 4;
	const left = (width: number) => (width >= 180 ? width - Math.floor(width * 0.4) : width) - 4;
	const [first] = [...shown.cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' ? [value] : [],
	);
	return [
		['members', membersPane(shown), left],
		['etcd', etcdPane(shown), half],
		['VIP', vipPane(shown), half],
		['nodes', nodesPane(shown), whole],
		...[false, true].map((all): [string, PaneRows, typeof side] => [
			'timeline',
			entriesPane(state, {kind: 'entries', selected: undefined, scroll: 0, all}),
			side,
		]),
		['details', detailsPane(shown, first?.name ?? ''), side],
		['menu', menuPane(state, {member: first?.name, node: first?.name}, undefined), side],
		['log picker', logPickerPane(state, newLogOverlay(undefined)), side],
		...state.runs.map(({id}): [string, PaneRows, typeof side] => [
			'operation',
			operationPane(state, id),
			side,
		]),
	];
}

function expectWholeTitles(state: State, some: readonly number[] = widths): void {
	const cut = tablesOf(state).flatMap(([name, {table}, widthOf]) =>
		table === undefined
			? []
			: some.flatMap(width => cutTitles(table, widthOf(width)).map(title => ({name, width, title}))),
	);
	expect(cut).toEqual([]);
}

describe('titles of columns', () => {
	it.each(tour.map(({name}) => name))('are whole in every second of the recording %s', async name => {
		const recording = await openRecording(tourFile(name));
		const player = new Player(recording, {asOperator: true, perform: () => undefined});
		for (let second = 0; player.playing; second++) {
			player.advance(1000);
			expectWholeTitles(
				player.state,
				widths.filter(width => width % 7 === second % 7),
			);
		}

		recording.close();
	});

	it('are whole after any events', () => {
		fc.assert(
			fc.property(storms, fc.constantFrom(...widths), (storm, width) => {
				const last = [...live(healthySession('trixie').state, storm)].at(-1)?.after;
				if (last !== undefined) {
					expectWholeTitles(last, [width]);
				}
			}),
			{numRuns: 25},
		);
	});

	it('are whole with any names, states and reasons', () => {
		const name = fc.string({minLength: 1, maxLength: 40}).map(text => text.replaceAll(/[^a-z0-9-]/g, 'x'));
		fc.assert(
			fc.property(
				fc.uniqueArray(name, {minLength: 1, maxLength: 5}),
				fc.constantFrom('running', 'creating replica', 'stopped', 'initializing new cluster'),
				fc.constantFrom(...widths),
				(names, word, width) => {
					const session = new Session({
						...target,
						nodes: names.map((one, index) => ({
							name: one,
							host: `10.9.9.${index}`,
							roles: ['database', 'etcd'],
						})),
					}).at(
						0,
						...madeFacts({
							members: names.map(one => ({name: one, key: {state: word, host: `${one}.example.com`}})),
						}),
					);
					expectWholeTitles(session.state, [width]);
					const headers = frameOf(session.state, {width, height: 30})
						.split('\n')
						.flatMap(line => line.split(/[│┃]/))
						.filter(part => /^ (Member|Node|etcd) {2}/.test(part));
					expect(headers.length).toBeGreaterThan(0);
					expect(headers.filter(line => line.includes('…'))).toEqual([]);
				},
			),
			{numRuns: 25},
		);
	});

	it('are whole in any table that has room for the titles that always stay, and a column that fits is kept', () => {
		const column = fc.record({
			title: fc.stringMatching(/^[A-Za-z]{1,16}$/),
			align: fc.constantFrom('left' as const, 'right' as const),
			rank: fc.nat(6),
			minWidth: fc.option(fc.integer({min: 1, max: 20}), {nil: undefined}),
			whole: fc.option(fc.constant(true as const), {nil: undefined}),
			content: fc.string({minLength: 1, maxLength: 60}).map(text => text.replaceAll(/[^a-z0-9]/g, 'x')),
		});
		fc.assert(
			fc.property(
				fc.array(column, {minLength: 1, maxLength: 10}),
				fc.integer({min: 10, max: 220}),
				(some, width) => {
					const columns = some.map(({content: _, minWidth, whole, ...rest}, index) => ({
						...rest,
						...(minWidth === undefined ? {} : {minWidth}),
						...(whole === undefined ? {} : {whole}),
						rank: index === 0 ? 0 : rest.rank,
					}));
					const table: Table = {columns, rows: [{id: 'a', cells: some.map(({content}) => cell(content))}]};
					const always = columns.filter(({rank}) => rank === 0);
					const needed = always.reduce((sum, {title}) => sum + title.length + 2, -2);
					fc.pre(needed <= width);
					expect(cutTitles(table, width)).toEqual([]);
					const all = some.reduce(
						(sum, {title, content}) => sum + Math.max(title.length, content.length) + 2,
						-2,
					);
					if (all <= width) {
						expect(
							layTable(table, width)
								.header.map(({text}) => text.trim())
								.filter(Boolean),
						).toEqual(columns.map(({title}) => title));
					}
				},
			),
			{numRuns: 500},
		);
	});
});
