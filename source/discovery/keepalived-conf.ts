/** Reads keepalived.conf: the virtual addresses of each VRRP instance, and what checks them. Passwords are not kept. */
import {isIP} from 'node:net';
import {
	type CheckScript,
	type KeepalivedFacts,
	linesMax,
	type NodeFile,
	type Place,
	wordsMax,
} from './types.ts';

type Statement = {words: readonly string[]; place: Place; block: readonly Statement[]};

/** VIPs of a node. */
const vipsMax = 200;
/** Nesting; a real file has four levels. */
const depthMax = 32;
const lineMaxLength = 16_384;
/** Words of a file, those of its variables included, each time that they are used. */
const fileWordsMax = 100_000;

/** Words of an address in `virtual_ipaddress` that are followed by another address, which is not a VIP. */
const takesAddress = new Set(['brd', 'broadcast', 'peer', 'via', 'src', 'from', 'to']);

/** @param files the main file, then those that it includes */
export function readKeepalived(files: readonly NodeFile[]): KeepalivedFacts {
	const variables = new Map<string, string>();
	const statements = files.flatMap(({path, text}) => statementsIn(path, text, variables));
	const scripts = new Map(
		statements.flatMap(one => {
			const [kind, name = ''] = one.words;
			const script = kind === 'vrrp_script' ? one.block.find(({words}) => words[0] === 'script') : undefined;
			return script === undefined
				? []
				: [[name, {name, command: script.words.slice(1).join(' '), ...script.place}] as const];
		}),
	);
	return {
		vips: statements
			.filter(({words}) => words[0] === 'vrrp_instance')
			.flatMap(one => vipsOf(one, scripts))
			.slice(0, vipsMax),
		includes: files.flatMap(({path, text}) => includesIn(path, text)),
	};
}

function vipsOf(
	{words: [, instance = ''], block}: Statement,
	known: ReadonlyMap<string, CheckScript>,
): KeepalivedFacts['vips'][number][] {
	const scripts = block
		.filter(({words}) => words[0] === 'track_script')
		.flatMap(one => one.block.flatMap(({words: [name = '']}) => known.get(name) ?? []));
	// Excluded from the advertisement only, for instances with many addresses.
	return ['virtual_ipaddress', 'virtual_ipaddress_excluded'].flatMap(kind =>
		block
			.filter(({words}) => words[0] === kind)
			.flatMap(one =>
				one.block.flatMap(entry => addressesIn(entry.words).map(address => ({address, ...entry.place}))),
			)
			.map(found => ({...found, instance, scripts})),
	);
}

/** The addresses of a line, in one-line blocks several: `10.0.0.1/24 dev eth0 label eth0:1`. */
function addressesIn(words: readonly string[]): string[] {
	return words.flatMap((word, index) => {
		const [address = ''] = word.split('/', 1);
		const isOther = takesAddress.has(words[index - 1] ?? '');
		return isIP(address) === 0 || isOther || /^fe80:/i.test(address) ? [] : [address];
	});
}

function includesIn(file: string, text: string): KeepalivedFacts['includes'][number][] {
	return linesOf(text).flatMap(({words: [kind = '', pattern], line}) =>
		/^include[a-z]{0,3}$/.test(kind) && pattern !== undefined ? [{pattern, file, line}] : [],
	);
}

function statementsIn(file: string, text: string, variables: Map<string, string>): Statement[] {
	type Open = {block: Statement[]};
	const top: Statement[] = [];
	const open: Open[] = [{block: top}];
	let tooDeep = 0;
	let count = 0;
	for (const {words, line} of linesOf(text)) {
		const [first = ''] = words;
		const [, name, value] = /^\$(\w{1,64})=(.*)$/s.exec(first) ?? [];
		if (name !== undefined) {
			// `$VIP=10.0.0.1`
			variables.set(name, [value, ...words.slice(1)].join(' '));
			continue;
		}

		// `@main priority 101` stands for a configuration id that is not known here.
		let rest = first.startsWith('@') ? [] : words.flatMap(word => filled(word, variables));
		count += rest.length;
		if (count > fileWordsMax) {
			break;
		}

		while (rest.length > 0) {
			const at = rest.findIndex(word => word === '{' || word === '}');
			const head = at === -1 ? rest : rest.slice(0, at);
			const block: Statement[] = [];
			const into = open.at(-1)?.block ?? top;
			if (head.length > 0) {
				into.push({words: head, place: {file, line}, block});
			}

			if (rest[at] === '{') {
				// A brace on a line of its own belongs to the statement before it.
				const target = head.length > 0 ? block : ((into.at(-1)?.block as Statement[] | undefined) ?? block);
				if (open.length < depthMax) {
					open.push({block: target});
				} else {
					tooDeep++;
				}
			} else if (rest[at] === '}') {
				if (tooDeep > 0) {
					tooDeep--;
				} else if (open.length > 1) {
					open.pop();
				}
			}

			rest = at === -1 ? [] : rest.slice(at + 1);
		}
	}

	return top;
}

/** The words of a variable in place of `$NAME` or `${NAME}`. */
function filled(word: string, variables: ReadonlyMap<string, string>): string[] {
	const [, name] = /^\$\{?(\w{1,64})\}?$/.exec(word) ?? [];
	const value = name === undefined ? undefined : variables.get(name);
	return value === undefined ? [word] : value.split(/\s+/, wordsMax).filter(Boolean);
}

function linesOf(text: string): {words: string[]; line: number}[] {
	return text.split('\n', linesMax).flatMap((line, index) => {
		const words = line.length > lineMaxLength ? [] : wordsOf(line);
		return words.length === 0 ? [] : [{words, line: index + 1}];
	});
}

/** Comments begin with `#` or `!`; braces are words of their own. */
function wordsOf(line: string): string[] {
	const pattern =
		/"([^"]*)"?|'([^']*)'?|([#!].*)|([{}])(?=\s|$|[{}])|((?:\$\{\w{1,64}\}|[^\s"'#!{}]|[{}](?!\s|$))+)/gs;
	const words: string[] = [];
	for (const [, double, single, comment, brace, plain] of line.matchAll(pattern)) {
		if (comment !== undefined || words.length >= wordsMax) {
			break;
		}

		words.push(double ?? single ?? brace ?? plain ?? '');
	}

	return words.map(word => word.trim());
}
