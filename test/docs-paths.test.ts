import {existsSync, globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const pages = ['readme.md', 'contributing.md', ...globSync('docs/*.md', {cwd: root})].sort();
const sources = globSync('source/**/*.{ts,tsx}', {cwd: root}).sort();

/** Each recipe of contributing.md follows an example; the files that have it are those that the recipe names. */
const examples: Readonly<Record<string, RegExp>> = {
	'A finding': /'vip\.two'/,
	'A service': /'keepalived'|\bkeepalived: /,
	'A source': /[`']disk[:']|'disk\.snapshot'|\bdisk: \{|\bcluster\.disks\b|\bdisks: /,
	'A pane': /\bvipPane\b/,
	'An operation': /'(?:operation\.)?reinitialize'/,
	'A key': /'findings\.toggle'/,
	'A setting': /'read_only'|\bown\.read_only\b|\bread_only: (?:yesOrNo|true)/,
};

describe('the files that the documentation names', () => {
	it.each(pages)('are there: %s', page => {
		expect(pathsIn(read(page)).filter(file => !existsSync(path.join(root, file)))).toEqual([]);
	});

	it('have the functions that the walks of the architecture name', () => {
		const steps = rowsIn(read('docs/architecture.md'));
		const missing = steps.filter(
			({file, names}) =>
				!existsSync(path.join(root, file)) ||
				!names.every(name => new RegExp(`\\b${name}\\b`).test(read(file))),
		);
		expect(steps.length).toBeGreaterThan(50);
		expect(missing).toEqual([]);
	});

	it.each(Object.entries(examples))('are all that an example of "%s" is in', (title, example) => {
		const recipe =
			read('contributing.md')
				.split(/^### /m)
				.find(one => one.startsWith(`${title}\n`)) ?? '';
		const named = pathsIn(recipe);
		const found = sources.filter(file => example.test(read(file)));
		expect(found).not.toEqual([]);
		expect(found.filter(file => !named.includes(file))).toEqual([]);
	});
});

/** In code, written in full from the top of the repository. */
function pathsIn(markdown: string): string[] {
	return [...markdown.matchAll(/`((?:source|test|tools|lab|bench|docs|recordings)\/[\w./-]*)`/g)].map(
		([, file = '']) => file,
	);
}

/** `| step | file | function, function |`. */
function rowsIn(markdown: string): {file: string; names: string[]}[] {
	return [...markdown.matchAll(/^\|[^|]*\| `(source\/[^`]+)` \| ((?:`\w+`(?:, )?)+) \|$/gm)].map(
		([, file = '', names = '']) => ({file, names: names.replaceAll('`', '').split(', ')}),
	);
}
