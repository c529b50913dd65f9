import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	ArgumentError,
	checkArgument,
	cursorCommand,
	fileCommand,
	journalCommand,
	journalWordsCommand,
	unitsCommand,
} from '../../../source/sources/logs/command.ts';
import {problemOf} from '../../../source/sources/logs/file-stream.ts';
import {anyText} from '../../support/text.ts';

const token = 'abcdef0123456789';
const breakouts = [
	'; touch pwned',
	'$(touch pwned)',
	'`touch pwned`',
	'patroni" ; touch pwned ; "',
	"patroni' ; touch pwned ; '",
	'patroni\ntouch pwned',
	'patroni\n',
	'|touch pwned',
	'&touch pwned',
	'>pwned',
	'--file=/etc/shadow',
	`\${IFS}x`,
	'a b',
	'\\',
	'*',
	'~root',
	'',
	'\u0000',
	'/var/log/../../etc/shadow',
	'/var/log/x;id',
	'/var/log/$HOME',
	'relative/path',
	'/',
];

describe('the commands on nodes', () => {
	it.each(breakouts)('refuse %j as a unit, a path and a cursor', text => {
		expect(() => journalCommand([text], {system: false, start: 'history', until: 'stopped'})).toThrow(
			ArgumentError,
		);
		expect(() => unitsCommand([text])).toThrow(ArgumentError);
		expect(() => journalWordsCommand(text, 'FATAL')).toThrow(ArgumentError);
		expect(() => fileCommand(text, {token, places: []})).toThrow(ArgumentError);
		expect(() =>
			journalCommand(['patroni'], {system: false, start: {cursor: `s=1${text || ' '}`}, until: 'end'}),
		).toThrow(ArgumentError);
		expect(() => cursorCommand(`s=1${text || ' '}`)).toThrow(ArgumentError);
		expect(() => fileCommand('/var/log/x', {token, places: [{inode: '1', offset: 0, head: text}]})).toThrow(
			ArgumentError,
		);
		expect(() => fileCommand('/var/log/x', {token, places: [{inode: text, offset: 0, head: '1:0'}]})).toThrow(
			ArgumentError,
		);
	});

	it('refuse invalid numbers', () => {
		for (const offset of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY]) {
			expect(() => fileCommand('/var/log/x', {token, places: [{inode: '1', offset, head: '1:0'}]})).toThrow(
				ArgumentError,
			);
		}
	});

	it('refuse everything that has a meaning for a shell', () => {
		fc.assert(
			fc.property(anyText, text => {
				// Without `expect`, which is slow for so many.
				return (['unit', 'path', 'cursor'] as const).every(kind => {
					try {
						return /^[\w@./:+,=;-]+$/.test(checkArgument(kind, text));
					} catch (error) {
						return error instanceof ArgumentError;
					}
				});
			}),
			{numRuns: 300},
		);
	});

	it('pass a path with every allowed character to a real shell as one word', () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-command-'));
		const command = fileCommand('/nonexistent/a@b._+,:=-c', {token, places: []});
		// In its own process group, which it ends.
		const output = execFileSync('sh', ['-c', `setsid -w ${command} 2>&1 || true`], {
			cwd: folder,
			input: '',
			encoding: 'utf8',
		});
		expect(output).not.toMatch(/syntax error|not found/i);
		expect(readdirSync(folder)).toEqual([]);
	});
});

describe('the remedy for an unreadable file', () => {
	const remedies = (said: string, path: string | undefined) => {
		const {text, remedy} = problemOf(said, path, 'dba') ?? {};
		return [text, remedy];
	};

	it('grants a right on the configured file only', () => {
		expect(remedies('none unreadable /var/log/app.log', '/var/log/app.log')).toEqual([
			'dba may not read /var/log/app.log',
			'on the node: sudo setfacl -m u:dba:r /var/log/app.log',
		]);
	});

	it('grants a right on the folder in which PostgreSQL starts new files', () => {
		const remedy = 'on the node: sudo setfacl -R -m u:dba:rX -m d:u:dba:rX /var/log/postgresql';
		expect(remedies('none unreadable /var/log/postgresql/a.log', undefined)).toEqual([
			'dba may not read /var/log/postgresql/a.log',
			remedy,
		]);
		expect(remedies('none unreadable /var/log/postgresql/a.log', '/var/log/postgresql')[1]).toBe(remedy);
		expect(remedies('none unreadable /var/log/postgresql/', '/var/log/postgresql')).toEqual([
			'dba may not read /var/log/postgresql',
			remedy,
		]);
	});
});
