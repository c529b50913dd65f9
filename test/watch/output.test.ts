/** The lines of a watch. */
import {fstatSync} from 'node:fs';
import {expect, it} from 'vitest';
import {changeLine, printerOf, writesToJournal} from '../../source/watch/output.ts';

const change = {
	key: 'leader.none',
	finding: {severity: 'critical', text: 'no leader'},
	since: 0,
	until: 130_000,
} as const;

it('say what began, got worse or ended, and how the cluster is then', () => {
	expect(changeLine({...change, phase: 'began'}, 'critical')).toEqual({
		text: 'critical began: no leader',
		priority: 'error',
	});
	expect(changeLine({...change, phase: 'worsened'}, 'critical').text).toBe('critical worsened: no leader');
	expect(changeLine({...change, phase: 'ended'}, 'unknown')).toEqual({
		text: 'critical ended after 2m 10s: no leader; the cluster is unknown',
		priority: 'info',
	});
});

it('have a time in a terminal and a priority in the journal, one line each, and no secret', () => {
	const lines: string[] = [];
	const text = 'password=hunter22 of\na\u001B[31m member';
	printerOf(
		line => lines.push(line),
		false,
		() => Date.UTC(2026, 10, 23),
	)(text, 'warning');
	printerOf(
		line => lines.push(line),
		true,
		() => 0,
	)(text, 'warning');
	expect(lines[0]).toMatch(/^2026-11-23T00:00:00Z password=••• of a member\n$/);
	expect(lines[1]).toMatch(/^<4>password=•••/);
	for (const line of lines) {
		expect(line.indexOf('\n')).toBe(line.length - 1);
		expect(line).not.toContain('\u001B');
	}
});

it('are for the journal only where standard output is the journal', () => {
	const {dev, ino} = fstatSync(1);
	expect(writesToJournal({JOURNAL_STREAM: `${dev}:${ino}`})).toBe(true);
	expect(writesToJournal({JOURNAL_STREAM: '1:2'})).toBe(false);
	expect(writesToJournal({})).toBe(false);
});
