/** The help: every key, once, in the group of its binding; the keys of the mode below it first. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/events.ts';
import {groups} from '../../../source/keymap/binding.ts';
import {keymap} from '../../../source/keymap/keymap.ts';
import {replayKeys} from '../../../source/keymap/replay.ts';
import {helpPane} from '../../../source/state/view/overlay.ts';
import {healthySession, pressAt} from '../../support/session.ts';

const help = (...commands: readonly Command[]) =>
	helpPane(pressAt(healthySession('trixie'), 1, ...commands, 'help.toggle').state).sections;

describe('the help', () => {
	it('has every key of the keymap, in the group of its binding', () => {
		const entries = help().flatMap(({title, entries: all}) =>
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
		const titles = help(...commands).map(({title}) => title);
		expect(titles[0]).toBe(first);
		expect(new Set(titles).size).toBe(titles.length);
		expect(titles.at(-1)).toBe('Signs');
	});

	it('has each key in a group, and no empty group', () => {
		expect(new Set([...keymap, ...replayKeys].map(({group}) => group))).toEqual(new Set(groups));
	});
});
