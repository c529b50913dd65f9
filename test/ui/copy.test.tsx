/** What `y` copies, the screen as text, and its file. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {writeScreen} from '../../source/effects/audit-log.ts';
import {modeNames} from '../../source/keymap/binding.ts';
import {bindingFor} from '../../source/keymap/keymap.ts';
import type {Mode} from '../../source/state/state.ts';
import {copiedText} from '../../source/state/view/copied.ts';
import {screenText} from '../../source/ui/screen-text.tsx';
import {temporaryFolder} from '../support/folder.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {pressAt} from '../support/session.ts';

const begin = (...commands: readonly Command[]) => pressAt(new Operator('trixie').after(10), 11, ...commands);

/** With findings and entries. */
const beginIll = (...commands: readonly Command[]) =>
	pressAt(new Operator('trixie').after(10).blind('patroni:pgdb2').after(20), 21, ...commands);

describe('y copies', () => {
	it.each<[string, readonly Command[], RegExp]>([
		[
			'the selected row of a pane, each value with its column',
			['select.down'],
			/^Member pgdb2 ! {2}Host 10\.73\.0\.170 {2}Role Sync Standby {2}State streaming\?? {2}TL \d+/,
		],
		['the selected operation', ['menu.open'], /^Key S {2}Operation switchover /],
		['a finding with its effect and remedy', ['findings.toggle'], /^unknown\n.*pgdb2[\s\S]*\n/],
		['the entry of the timeline', ['log.entries'], /^Time [\d:.]+ {2}(?:! )?.*Event .*pgdb2/],
		['the details in full', ['details.open'], /^Member pgdb1\n[\s\S]*host {2}10\.73\.0\.160/],
		['the help in full', ['help.toggle'], /^Help\n[\s\S]*Switchover to the selected replica/],
	])('%s', (_, commands, words) => {
		expect(copiedText(beginIll(...commands).state)).toMatch(words);
	});

	it.each([['pane.next'], ['pane.next', 'pane.next']] as const)(
		'a node of another pane: %s',
		(...commands) => {
			expect(copiedText(begin(...commands).state)).toMatch(/^etcd etcd1 {2}Health healthy|^Node pgdb1 /);
		},
	);

	it('nothing where the list is empty', () => {
		const session = begin('log.open', 'log.pick');
		session.at(12, {type: 'command', command: 'list.filter'}, {type: 'typed', text: 'coffee'});
		expect(copiedText(session.state)).toBeUndefined();
	});

	it('nothing in a question: there it confirms', () => {
		const on = (mode: Mode, key: string) => bindingFor(key, mode, {operations: true, typing: false})?.command;
		expect(on('dialog', 'y')).toBe('dialog.yes');
		const others = (Object.keys(modeNames) as Mode[]).filter(mode => mode !== 'dialog');
		expect(new Set(others.map(mode => on(mode, 'y')))).toEqual(new Set(['copy.row', 'log.copy', undefined]));
		expect(on('dialog', 'Y')).toBeUndefined();
	});

	it('asks the screen for it, which has the sizes', () => {
		const {effects} = begin('copy.row', 'copy.screen', 'screen.write');
		expect(effects).toEqual([
			{type: 'screen.copy', what: 'row'},
			{type: 'screen.copy', what: 'screen'},
			{type: 'screen.write'},
		]);
	});
});

describe.each(sizes)('the screen as text at $width x $height', size => {
	it.each<[string, readonly Command[]]>([
		['panes', []],
		['help', ['help.toggle']],
		['a question', ['operation.pause']],
	])('is what stands there: %s', (_, commands) => {
		const {state} = begin(...commands);
		const text = screenText(state, size);
		// Also with the profile's bar no control sequence.
		expect(screenText({...state, target: {...state.target, titleColor: 'red'}}, size)).toBe(text);
		expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
		const drawn = frameOf(state, size)
			.split('\n')
			.map(line => line.replaceAll(/\u001B\[[\d;]*m/g, '').trimEnd());
		expect(text.trimEnd().split('\n')).toEqual(drawn);
	});
});

describe('the file of the screen', () => {
	it('is new, and only for its owner', async () => {
		const state = temporaryFolder('screens');
		const {text} = await writeScreen('one\n', {XDG_STATE_HOME: state}, 1000);
		const file = path.join(state, 'pgha-top', 'screens', 'screen-19700101T000001000Z.txt');
		expect(text).toBe(`screen written to ${file}`);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(readFileSync(file, 'utf8')).toBe('one\n');
		expect(await writeScreen('two\n', {XDG_STATE_HOME: state}, 1000)).toMatchObject({
			text: expect.stringContaining(`${file} could not be written: EEXIST`),
			tone: 'warn',
		});
		expect(readFileSync(file, 'utf8')).toBe('one\n');
		expect(readdirSync(path.dirname(file))).toHaveLength(1);
	});
});
