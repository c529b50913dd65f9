/** `--color WHEN` becomes the variables that the packages read. */
import {describe, expect, it} from 'vitest';
import {takeColor} from '../../source/cli/color.ts';
import {UsageError} from '../../source/cli/parse-flags.ts';

const take = (args: string[], environment: Record<string, string | undefined> = {}) => ({
	args: takeColor(args, environment),
	environment,
});

describe('--color', () => {
	it.each([
		[['--color', 'never', '--once'], {}, {NO_COLOR: '1'}],
		[['--once', '--color=never'], {FORCE_COLOR: '3'}, {NO_COLOR: '1'}],
		[['--no-color', '--once'], {}, {NO_COLOR: '1'}],
		[['--no-color', '--color=never', '--once'], {}, {NO_COLOR: '1'}],
		[['--color', 'always', '--once'], {NO_COLOR: '1'}, {FORCE_COLOR: 'true'}],
		[['--color', 'always', '--once'], {FORCE_COLOR: '0'}, {FORCE_COLOR: 'true'}],
		[['--color', 'always', '--once'], {FORCE_COLOR: '2'}, {FORCE_COLOR: '2'}],
		[['--color', 'auto', '--once'], {NO_COLOR: '1'}, {NO_COLOR: '1'}],
		[['--once'], {FORCE_COLOR: '1'}, {FORCE_COLOR: '1'}],
	])('%j with %j gives %j', (args, before, after) => {
		expect(take(args, before)).toEqual({args: ['--once'], environment: after});
	});

	it('after -- is an argument', () => {
		expect(take(['report', '--', '--no-color'])).toEqual({
			args: ['report', '--', '--no-color'],
			environment: {},
		});
	});

	it.each([
		[['--color'], /needs a value/],
		[['--color', '--once'], /needs a value/],
		[['--color', '--', 'never'], /needs a value/],
		[['--color='], /needs a value/],
		[['--color=yes'], /must be auto, always or never, found "yes"/],
		[['--color', 'postgresql://u:hunter2@h/d'], /hidden/],
		[['--color=never', '--color=always'], /more than once/],
	])('%j is an error', (args, words) => {
		expect(() => take(args)).toThrow(UsageError);
		expect(() => take(args)).toThrow(words);
	});
});
