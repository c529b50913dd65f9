/** An operator at the console, for tests on the real cluster: press, look, select, choose. */
import {expect} from 'vitest';
import type {Terminal} from './terminal.ts';

export const esc = '\u001B';
export const enter = '\r';

/** More than the menu has. */
const rowsMax = 40;

export type ConsoleDriver = {
	see: (what: string, pattern: RegExp, milliseconds?: number) => Promise<string>;
	/** Presses keys one by one, each after the screen has handled the one before, as a person does. */
	press: (...keys: readonly (readonly [key: string, shows: RegExp])[]) => Promise<void>;
	/** The members and the VIP's nodes, by their role on the screen now. */
	cast: () => Record<'leader' | 'replica' | 'holder' | 'backup', string>;
	select: (member: string) => Promise<void>;
	/** Opens the question from the menu, for an operation without its own key. */
	choose: (entry: RegExp) => Promise<void>;
};

/** @param seeMaxMs the default time in which a pattern must appear */
export function driveConsole(terminal: () => Terminal, seeMaxMs = 15_000): ConsoleDriver {
	const see: ConsoleDriver['see'] = async (what, pattern, milliseconds = seeMaxMs) =>
		terminal().until(what, text => pattern.test(text), milliseconds);
	const press: ConsoleDriver['press'] = async (...keys) => {
		for (const [key, shows] of keys) {
			terminal().press(key);
			await see(`what ${JSON.stringify(key)} does`, shows);
		}
	};
	return {
		see,
		press,
		cast() {
			const text = terminal().text();
			const leader = /[│┃] (\w+)(?: !)?(?: +[\d.]+)? +Leader/.exec(text)?.[1] ?? '';
			const holder = /(pgdb\d) +holds/.exec(text)?.[1] ?? '';
			return {leader, replica: otherThan(leader), holder, backup: otherThan(holder)};
		},
		async select(member) {
			// The two members' rows are sorted by name.
			const key = member === 'pgdb1' ? 'k' : 'j';
			await press([key, /q quit/], ['m', new RegExp(`Operations: ${member}`)], [esc, /q quit/]);
		},
		async choose(entry) {
			await press(['m', /Operations: /]);
			// The menu opens at the row that was chosen last, and wraps around.
			for (let step = 0; step < rowsMax; step++) {
				await terminal().until('a selected row', () => terminal().selected() !== undefined, seeMaxMs);
				const row = terminal().selected();
				if (row !== undefined && entry.test(row)) {
					break;
				}

				terminal().press('j');
				await terminal().until(
					'the selection moved',
					() => ![undefined, row].includes(terminal().selected()),
					seeMaxMs,
				);
			}

			expect(terminal().selected()).toMatch(entry);

			await press([enter, /asked while/]);
		},
	};
}

function otherThan(name: string): string {
	return name === 'pgdb1' ? 'pgdb2' : 'pgdb1';
}
