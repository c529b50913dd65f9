/** Parses and checks the flags of the program and of each subcommand. */
import {parseArgs} from 'node:util';
import meow, {type AnyFlags} from 'meow';
import {withoutSecret} from '../lib/secrets.ts';
import {commandNames, placesOf} from './command-table.ts';
import {commonFlags, type FlagDefinition, type FlagTable, kebab, negatedFlags} from './definition.ts';
import {nearest} from './suggest.ts';

/** The command line is invalid; the message says what to change. */
export class UsageError extends Error {}

type TypedValue<F extends FlagDefinition> = F extends {type: 'number'}
	? number
	: F extends {type: 'boolean'}
		? boolean
		: F extends {choices: readonly (infer Choice)[]}
			? Choice
			: string;

type TypedFlag<F extends FlagDefinition> = F extends {isMultiple: true}
	? readonly TypedValue<F>[]
	: TypedValue<F>;

export type Typed<F extends FlagTable> = {
	flags: {[Name in keyof F]: TypedFlag<F[Name]> | (F[Name] extends {default: unknown} ? never : undefined)};
	input: readonly string[];
};

/**
 * @param help the command that prints the help for these flags
 * @throws UsageError for an unknown, repeated or malformed flag
 */
export function parseFlags<F extends FlagTable>(flags: F, args: readonly string[], help: string): Typed<F> {
	const checked = check(flags, args);
	if ('problem' in checked) {
		throw new UsageError(`${checked.problem}; see ${help}`);
	}

	// Each flag by its full name, with its value: unambiguous for meow.
	const cli = meow('', {
		importMeta: import.meta,
		argv: checked.canonical,
		// Passed so that meow does not search and parse a package.json, half of its cost.
		pkg: {name: 'pgha-top'},
		// cli.tsx writes the help: it waits for a slow pipe before the exit.
		autoHelp: false,
		autoVersion: false,
		booleanDefault: undefined,
		flags: flagsOfMeow(flags),
	});
	const typed = Object.entries(flags).map(([name, flag]) => [name, cli.flags[name] ?? flag.default]);
	// `check` has made sure of the types, and of the choices.
	return {flags: Object.fromEntries(typed) as Typed<F>['flags'], input: checked.input};
}

function flagsOfMeow(flags: FlagTable): AnyFlags {
	return Object.fromEntries(
		Object.entries(flags).map(([name, {type, isMultiple}]): [string, AnyFlags[string]] => [
			name,
			isMultiple === true && type === 'string' ? {type, isMultiple} : {type},
		]),
	);
}

type Checked = {canonical: string[]; input: string[]} | {problem: string};

function check(flags: FlagTable, args: readonly string[]): Checked {
	const byName = new Map(Object.entries(flags).map(([name, flag]) => [kebab(name), flag]));
	const byShort = new Map(
		[...byName].flatMap(([name, {shortFlag}]) => (shortFlag ? [[shortFlag, name]] : [])),
	);
	const negated = new Set(negatedFlags(flags));
	const known = [...byName.keys(), ...negated];
	const [canonical, input, seen]: [string[], string[], Set<string>] = [[], [], new Set()];
	const singleDash = args
		.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
		.find(arg => /^-[a-z][a-z-]+$/i.test(arg) && known.includes(kebab(arg.slice(1))));
	if (singleDash !== undefined) {
		return {problem: `unknown flag ${singleDash}; did you mean -${singleDash}?`};
	}

	const {tokens} = parseArgs({
		args: [...args],
		options: Object.fromEntries(
			[...byName].map(([name, {type, shortFlag}]) => [
				name,
				{type: type === 'boolean' ? 'boolean' : 'string', ...(shortFlag ? {short: shortFlag} : {})},
			]),
		),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	for (const token of tokens) {
		if (token.kind === 'positional') {
			input.push(token.value);
			continue;
		}

		if (token.kind === 'option-terminator') {
			continue;
		}

		const name = byShort.get(token.name) ?? token.name;
		const flag = byName.get(name);
		if (flag === undefined && !negated.has(name)) {
			return {problem: unknownFlag(token.rawName, name, known, byShort)};
		}

		const isSwitch = flag === undefined || flag.type === 'boolean';
		const value = token.inlineValue || !/^-(?![\d.])./.test(token.value ?? '') ? token.value : undefined;
		if (isSwitch && value !== undefined) {
			return {problem: `--${name} takes no value`};
		}

		if (!isSwitch && (value === undefined || value === '')) {
			return {problem: `--${name} needs a value`};
		}

		// patronictl also accepts -c=FILE for its short flags.
		const given = token.rawName.startsWith('--') ? value : value?.replace(/^=/, '');
		const problem = flag === undefined || given === undefined ? undefined : valueProblem(name, flag, given);
		if (problem !== undefined) {
			return {problem};
		}

		const [plain, other] =
			name.startsWith('no-') && negated.has(name) ? [name.slice(3), name] : [name, `no-${name}`];
		if (seen.has(name) && flag?.isMultiple !== true) {
			return {problem: `--${name} is given twice`};
		}

		if (seen.has(name === plain ? other : plain)) {
			return {problem: `--${plain} and --no-${plain} contradict each other`};
		}

		seen.add(name);
		canonical.push(isSwitch ? `--${name}` : `--${name}=${given}`);
	}

	return {canonical, input};
}

function valueProblem(name: string, {type, choices}: FlagDefinition, given: string): string | undefined {
	if (type === 'number' && !/^-?(?:\d+\.?\d*|\.\d+)(?:e\d+)?$/i.test(given)) {
		return `--${name} must be a number, found ${shownArgument(given)}`;
	}

	return choices === undefined || choices.includes(given)
		? undefined
		: `--${name} must be ${eitherOf(choices)}${suggestionFor(given, choices)}`;
}

function unknownFlag(
	typed: string,
	name: string,
	known: readonly string[],
	byShort: ReadonlyMap<string, string>,
): string {
	const switched = /^no-(.*)$/.exec(name)?.[1];
	if (switched !== undefined && known.includes(switched)) {
		return `unknown flag ${typed}; remove --${switched}`;
	}

	const place = placesOf(name);
	if (place !== undefined) {
		return `${typed} is a flag of ${place}`;
	}

	// -v for -V, -H for -h.
	const otherCase = [...byShort].find(
		([short]) => name.length === 1 && short.toLowerCase() === name.toLowerCase(),
	);
	if (otherCase !== undefined) {
		return `unknown flag ${typed}; did you mean -${otherCase[0]} (--${otherCase[1]})?`;
	}

	// Those of every command are known, too, though no parser sees all of them.
	const all = [...known, ...Object.keys(commonFlags).map(kebab)];
	const suggestion = name.length > 1 ? nearest(name, all) : undefined;
	return `unknown flag ${typed}${suggestion === undefined ? '' : `; did you mean --${suggestion}?`}`;
}

/** `; did you mean json?`, or nothing. */
export function suggestionFor(typed: string, known: readonly string[]): string {
	const suggestion = nearest(typed, known);
	return suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
}

/** `md, html or json` */
export function eitherOf(words: readonly string[]): string {
	return words.join(', ').replace(/, ([^,]+)$/, ' or $1');
}

/** An argument for a message; hidden if it may contain a password. */
export function shownArgument(text: string): string {
	const mayBeSecret = withoutSecret('', text) !== text || /[@=]|:\/\//.test(text) || text.length > 60;
	return mayBeSecret ? '(hidden: it may hold a password)' : `"${text}"`;
}

/** @throws UsageError for standard input or a URL in place of a file */
export function mustBeFile(file: string, help: string): void {
	if (file === '-') {
		throw new UsageError(`a recording cannot be read from standard input; name its file; see ${help}`);
	}

	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(file)) {
		throw new UsageError(`a recording is a file, not a URL; see ${help}`);
	}
}

/** What replaces commands of patronictl. */
const ofPatronictl: ReadonlyMap<string, string> = new Map([
	['list', 'pgha-top --once prints the members'],
	['switchover', 'S in the console; pgha-top drill switchover runs and measures one'],
	['failover', 'F in the console'],
	['edit-config', 'E in the console'],
	['show-config', 'E in the console shows it in your editor'],
	['pause', 'P in the console'],
	['resume', 'P in the console'],
	['reinit', 'I in the console'],
	['reload', 'L in the console'],
	['restart', 'R in the console'],
	['flush', 'm in the console lists what is scheduled'],
]);

export function unknownCommand(word: string): UsageError {
	// The own commands first: of two that are equally near, that one is suggested.
	const near = nearest(word, [...commandNames, ...ofPatronictl.keys()]) ?? word;
	const replacement = ofPatronictl.get(near);
	const hint =
		replacement === undefined
			? suggestionFor(word, commandNames) ||
				(/\.(ndjson|gz|zst)$/.test(word) ? '; pgha-top replay FILE plays a recording' : '')
			: near === word
				? `: ${replacement}`
				: `; did you mean ${near}? ${replacement}`;
	return new UsageError(`unknown command ${shownArgument(word)}${hint}; see pgha-top --help`);
}
