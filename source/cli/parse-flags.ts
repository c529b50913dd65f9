/** Parses and checks the flags of the program and of each subcommand. */
import {parseArgs} from 'node:util';
import meow, {type AnyFlags, type Result} from 'meow';
import {withoutSecret} from '../lib/secrets.ts';

/** The command line is invalid; the message says what to change. */
export class UsageError extends Error {}

export type TypedOptions = {
	/** The command that prints the help for these flags. */
	help: string;
	/** Flags that `--no-…` disables, overriding files. */
	negatable?: readonly string[];
};

export type Typed<F extends AnyFlags> = {flags: Result<F>['flags']; input: readonly string[]};

/** @throws UsageError for an unknown, repeated or malformed flag */
export function parseFlags<F extends AnyFlags>(
	flags: F,
	args: readonly string[],
	{help, negatable = []}: TypedOptions,
): Typed<F> {
	const checked = check(flags, args, negatable);
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
		flags,
	});
	return {flags: cli.flags, input: checked.input};
}

type Checked = {canonical: string[]; input: string[]} | {problem: string};

function check(flags: AnyFlags, args: readonly string[], negatable: readonly string[]): Checked {
	const byName = new Map(Object.entries(flags).map(([name, flag]) => [kebab(name), flag]));
	const byShort = new Map(
		[...byName].flatMap(([name, {shortFlag}]) => (shortFlag ? [[shortFlag, name]] : [])),
	);
	const negated = new Set(negatable.map(name => `no-${kebab(name)}`));
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
			return {problem: unknownFlag(token.rawName, name, known)};
		}

		const isSwitch = flag === undefined || flag.type === 'boolean';
		const value = token.inlineValue || !/^-(?![\d.])./.test(token.value ?? '') ? token.value : undefined;
		if (isSwitch && value !== undefined) {
			return {problem: `--${name} takes no value`};
		}

		if (!isSwitch && (value === undefined || value === '')) {
			return {problem: `--${name} needs a value`};
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
		// patronictl also accepts -c=FILE for its short flags.
		const given = token.rawName.startsWith('--') ? value : value?.replace(/^=/, '');
		canonical.push(isSwitch ? `--${name}` : `--${name}=${given}`);
	}

	return {canonical, input};
}

function unknownFlag(typed: string, name: string, known: readonly string[]): string {
	const place = flagsElsewhere.get(name);
	if (place !== undefined && !known.includes(name)) {
		return `${typed} is a flag of ${place}`;
	}

	const switched = /^no-(.*)$/.exec(name)?.[1];
	if (switched !== undefined && known.includes(switched)) {
		return `unknown flag ${typed}; remove --${switched}`;
	}

	const suggestion = name.length > 1 ? nearest(name, known) : undefined;
	return `unknown flag ${typed}${suggestion === undefined ? '' : `; did you mean --${suggestion}?`}`;
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

/** The flag's name as typed on a command line. */
function kebab(name: string): string {
	return name.replaceAll(/(?!^)[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/** The known word most similar to a mistyped one; undefined if none is similar. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
	const plain = bare(typed);
	const same = known.find(word => bare(word) === plain);
	const begun = plain.length < 3 ? [] : known.filter(word => bare(word).startsWith(plain));
	if (same !== undefined || begun.length === 1) {
		return same ?? begun[0];
	}

	const [best] = known
		.map(word => ({word, away: distance(plain, bare(word))}))
		.sort((a, b) => a.away - b.away);
	return best !== undefined && best.away <= Math.min(2, Math.floor(best.word.length / 2))
		? best.word
		: undefined;
}

/** Without case and separators: `readOnly`, `read_only` and `READ-ONLY` are equal. */
function bare(word: string): string {
	return word
		.toLowerCase()
		.replaceAll(/[^a-z0-9]/g, '')
		.slice(0, 40);
}

/** Edit distance: letters missing, added, replaced, or swapped with their neighbour. */
function distance(one: string, other: string): number {
	const rows: number[][] = [Array.from({length: other.length + 1}, (_, index) => index)];
	for (let i = 1; i <= one.length; i++) {
		const row = [i];
		for (let j = 1; j <= other.length; j++) {
			const cost = one[i - 1] === other[j - 1] ? 0 : 1;
			const swapped =
				i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
					? (rows[i - 2]?.[j - 2] ?? 0) + 1
					: Number.POSITIVE_INFINITY;
			row[j] = Math.min(
				(rows[i - 1]?.[j] ?? 0) + 1,
				(row[j - 1] ?? 0) + 1,
				(rows[i - 1]?.[j - 1] ?? 0) + cost,
				swapped,
			);
		}

		rows.push(row);
	}

	return rows[one.length]?.[other.length] ?? 0;
}

/** Flags that take a value, of all commands: the next word is not a command. */
export const valueFlags: ReadonlySet<string> = new Set(
	'config-file dcs-url rest scope group vip probe record reason timeout target goal within format output ssh-config balancers probe-user etcd-ca rest-ca c d'.split(
		' ',
	),
);

const itself = 'pgha-top without a command';

const settings = 'pgha-top and pgha-top drill';

/** The command that each flag belongs to, for the error of a command without it. */
export const flagsElsewhere: ReadonlyMap<string, string> = new Map([
	...['once', 'json', 'timeout', 'print-config', 'version'].map((name): [string, string] => [name, itself]),
	...['target', 'within', 'yes'].map((name): [string, string] => [name, 'pgha-top drill']),
	['format', 'pgha-top report'],
	['output', 'pgha-top report and pgha-top init'],
	...['print', 'ssh-config', 'balancers', 'probe-user', 'etcd-ca', 'rest-ca'].map(
		(name): [string, string] => [name, 'pgha-top init'],
	),
	['goal', 'pgha-top drill and pgha-top report'],
	['list', 'pgha-top tour'],
	...[
		...[
			'config-file',
			'dcs-url',
			'rest',
			'insecure',
			'scope',
			'group',
			'vip',
			'read-only',
			'dry-run',
			'probe',
		],
		...['write-probe', 'record', 'record-logs', 'reason', 'c', 'd', 'k'],
		...['no-insecure', 'no-read-only', 'no-dry-run', 'no-write-probe'],
	].map((name): [string, string] => [name, settings]),
]);
