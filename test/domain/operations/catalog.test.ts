import {expect, it, describe as suite} from 'vitest';
import {definitionOf, describe, operationKinds} from '../../../source/domain/operations/operation.ts';
import {keymap, keyOfCommand} from '../../../source/keymap/keymap.ts';

suite('the catalog of operations', () => {
	const commands = operationKinds.flatMap(kind => definitionOf({kind}).command ?? []);

	it('has a key for each command that a definition names, and a definition for each key', () => {
		expect(commands.filter(command => keyOfCommand(command) === undefined)).toEqual([]);
		const bound = keymap.map(({command}) => command).filter(command => command.startsWith('operation.'));
		expect(new Set(bound)).toEqual(new Set(commands));
	});

	it('gives one key only to operations on one kind of row', () => {
		for (const command of new Set(commands)) {
			const sharing = operationKinds.map(kind => definitionOf({kind})).filter(one => one.command === command);
			expect(new Set(sharing.map(({appliesTo}) => appliesTo)).size, command).toBe(1);
		}
	});

	it('requires no typed name where no data, machine or session goes away', () => {
		const named = operationKinds.filter(kind => definitionOf({kind}).confirmationName !== undefined);
		expect(named).toEqual(['failover', 'reinitialize', 'service', 'reboot', 'poweroff', 'session.end']);
	});

	it('changes a field in both directions', () => {
		const restart = {
			kind: 'restart',
			member: 'pgdb1',
			role: 'replica',
			pendingOnly: false,
			at: undefined,
		} as const;
		const [when, pendingOnly] = definitionOf(restart).fields ?? [];
		if (when?.input !== 'time' || pendingOnly?.input !== 'choice') {
			throw new Error('a restart has a time and a choice');
		}

		const at = Date.UTC(2026, 10, 24, 2);
		expect(describe(when.withValue(restart, at))).toContain('at 2026-11-24 02:00');
		expect(when.value(when.withValue(restart, at))).toBe(at);
		expect(pendingOnly.value(restart)).toBe('no');
	});
});
