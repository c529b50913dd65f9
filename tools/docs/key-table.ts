/** Generates the tables of keys: by purpose, as in the help on the screen, and by mode. */
import {type Binding, modeNames} from '../../source/keymap/binding.ts';
import {keymap, keysByGroup} from '../../source/keymap/keymap.ts';
import type {Mode} from '../../source/state/state.ts';
import {code, table} from './table.ts';

const allModes = Object.keys(modeNames) as Mode[];

export function groupedKeys(bindings: readonly Binding[]): string {
	return keysByGroup(bindings)
		.map(({group, bindings: some}) => `### ${group}\n\n${keyTable(some)}`)
		.join('\n\n');
}

function keyTable(bindings: readonly Binding[]): string {
	return table(
		['key', 'what it does', 'works in', 'command'],
		bindings.map(binding => [keysOf(binding), binding.help, worksIn(binding), code(binding.command)]),
	);
}

export function worksIn({modes}: Binding): string {
	const works = allModes.filter(mode => modes?.includes(mode) ?? true);
	const others = allModes.filter(mode => !works.includes(mode));
	const names = (some: readonly Mode[]) => some.map(mode => modeNames[mode]).join(', ');
	return others.length === 0
		? 'everywhere'
		: others.length < works.length && others.length <= 3
			? `everywhere but ${names(others)}`
			: names(works);
}

/** For each mode, the keys that do not work in all modes. */
export function keysByMode(): string {
	return table(
		['mode', 'keys, beside those that work everywhere'],
		allModes.map(mode => [
			modeNames[mode],
			keymap
				.filter(({modes}) => modes !== undefined && modes.length < allModes.length && modes.includes(mode))
				.map(keysOf)
				.join(' '),
		]),
	);
}

function keysOf({keys}: Binding): string {
	return keys.map(code).join(' ');
}
