/** The help: every key, once, in the group of its binding; the keys of the mode below it first. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {groups} from '../../../source/keymap/binding.ts';
import {keymap} from '../../../source/keymap/keymap.ts';
import {replayKeys} from '../../../source/keymap/replay.ts';
import {helpPane} from '../../../source/state/view/overlay.ts';
import {healthySession, pressAt} from '../../support/session.ts';

const help = (...commands: readonly Command[]) =>
	helpPane(pressAt(healthySession('trixie'), 1, ...commands, 'help.toggle').state);

describe('the help', () => {
	it('has every key of the keymap, in the group of its binding', () => {
		const {sections, further} = help();
		const entries = [...sections, ...further.sections].flatMap(({title, entries: all}) =>
			all.map(({name, text}) => `${title}: ${name}: ${text}`),
		);
		const bindings = keymap.map(({group, keys, help: text}) => `${group}: ${keys.join(', ')}: ${text}`);
		expect(entries.filter(one => !one.startsWith('Signs: ')).toSorted()).toEqual(bindings.toSorted());
		expect(entries.filter(one => one.startsWith('Signs: ')).length).toBeGreaterThan(2);
	});

	it.each<[string, readonly Command[], string]>([
		['the panes', [], 'Move'],
		['the findings', ['findings.toggle'], 'Look'],
		['a member', ['details.open'], 'Look'],
		['the menu', ['menu.open'], 'Answer'],
		['the logs', ['log.open'], 'Logs'],
		['the timeline in the logs', ['log.open', 'log.entries'], 'Logs'],
	])('over %s begins with %o', (_, commands, first) => {
		const {sections, further} = help(...commands);
		const titles = sections.map(({title}) => title);
		expect(titles[0]).toBe(first);
		expect(titles.at(-1)).toBe('Signs');
		for (const part of [titles, further.sections.map(({title}) => title)]) {
			expect(new Set(part).size).toBe(part.length);
		}
	});

	it('has the keys that work in the view below it before all others', () => {
		for (const mode of ['panes', 'logs', 'menu', 'findings'] as const) {
			const open = {
				panes: [],
				logs: ['log.open'],
				menu: ['menu.open'],
				findings: ['findings.toggle'],
			} as const;
			const names = help(...open[mode])
				.sections.slice(0, -1)
				.flatMap(({entries}) => entries.map(({text}) => text));
			const working = keymap.filter(({modes}) => modes === undefined || modes.includes(mode));
			expect(names.toSorted()).toEqual(working.map(({help: text}) => text).toSorted());
		}
	});

	it('has each key in a group, and no empty group', () => {
		expect(new Set([...keymap, ...replayKeys].map(({group}) => group))).toEqual(new Set(groups));
	});
});
