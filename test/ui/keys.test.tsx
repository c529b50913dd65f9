import {describe, expect, it, vi} from 'vitest';
import type {Intent} from '../../source/domain/events.ts';
import {bindingsOf, keymap} from '../../source/keymap/keymap.ts';
import type {Mode} from '../../source/state/state.ts';
import {screen} from '../support/screen.tsx';
import {healthySession} from '../support/session.ts';

const size = {width: 100, height: 30};
/** What a terminal sends for keys that are no characters. */
const typed: Record<string, string> = {
	Esc: '\u001B',
	'Ctrl-C': '\u0003',
	'Ctrl-R': '\u0012',
	'Ctrl-L': '\u000C',
	'Ctrl-Z': '\u001A',
	Enter: '\r',
	Tab: '\t',
	'Shift-Tab': '\u001B[Z',
	Space: ' ',
	Up: '\u001B[A',
	Down: '\u001B[B',
	Right: '\u001B[C',
	Left: '\u001B[D',
	PgUp: '\u001B[5~',
	PgDn: '\u001B[6~',
	Home: '\u001B[H',
	End: '\u001B[F',
	'Ctrl-B': '\u0002',
	'Ctrl-F': '\u0006',
	'Ctrl-P': '\u0010',
};

const modes = [...new Set<Mode>(['panes', ...keymap.flatMap(binding => binding.modes ?? [])])];

describe('keys', () => {
	it.each(
		bindingsOf('panes', {operations: true}).flatMap(({keys, command}) =>
			keys.map(key => [key, command] as const),
		),
	)('mean: %s is %s', async (key, command) => {
		const {promise, resolve} = Promise.withResolvers<Intent>();
		const shown = screen(healthySession('trixie').state, size, resolve);
		shown.press(typed[key] ?? key);
		expect(await promise).toEqual({
			type: 'command',
			command,
			...(command.startsWith('page.') ? {page: 10} : {}),
		});
		shown.close();
	});

	it.each(modes)('have one meaning each (%s)', mode => {
		const keys = bindingsOf(mode, {operations: true}).flatMap(binding => binding.keys);
		expect(new Set(keys).size).toBe(keys.length);
	});

	it('without a meaning are reported once, by name', async () => {
		const intents: Intent[] = [];
		const session = healthySession('trixie');
		const shown = screen(session.state, size, intent => intents.push(intent));
		shown.press('~');
		await vi.waitFor(() => {
			expect(intents).toEqual([
				{type: 'notice', text: '~ has no meaning here; ? shows the keys', tone: 'dim'},
			]);
		});
		shown.show(session.at(1, ...intents).state);
		expect(shown.frame().split('\n').at(-2)).toBe(' ~ has no meaning here; ? shows the keys');
		shown.press('~');
		shown.press('j');
		await vi.waitFor(() => {
			expect(intents.at(-1)).toMatchObject({type: 'command'});
		});
		expect(intents).toHaveLength(2);
		shown.close();
	});

	it('open and close the help', () => {
		const session = healthySession('trixie').at(1, {type: 'command', command: 'help.toggle'});
		const shown = screen(session.state, size);
		expect(shown.frame()).toContain('┏━ Help ━');
		shown.show(session.at(2, {type: 'command', command: 'dismiss'}).state);
		expect(shown.frame()).toContain('etcd leader key');
		shown.close();
	});
});
