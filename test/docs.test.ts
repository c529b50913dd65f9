import {existsSync, globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {commands, fullName} from '../source/cli/command-table.ts';
import {advice} from '../source/domain/findings/advice.ts';
import {type Binding, keymap} from '../source/keymap/keymap.ts';
import {replayKeys} from '../source/keymap/replay.ts';
import {configKeys} from '../tools/docs/config-table.ts';
import {flagTable} from '../tools/docs/flag-table.ts';
import {worksIn} from '../tools/docs/key-table.ts';
import {anchorsIn, linksIn} from '../tools/docs/markdown.ts';
import {fillSections, pages} from '../tools/docs/sections.ts';

const root = path.join(import.meta.dirname, '..');
const read = (page: string) => readFileSync(path.join(root, page), 'utf8');
const all = ['readme.md', 'contributing.md', 'lab/readme.md', ...globSync('docs/*.md', {cwd: root})].sort();

describe('generated sections', () => {
	it.each(Object.keys(pages))('of %s match the code; npm run docs writes them', page => {
		expect(read(page)).toBe(fillSections(page, read(page)));
	});

	it('have a row for each folder of source/', () => {
		const text = read('docs/architecture.md');
		const folders = globSync('source/**/', {cwd: root}).map(folder => `${folder.replace(/\/$/, '')}/`);
		expect(folders.length).toBeGreaterThan(20);
		expect(folders.filter(folder => folder !== 'source/' && !text.includes(`\`${folder}\``))).toEqual([]);
	});

	it('have a row for each finding', () => {
		const text = read('docs/findings.md');
		expect(Object.keys(advice).filter(id => !text.includes(`| \`${id}\` |`))).toEqual([]);
	});

	it('have a row with a meaning for each configuration key', () => {
		const text = read('docs/configuration.md');
		const named = (key: readonly string[]) => (key[0] === 'pgha-top' ? key.slice(1) : key).join('.');
		const missing = configKeys().filter(key => !text.includes(`| \`${named(key.path)}\` | ${key.meaning} |`));
		expect(missing).toEqual([]);
		expect(configKeys().filter(({meaning}) => meaning === '')).toEqual([]);
	});

	it('have a row for each key binding', () => {
		const text = read('docs/keys.md');
		const row = (binding: Binding) =>
			`| ${binding.keys.map(key => `\`${key}\``).join(' ')} | ${binding.help.replaceAll('|', '\\|')} | ${worksIn(binding)} |`;
		const missing = [...keymap, ...replayKeys].filter(binding => !text.includes(row(binding)));
		expect(missing).toEqual([]);
	});

	it('are on a page for each command, with its flags and examples', () => {
		const text = all.map(read).join('\n');
		expect(commands.filter(one => !text.includes(flagTable(one))).map(fullName)).toEqual([]);
	});
});

describe('the pages', () => {
	it.each(all)('%s has no broken relative link', page => {
		const broken = linksIn(read(page)).filter(({target}) => !leads(page, target));
		expect(broken).toEqual([]);
	});

	it.each(['readme.md', 'docs/readme.md'])('are all reachable from %s', start => {
		const reached = new Set([start]);
		for (const page of reached) {
			for (const {target} of linksIn(read(page))) {
				const file = fileOf(page, target);
				if (file?.endsWith('.md') && existsSync(path.join(root, file))) {
					reached.add(file);
				}
			}
		}

		expect(all.filter(page => !reached.has(page))).toEqual([]);
	});

	it('have a readme of at most 120 lines', () => {
		expect(read('readme.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
	});
});

it('each word of the glossary is used elsewhere', () => {
	const words = glossary();
	const texts = [
		...all.filter(page => page !== 'docs/glossary.md').map(read),
		...globSync('source/**/*.{ts,tsx}', {cwd: root}).map(read),
	].join('\n');
	const unused = words.filter(word => !new RegExp(`\\b${word}(?:s|es)?\\b`, 'i').test(texts));
	expect(words.length).toBeGreaterThan(30);
	expect(unused).toEqual([]);
	expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});

/** The words in bold at the beginning of its rows. */
function glossary(): string[] {
	return [...read('docs/glossary.md').matchAll(/^\| \*\*([^*]+)\*\* \|/gm)].map(([, word = '']) => word);
}

/** A file of the repository; undefined for an address elsewhere. */
function fileOf(page: string, target: string): string | undefined {
	const [file = ''] = target.split('#');
	if (/^[a-z]+:/.test(target)) {
		return undefined;
	}

	return file === '' ? page : path.posix.join(path.posix.dirname(page), decodeURIComponent(file));
}

function leads(page: string, target: string): boolean {
	const file = fileOf(page, target);
	const [, anchor] = target.split('#');
	return (
		file === undefined ||
		(existsSync(path.join(root, file)) &&
			(anchor === undefined || (file.endsWith('.md') && anchorsIn(read(file)).has(anchor))))
	);
}
