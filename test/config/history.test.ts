/** How far back a console reads at its start: by a file, the environment, and flags. */
import {expect, it} from 'vitest';
import {commandLine} from '../../source/cli/command-line.ts';
import {configOf} from '../../source/config/config.ts';
import {readSettings} from '../../source/config/settings.ts';
import {home} from '../support/home.ts';

function historyMs(args: readonly string[], file = '', environment: Record<string, string> = {}): number {
	const folder = home({
		'patroni/patronictl.yaml': 'scope: main\netcd3: {hosts: "10.0.0.1:2379"}\n',
		'pgha-top/config.yaml': file,
	});
	const {settings} = commandLine(args);
	return configOf(readSettings(settings, {XDG_CONFIG_HOME: folder, ...environment}, '/nonexistent'))
		.historyMs;
}

it.each<[string[], string, Record<string, string>, number]>([
	[[], '', {}, 60],
	[[], 'history: 15', {}, 15],
	[[], 'history: 15', {PGHA_TOP_HISTORY: '20'}, 20],
	[['--history', '30'], 'history: 15', {PGHA_TOP_HISTORY: '20'}, 30],
	[['--no-history'], 'history: 15', {PGHA_TOP_HISTORY: '20'}, 0],
	[['--history=0'], '', {}, 0],
	[[], 'history: 0', {}, 0],
])('%j, with %j and %j, is %d minutes', (args, file, environment, minutes) => {
	expect(historyMs(args, file, environment)).toBe(minutes * 60_000);
});

it.each(['1441', '-1', '1.5'])('is not %s', value => {
	expect(() => historyMs([], `history: ${value}`)).toThrow(/history: must be a number of minutes, 0 to 1440/);
	expect(() => historyMs(['--history', value])).toThrow(/--history: must be a number of minutes, 0 to 1440/);
});

it('is not both', () => {
	expect(() => historyMs(['--history', '5', '--no-history'])).toThrow(/contradict/);
});
