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

/** Outside of source/, which has one table of them. */
const listOfServices = /haproxy\W{1,4}(?:(?:and|or) )?\W?keepalived/i;

describe('the files that the documentation names', () => {
	it.each(pages)('exist: %s', page => {
		expect(pathsIn(read(page)).filter(file => !existsSync(path.join(root, file)))).toEqual([]);
	});

	it('define the functions that the documentation names beside them', () => {
		const named = pages.flatMap(page => [...rowsIn(read(page)), ...sentencesIn(read(page))]);
		const missing = named.flatMap(({file, names}) =>
			names
				.filter(name => !existsSync(path.join(root, file)) || !defines(read(file), name))
				.map(name => ({file, name})),
		);
		expect(named.length).toBeGreaterThan(80);
		expect(missing).toEqual([]);
	});

	it.each([
		['export async function send(state: State) {', 'send', true],
		['const work = () => 1;', 'work', true],
		['export class Panes extends Component {', 'Panes', true],
		['\tasync reach(host: string): Promise<void> {', 'reach', true],
		['\tprivate async #open(): void {', 'open', true],
		['\treadonly dispatch = (intent: Intent): void => {', 'dispatch', true],
		["import {send} from './send.ts';", 'send', false],
		['\treturn send(state);', 'send', false],
		['\tsend(state);', 'send', false],
		['\tsend(() => {', 'send', false],
		['\tsend(\n\t\tstate,\n\t);', 'send', false],
		['\tasync send(\n\t\tstate: State,\n\t): Next {', 'send', true],
		['/** what send does */', 'send', false],
	])('a definition differs from a mention: %j', (text, name, expected) => {
		expect(defines(text, name)).toBe(expected);
	});

	it.each(Object.entries(examples))('are all files with the example of "%s"', (title, example) => {
		const named = pathsIn(recipe(title));
		const found = sources.filter(file => example.test(read(file)));
		expect(found).not.toEqual([]);
		expect(found.filter(file => !named.includes(file))).toEqual([]);
	});

	it('are all that list the services, in the recipe for a service', () => {
		const named = pathsIn(recipe('A service'));
		const lists = globSync(['readme.md', 'docs/*.md', 'lab/**/*.{ts,sh,md}', 'tools/**/*.ts'], {
			cwd: root,
		}).filter(file => listOfServices.test(read(file)));
		expect(lists.length).toBeGreaterThan(8);
		expect(lists.filter(file => !named.includes(file))).toEqual([]);
	});
});

function recipe(title: string): string {
	const all = read('contributing.md').split(/^### /m);
	return all.find(one => one.startsWith(`${title}\n`)) ?? '';
}

/** In code, written in full from the top of the repository. */
function pathsIn(markdown: string): string[] {
	return [
		...markdown.matchAll(/`((?:source|test|tools|lab|bench|docs|recordings)\/[\w./-]*|readme\.md)`/g),
	].map(([, file = '']) => file);
}

/** A function, a class, a constant, a method or a property of a class or a table; a call or an import is none. */
function defines(text: string, name: string): boolean {
	const declared = String.raw`^(?:export )?(?:default )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|type) ${name}\b`;
	const words = String.raw`(?:(?:private|readonly|override|static|async|get) |\*)*#?`;
	const method = String.raw`^\t+${words}${name}(?:<[^>]*>)?\((?:(?!=> \{)[^;])*\)(?::[^;=]*)? \{$`;
	const long = String.raw`^(\t+)${words}${name}(?:<[^>]*>)?\(\n(?:\1\t.*\n)+\1\)(?::.*)? \{$`;
	const property = String.raw`^\t+${words}${name}(?: = |: (?:async )?(?:\(|function))`;
	return new RegExp([declared, method, long, property].join('|'), 'm').test(text);
}

/** `function` in `file`, also with several functions. */
function sentencesIn(markdown: string): {file: string; names: string[]}[] {
	return [...markdown.matchAll(/((?:`#?\w+`(?:,| and)? )+)(?:in |\()`(source\/[^`]+\.tsx?)`/g)].map(
		([, names = '', file = '']) => ({
			file,
			names: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
		}),
	);
}

/** `| step | file | function, function |`. */
function rowsIn(markdown: string): {file: string; names: string[]}[] {
	return [...markdown.matchAll(/^\|[^|]*\| `(source\/[^`]+)` \| ((?:`\w+`(?:, )?)+) \|$/gm)].map(
		([, file = '', names = '']) => ({file, names: names.replaceAll('`', '').split(', ')}),
	);
}
