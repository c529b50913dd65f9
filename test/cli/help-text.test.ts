/** `--help` of every command, from its definition. */
import {describe, expect, it} from 'vitest';
import {commandLine} from '../../source/cli/command-line.ts';
import {
	allFlags,
	commands,
	fullName,
	ownFlags,
	placesOf,
	program,
	valueFlags,
} from '../../source/cli/command-table.ts';
import {flagForm, kebab} from '../../source/cli/definition.ts';
import {helpText} from '../../source/cli/help-text.ts';
import {parseFlags} from '../../source/cli/parse-flags.ts';

const all = [program, ...commands];

describe.each(all.map(one => [fullName(one), one] as const))('%s --help', (_, command) => {
	const text = helpText(command);

	it('fits 80 columns, except for longer words', () => {
		const tooLong = text.split('\n').filter(line => line.length > 80 && line.trim().includes(' '));
		expect(tooLong).toEqual([]);
	});

	it('has each flag with its text, examples and exit codes', () => {
		const plain = text.replaceAll(/\s+/g, ' ');
		for (const [name, flag] of Object.entries(ownFlags(command))) {
			expect(plain).toContain(`${flagForm(name, flag)} ${flag.text}`);
		}

		expect(command.examples.length).toBeGreaterThan(0);
		for (const {typed, text: what} of command.examples) {
			expect(text).toContain(`    # ${what}\n    $ ${typed}\n`);
		}

		expect(text).toMatch(/\n {2}Exit codes\n {4}0 /);
	});

	it('has only examples that the parser accepts', () => {
		for (const {typed} of command.examples) {
			const [, ...words] = (typed.split(' | ')[0] ?? '').split(' ');
			expect(words[0] === command.name || command.name === '').toBe(true);
			const {input} = parseFlags(allFlags(command), words.slice(command.name === '' ? 0 : 1), 'help');
			expect(input.length).toBeLessThanOrEqual(command.word === undefined ? 0 : 1);
			expect(command.word?.choices ?? input).toEqual(expect.arrayContaining([...input]));
		}
	});
});

it('every command is in the help of the program', () => {
	for (const {name, summary} of commands) {
		expect(helpText(program).replaceAll(/\s+/g, ' ')).toMatch(
			new RegExp(` ${name} [^a-z]*${summary.slice(0, 20)}`),
		);
	}
});

it('a flag has the same short form, type and value in every command', () => {
	const forms = new Map<string, Set<string>>();
	for (const command of all) {
		for (const [name, {type, shortFlag}] of Object.entries(allFlags(command))) {
			forms.set(name, (forms.get(name) ?? new Set()).add(`${type} ${shortFlag ?? ''}`));
		}
	}

	expect([...forms].filter(([, different]) => different.size > 1)).toEqual([]);
});

it('a flag with a value takes the next word, which is then not a command', () => {
	expect([...valueFlags]).toEqual(expect.arrayContaining(['config-file', 'c', 'd', 'target', 'color']));
	expect([...valueFlags]).not.toContain('k');
});

it('a flag of other commands is found by its name, its letter and its negation', () => {
	expect(placesOf('list')).toBe('pgha-top tour');
	expect(placesOf('goal')).toBe('pgha-top drill and pgha-top report');
	expect(placesOf('c')).toMatch(
		/^pgha-top without a command, pgha-top doctor, pgha-top drill, .* and pgha-top dsn$/,
	);
	expect(placesOf('no-read-only')).toBe(placesOf('c'));
	expect(placesOf('nosuch')).toBeUndefined();
});

it('choices and numbers are typed', () => {
	expect(commandLine(['--once', '--timeout', '2.5']).timeoutMs).toBe(2500);
	expect(kebab('noColor')).toBe('no-color');
});
