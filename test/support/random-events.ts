/** Random events for property tests, in any order, questions and answers included. */
import fc from 'fast-check';
import type {DcsEntry, DcsValue} from '../../source/domain/cluster/dcs.ts';
import type {Command} from '../../source/domain/commands.ts';
import type {Event, Reported} from '../../source/domain/events.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {type State, topOverlay} from '../../source/state/state.ts';
import {endpoints, snapshotFact} from './captures.ts';

/** Makes the event at its turn, since the open question and etcd's revision are known only then. */
export type Happening = {seconds: number; event: (state: State, revision: number) => Event};

const watch = `watch:${endpoints[0]}` as const;
const captured = new Map<string, DcsEntry>(snapshotFact('trixie').entries.map(entry => [entry.path, entry]));

const say = (event: Event, seconds = 0): Happening => ({seconds, event: () => event});

function command(name: Command, question: 'open' | 'none' | 'other' = 'open'): Happening {
	return {
		seconds: 0,
		event(state) {
			const overlay = topOverlay(state.view);
			const open = overlay?.kind === 'dialog' ? overlay.question : undefined;
			return {
				type: 'command',
				command: name,
				...(question === 'none' || open === undefined
					? {}
					: {question: question === 'other' ? open - 1 : open}),
			};
		},
	};
}

function put(path: string, value: DcsValue, recreated = false): Happening {
	return {
		seconds: 0,
		event: ({cluster}, revision) => ({
			type: 'dcs.put',
			source: watch,
			entry: {
				path,
				value,
				createRevision: recreated ? revision : (cluster.keys.get(path)?.createRevision ?? revision),
				modRevision: revision,
				lease: path === 'leader' ? '1' : undefined,
			},
		}),
	};
}

function member(name: string, pause: boolean): Happening {
	const value = captured.get(`members/${name}`)?.value;
	if (value?.kind !== 'member') {
		throw new Error(`no capture of ${name}`);
	}

	return put(`members/${name}`, {...value, data: {...value.data, pause}});
}

function config(pause: boolean): Happening {
	const value = captured.get('config')?.value;
	if (value?.kind !== 'config') {
		throw new Error('no capture of the configuration');
	}

	return put('config', {...value, config: {...value.config, pause}});
}

const members = fc.constantFrom('pgdb1', 'pgdb2');
const bool = fc.boolean();

const facts: fc.Arbitrary<Happening> = fc.oneof(
	{
		weight: 2,
		arbitrary: fc
			.record({name: members, recreated: bool})
			.map(({name, recreated}) => put('leader', {kind: 'leader', member: name}, recreated)),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom('leader', 'failover', 'members/pgdb2', 'sync').map(
			(path): Happening => ({
				seconds: 0,
				event: (_, revision) => ({type: 'dcs.deleted', source: watch, path, revision}),
			}),
		),
	},
	{weight: 2, arbitrary: fc.record({name: members, pause: bool}).map(({name, pause}) => member(name, pause))},
	{weight: 2, arbitrary: bool.map(config)},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(undefined, '2026-11-24T02:00:00+00:00')
			.map(scheduledAt =>
				put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt}),
			),
	},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(
				`dcs:${endpoints[0]}` as const,
				watch,
				'patroni:pgdb2' as const,
				`etcd:${endpoints[2]}` as const,
			)
			.map(source => say({type: 'source.lost', source, reason: 'no answer in time'})),
	},
	{
		weight: 2,
		arbitrary: fc
			.constantFrom(...endpoints)
			.map(endpoint => say({type: 'source.alive', source: `dcs:${endpoint}`})),
	},
	{weight: 2, arbitrary: fc.constantFrom(1, 20, 70, 700).map(seconds => say({type: 'tick'}, seconds))},
);

const answers: fc.Arbitrary<Reported> = fc.oneof(
	fc.record({
		kind: fc.constant('answered' as const),
		status: fc.constantFrom(200, 202, 400, 401, 412, 500, 503),
		text: fc.constantFrom('', 'Switchover failed', 'leader name does not match'),
	}),
	fc.record({kind: fc.constantFrom('lost' as const, 'unsent' as const), reason: fc.constant('ECONNRESET')}),
	fc.record({
		kind: fc.constant('ended' as const),
		code: fc.constantFrom(0, 1, undefined),
		text: fc.constantFrom('', 'sudo: a password is required'),
	}),
);

const reports: fc.Arbitrary<Happening> = fc.oneof(
	fc
		.record({run: fc.integer({min: 1, max: 4}), answer: answers})
		.map(({run, answer}) => say({type: 'operation.report', run, answer})),
	fc.constant<Happening>({
		seconds: 0,
		event: ({cluster}) => ({
			type: 'config.edited',
			revision: cluster.keys.get('config')?.modRevision,
			patch: {ttl: 25},
			difference: ['-ttl: 20', '+ttl: 25'],
		}),
	}),
);

const words = fc
	.constantFrom('pgdb1', 'pgdb2', 'etcd1', 'y', '+10m', '14:30', 'nonsense', '\u001B[2J\r')
	.map((text): Happening => say({type: 'typed', text}));

const anyCommand = fc
	.record({
		name: fc.constantFrom(...new Set(keymap.map(({command: one}) => one))),
		question: fc.constantFrom('open' as const, 'open' as const, 'none' as const, 'other' as const),
	})
	.map(({name, question}) => command(name, question));

const asks: readonly Command[] = [
	'operation.switchover',
	'operation.failover',
	'operation.restart',
	'operation.reload',
	'operation.reinitialize',
	'operation.pause',
];

/** A question from the menu or by its key, perhaps an event in between, and an answer. */
const story: fc.Arbitrary<Happening[]> = fc
	.record({
		row: fc.constantFrom<Command[]>(
			[],
			['select.down'],
			['select.up'],
			['pane.next'],
			['pane.next', 'select.down'],
			['details.open'],
			['findings.toggle'],
			['run.open'],
			['log.open'],
		),
		ask: fc.oneof(
			fc.constantFrom(...asks).map(one => [one]),
			fc
				.integer({min: 0, max: 14})
				.map((down): Command[] => [
					'menu.open',
					...Array.from({length: down}, () => 'select.down' as const),
					'menu.choose',
				]),
		),
		fields: fc.array(
			fc.constantFrom<Command>('dialog.next', 'dialog.previous', 'dialog.right', 'dialog.left', 'text.clear'),
			{maxLength: 3},
		),
		between: fc.array(
			fc.oneof(
				{weight: 3, arbitrary: facts},
				{weight: 1, arbitrary: words},
				{weight: 1, arbitrary: fc.constant(command('freeze.toggle'))},
			),
			{maxLength: 1},
		),
		types: bool,
		answer: fc.constantFrom<Command>('dialog.yes', 'dialog.enter'),
		question: fc.constantFrom('open' as const, 'open' as const, 'open' as const, 'other' as const),
	})
	.map(({row, ask, fields, between, types, answer, question}) => [
		// Open overlays are often closed first, but not always.
		...(types ? [command('dismiss'), command('dismiss')] : []),
		...[...row, ...ask, ...fields].map(one => command(one)),
		...between,
		...(types ? [typesName] : []),
		command(answer, question),
	]);

/** Types the name that the question requires. */
const typesName: Happening = {
	seconds: 0,
	event(state) {
		const overlay = topOverlay(state.view);
		const operation = overlay?.kind === 'dialog' ? overlay.operation : undefined;
		const name =
			operation === undefined
				? ''
				: 'node' in operation
					? operation.node
					: 'member' in operation
						? operation.member
						: 'candidate' in operation
							? operation.candidate
							: '';
		return {type: 'typed', text: name};
	},
};

/** A restart of Patroni on pgdb1, paused first; then the pause and random events. */
const pauseFirst: fc.Arbitrary<Happening[]> = fc
	.record({
		between: fc.array(fc.oneof(facts, reports), {maxLength: 2}),
		after: fc.array(fc.oneof(facts, reports), {maxLength: 2}),
		skip: fc.integer({min: 0, max: 12}),
	})
	.map(({between, after, skip}) => [
		command('dismiss'),
		command('dismiss'),
		command('dismiss'),
		...choosing('service patroni'),
		command('dialog.next'),
		command('dialog.right'),
		command('dialog.previous'),
		command('dialog.yes'),
		...between,
		...[config(true), member('pgdb1', true), member('pgdb2', true)].filter((_, index) => index !== skip),
		...after,
	]);

/** Moves down the menu to the offer, wherever it is. */
function choosing(id: string): Happening[] {
	const step: Happening = {
		seconds: 0,
		event(state) {
			const overlay = topOverlay(state.view);
			return overlay?.kind === 'menu' && overlay.selected !== id
				? {type: 'command', command: 'select.down'}
				: {type: 'tick'};
		},
	};
	return [command('menu.open'), ...Array.from({length: 14}, () => step), command('menu.choose')];
}

export const storms: fc.Arbitrary<Happening[]> = fc
	.array(
		fc.oneof(
			{weight: 4, arbitrary: story},
			{weight: 1, arbitrary: pauseFirst},
			{weight: 3, arbitrary: facts.map(one => [one])},
			{weight: 2, arbitrary: reports.map(one => [one])},
			{weight: 1, arbitrary: words.map(one => [one])},
			{weight: 2, arbitrary: anyCommand.map(one => [one])},
		),
		{minLength: 1, maxLength: 12},
	)
	.map(parts => parts.flat());
