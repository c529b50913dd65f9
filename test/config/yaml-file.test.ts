/** YAML as operators write it is read; input on which the library would hang is refused before. */
import {describe, expect, it} from 'vitest';
import {ConfigError} from '../../source/config/origin.ts';
import {yamlText} from '../../source/config/yaml-file.ts';
import {YamlScalar} from '../../source/config/yaml-scalar.ts';

const read = (text: string) => plain(yamlText('patroni.yml', text).content);
/** Numbers and words as JavaScript has them. */
const plain = (value: unknown): unknown =>
	value instanceof YamlScalar
		? value.value
		: Array.isArray(value)
			? value.map(plain)
			: typeof value === 'object' && value !== null
				? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
				: value;
const size = 128 * 1024;
const repeated = (text: string) => text.repeat(Math.floor(size / text.length));

describe('a YAML file', () => {
	it.each([
		['flow mappings', 'etcd3: {b\n', 'nested deeper than 64 levels'],
		['flow sequences', '[ ', 'nested deeper than 64 levels'],
		['sequences in one line', '- ', 'nested deeper than 64 levels'],
		['keys in one line', '? ', 'nested deeper than 64 levels'],
		['keys and values in one line', 'a: ', 'nested deeper than 64 levels'],
		['keys and values in brackets', '{a: b: \n', 'nested deeper than 64 levels'],
		['items that are none', '[,,,,,,,,', 'nested deeper than 64 levels'],
		['aliases within each other', '&a [*a, ', 'nested deeper than 64 levels'],
		['anchors', 'a: &a b\n', 'more than 1000 anchors (&name) and aliases (*name)'],
	])('of %s only is refused', (_, part, problem) => {
		expect(() => read(repeated(part))).toThrow(new ConfigError(`patroni.yml: not valid YAML: ${problem}`));
	});

	it('with endless errors is refused with the line of the first', () => {
		expect(() => read(`scope: a\na: {${','.repeat(9000)}`)).toThrow(
			new ConfigError('patroni.yml, line 2: not valid YAML: unexpected token'),
		);
		expect(() => read(`scope: a\na: {${repeated(',')}`)).toThrow('more than 10000 items in brackets');
	});

	it.each([
		[60, 60],
		[65, 'nested deeper than 64 levels'],
		[1400, 'nested deeper than 64 levels'],
	])('of %d nested lines: %s', (lines, result) => {
		const deep = Array.from({length: lines}, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
		const depthOf = (value: unknown): number =>
			typeof value === 'object' && value !== null && 'a' in value ? 1 + depthOf(value.a) : 0;
		if (typeof result === 'number') {
			expect(depthOf(read(deep))).toBe(result);
		} else {
			expect(() => read(deep)).toThrow(new ConfigError(`patroni.yml: not valid YAML: ${result}`));
		}
	});

	it('with aliases that multiply is refused', () => {
		const levels = Array.from({length: 9}, (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`);
		expect(() => read(`l0: &l0 [a, b]\n${levels.join('\n')}\n`)).toThrow(
			/^patroni\.yml, line \d: not valid YAML: more than 100000 values, aliases counted where they are used$/,
		);
		expect(() => read('a: &a [*a]\n')).toThrow(
			'line 1: not valid YAML: an alias (*) within its own anchor (&)',
		);
	});

	it('may be as deep as configurations are, with aliases and with brackets in strings', () => {
		const deep = `${'{a: '.repeat(60)}1${'}'.repeat(60)}`;
		expect(read(`x: ${deep}\ny: &y {z: "${'[{'.repeat(100)}"}\nz: *y\n`)).toMatchObject({
			z: {z: '[{'.repeat(100)},
		});
		expect(read(`# ${'[{- *'.repeat(100)}\nx: |\n  ${'- [ & '.repeat(100)}\n`)).toHaveProperty('x');
		expect(read(`x:\n${'  - - 1\n'.repeat(1000)}`)).toHaveProperty('x');
		expect(read(`${'x:\n  y:\n    - 1\n  z: 2\n\n # c\n'.repeat(200)}`)).toEqual({x: {y: [1], z: 2}});
		expect(read(`x: a${' - ? [ {'.repeat(100)}`)).toHaveProperty('x');
	});
});
