/** Configured keys: what they replace, what is refused, and that no key both confirms and starts something. */
import path from 'node:path';
import {beforeEach, describe, expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import {preferencesOf, readPreferences} from '../../source/config/preferences.ts';
import {readSettings} from '../../source/config/settings.ts';
import type {Command} from '../../source/domain/commands.ts';
import {modeNames} from '../../source/keymap/binding.ts';
import {bindingFor, keymap, keysOn, setKeys, whyUnbound} from '../../source/keymap/keymap.ts';
import type {Mode} from '../../source/state/state.ts';
import {mode} from '../../source/state/state.ts';
import {intentOf} from '../../source/ui/input.ts';
import {KeyParser} from '../../source/ui/key-parser.ts';
import {applyPreferences} from '../../source/ui/preferences.ts';
import {home} from '../support/home.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {pressAt} from '../support/session.ts';

const nowhere = '/nonexistent';

/** Takes the setting from a file, as the console does. */
function take(keys: string): string {
	const file = path.join(home({'own.yaml': `keys:\n${keys}`}), 'own.yaml');
	const environment = {
		...{XDG_CONFIG_HOME: nowhere, PGHA_TOP_CONFIG_FILE: file},
		...{PATRONI_SCOPE: 'main', PATRONI_ETCD3_HOSTS: 'a:2379'},
	};
	const settings = readSettings({}, environment, nowhere);
	configOf(settings, environment);
	applyPreferences(preferencesOf(settings));
	expect(readPreferences(environment, nowhere).keys).toEqual(preferencesOf(settings).keys);
	return file;
}

beforeEach(() => {
	setKeys({});
});

const modes = Object.keys(modeNames) as Mode[];
const contexts = [
	{operations: true, replay: false, typing: false},
	{operations: false, replay: true, typing: false},
];

describe('configured keys', () => {
	it('replace those of the command, in the keys, the footer, the help and the menu', () => {
		take(
			'  switchover: F9\n  help.toggle: F1\n  findings.toggle: [z, F2]\n  operation.pause: Ctrl-T\n  freeze.toggle: "-"\n',
		);
		const session = new Operator('trixie').after(10);
		const press = (bytes: string) => {
			const [key] = new KeyParser().push(bytes);
			const intent = key && intentOf(session.state, key, session.state);
			return intent?.type === 'command' ? intent.command : undefined;
		};
		expect(press('\u001B[20~')).toBe('operation.switchover');
		expect(press('S')).toBeUndefined();
		expect(whyUnbound('S', 'panes', {operations: true})).toBe('has no meaning here; F1 shows the keys');
		expect([press('z'), press('\u001BOQ'), press('f')]).toEqual([
			'findings.toggle',
			'findings.toggle',
			undefined,
		]);
		expect(press('-')).toBe('freeze.toggle');
		const frame = frameOf(session.state, {width: 200, height: 60});
		expect(frame).toContain('F9 switchover  Ctrl-T pause');
		expect(frame).toContain('z findings');
		pressAt(session, 11, 'menu.open');
		expect(frameOf(session.state, {width: 120, height: 40})).toMatch(/F9 +switchover/);
		pressAt(session, 12, 'dismiss', 'freeze.toggle');
		expect(frameOf(session.state, {width: 120, height: 40})).toContain('- unfreezes');
		pressAt(session, 13, 'help.toggle');
		expect(frameOf(session.state, {width: 120, height: 40})).toMatch(
			/F9 +Switchover to the selected replica/,
		);
	});

	it.each(sizes)('stand in the palette at $width x $height, also where a command has none', size => {
		take('  failover: []\n  switchover: F9\n');
		const session = pressAt(new Operator('trixie').after(10), 11, 'palette.open');
		session.at(12, {type: 'typed', text: 'over to'});
		expect(frameOf(session.state, size)).toMatchSnapshot();
	});

	it('leave every command reachable by the palette', () => {
		take(
			`${keymap
				.filter(({group}) => group === 'Operate')
				.map(({command}) => `  ${command}: []\n`)
				.join('')}`,
		);
		const session = pressAt(new Operator('trixie').after(10), 11, 'menu.open');
		expect(mode(session.state)).toBe('menu');
	});

	it('keep Esc and Ctrl-C', () => {
		take('  dismiss: x\n  quit: Q\n');
		const at = (key: string, where: Mode) =>
			bindingFor(key, where, {operations: true, typing: false})?.command;
		expect([at('Esc', 'help'), at('x', 'help'), at('q', 'help')]).toEqual(['dismiss', 'dismiss', undefined]);
		expect([at('Ctrl-C', 'panes'), at('Q', 'panes'), at('q', 'panes')]).toEqual(['quit', 'quit', undefined]);
	});

	it('work in the player, too', () => {
		take('  play.next: x\n  play.time: F6\n');
		const at = (key: string, where: Mode) =>
			bindingFor(key, where, {operations: false, replay: true, typing: false})?.command;
		expect([at('x', 'panes'), at('n', 'panes'), at(']', 'logs'), at('x', 'logs')]).toEqual([
			...['play.next', undefined, undefined, 'play.next'],
		]);
		expect(at('F6', 'logs')).toBeUndefined();
	});

	it.each<[string, string]>([
		['  swichover: F9', 'keys.swichover: no such command: docs/keys.md and the palette (:) have the names'],
		['  switchover: F13', 'keys.switchover: unknown key "F13": a character, Ctrl- and a letter'],
		['  switchover: Alt-x', 'keys.switchover: unknown key "Alt-x"'],
		['  switchover: Ctrl-M', 'keys.switchover: unknown key "Ctrl-M"'],
		['  switchover: F', 'keys.switchover: F is also the key of operation.failover in panes, details'],
		[
			'  findings.toggle: S',
			'keys.findings.toggle: S is also the key of operation.switchover in panes, details',
		],
		['  switchover: y', 'keys.switchover: y answers questions: an operation cannot have it'],
		['  switchover: [F9, Enter]', 'keys.switchover: Enter answers questions'],
		['  menu.open: Space', 'keys.menu.open: Space answers questions'],
		['  drill.stop: y', 'keys.drill.stop: y answers questions'],
		['  dialog.yes: S', 'keys.dialog.yes: its key is fixed'],
		['  dialog.enter: F9', 'keys.dialog.enter: its key is fixed'],
		['  palette.run: F9', 'keys.palette.run: its key is fixed'],
		['  text.erase: x', 'keys.text.erase: its key is fixed'],
		['  menu.choose: F9', 'keys.menu.choose: its key is fixed'],
		['  switchover: Ctrl-C', 'keys.switchover: Ctrl-C is kept: it quits from anywhere'],
		['  help.toggle: Esc', 'keys.help.toggle: Esc is kept: it closes what is open'],
		['  record.toggle: c', 'keys.record.toggle: c would be text in question, prompt, commands'],
		['  select.up: [k, i]', 'keys.select.up: k and i would be text in'],
		[
			'  switchover: F9\n  operation.switchover: F8',
			'keys.operation.switchover: the same command as switchover',
		],
		['  record.toggle: Ctrl-L', 'keys.record.toggle: Ctrl-L is also the key of redraw in'],
		['  play.next: "-"', 'keys.play.next: - is also the key of play.slower in'],
		['  switchover: {a: b}', 'keys.switchover: must be a key, or a list of keys'],
	])('%s is refused with its place', (text, message) => {
		let error: unknown;
		try {
			take(`  redraw: Ctrl-L\n${text}\n`);
		} catch (thrown) {
			error = thrown;
		}

		expect(String(error)).toMatch(/^ConfigError: \/.*own\.yaml, line [2-4]: keys\./);
		expect(String(error)).toContain(message);
		// None of the keys counts.
		expect(keysOn({operations: true})).toEqual(keymap);
	});

	it('are all reported at once', () => {
		expect(() => take('  a: b\n  switchover: y\n')).toThrow(/keys\.a: .*\n.*keys\.switchover: /);
	});
});

describe('no key both confirms and starts something', () => {
	const begins = (command: Command) =>
		keymap.some(one => one.command === command && one.isOperation && one.group === 'Operate');
	const keys = [
		...Array.from({length: 94}, (_, index) => String.fromCodePoint(33 + index)),
		...['Space', 'Enter', 'Tab', 'Shift-Tab', 'Left', 'Right', 'Up', 'Down', 'Esc', 'Backspace', 'F1'],
		...Array.from({length: 26}, (_, index) => `Ctrl-${String.fromCodePoint(65 + index)}`),
	];

	it.each(keymap.filter(one => one.isOperation).map(one => one.command))(
		'whatever key is given to %s',
		command => {
			for (const key of keys) {
				setKeys({});
				if (setKeys({[command]: [key]}).length > 0) {
					continue;
				}

				for (const context of contexts) {
					const answers = new Set(
						keysOn(context)
							.filter(({group, modes: where}) => group === 'Answer' && where?.includes('dialog'))
							.flatMap(one => one.keys),
					);
					const beginning = modes.flatMap(where =>
						keysOn(context)
							.filter(one => begins(one.command) && (one.modes?.includes(where) ?? true))
							.flatMap(one => one.keys),
					);
					expect(
						beginning.filter(one => answers.has(one)),
						`${command}: ${key}`,
					).toEqual([]);
				}
			}
		},
	);
});
