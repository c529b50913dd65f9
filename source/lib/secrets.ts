/** Masks secrets in text and in data. */
import type {Json} from './json.ts';
import {ownValue} from './json.ts';

/** Stands for a secret, wherever one was. */
export const hidden = '•••';
const changed = `${hidden} (changed)`;

const word =
	'(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credentials?|(?:api|access|private|account)[_-]?key)';
const names = new RegExp(`${word}|conninfo`, 'i');
/** Names that sound secret, but are not. */
const harmless =
	/^(?:password_encryption|.*_(?:supports_reload|file|path|min|max|ttl|type|lifetime|expiration))$/i;

/** An expression, and what stands for all that it matches. Each is linear: what could be long is bounded. */
type Spelling = readonly [RegExp, (match: string, ...groups: string[]) => string];

const quoted = `"(?:[^"\\\\]|\\\\.){0,2000}"|'(?:[^'\\\\]|\\\\.|''){0,2000}'`;

const spellings: readonly Spelling[] = [
	[
		/-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
		(_, kind = '') => `-----BEGIN ${kind}----- ${hidden}`,
	],
	[/SCRAM-SHA-(1|256|512)\$[^\s'",;]+/g, (_, bits = '') => `SCRAM-SHA-${bits}$${hidden}`],
	[/\bmd5[0-9a-f]{32}\b/gi, () => `md5${hidden}`],
	// In a URL, up to the last @: a password may have one.
	[/(:\/\/[^\s:/@"'<>]{0,256}:)[^\s"'<>]{1,1024}@/g, (_, before = '') => `${before}${hidden}@`],
	// HTTP's headers, up to the end of the line or the quote that they stand in.
	[/((?:set-)?cookie["']?\s{0,9}:\s{0,9}["']?)[^\r\n"']+/gi, (_, before = '') => `${before}${hidden}`],
	[
		/(authorization["']?\s{0,9}[:=]\s{0,9}["']?)(?:(basic|bearer|digest|negotiate|token)[ \t]+)?[^\r\n"']+/gi,
		(_, before = '', scheme?: string) => `${before}${scheme === undefined ? '' : `${scheme} `}${hidden}`,
	],
	[
		/\b(bearer[ \t]+)(?!(?:tokens?|auth\w*|realm=\S*|schemes?|headers?|is|was|not|or|and)\b)[^\s"',;]+/gi,
		(_, before = '') => `${before}${hidden}`,
	],
	[
		/\b([Bb]asic[ \t]+)(?=\S{0,200}(?:\d|=|[a-z][A-Z]))[A-Za-z0-9+/=_-]{8,}/g,
		(_, before = '') => `${before}${hidden}`,
	],
	// `NAME=VALUE`, `name = 'value'`, `"name": "value"`, `name=>value`; also where one was quoted again (\"name\":\"value\").
	[
		new RegExp(
			`((?<![A-Za-z0-9_])[A-Za-z0-9_.-]{0,64}${word}[A-Za-z0-9_-]{0,40})(\\\\?["']?[ \\t]{0,9}(?:=>|[:=])[ \\t]{0,9})(\\\\"(?:[^"\\\\]{0,2000})\\\\"|${quoted}|(?:\\\\.|[^\\s\\\\])+)`,
			'gi',
		),
		maskNamed,
	],
	[
		new RegExp(
			`((?<![A-Za-z0-9_])(?:[A-Za-z0-9]{1,40}[_-])?pass)(["']?[ \\t]{0,9}=[ \\t]{0,9}|["']: {0,9})(${quoted}|\\S+)`,
			'gi',
		),
		maskNamed,
	],
	// SQL's own way, and an option whose value is the next word.
	[
		/\b((?:password|identified\s{1,9}by)\s{1,9}E?)'(?:[^'\\]|''|\\.){0,2000}'/gi,
		(_, before = '') => `${before}'${hidden}'`,
	],
	[
		new RegExp(`((?<![\\w-])--?[a-z0-9-]{0,40}(?:${word}|pass)[ \\t]+)(?!-)(${quoted}|\\S+)`, 'gi'),
		(match, before = '', value = '') =>
			/^(?:needs|must|is|was|takes|and|or|with|goes|on)$/i.test(value) ? match : `${before}${hidden}`,
	],
	[
		/((?<!\S)(?:-u|-U|--user|--proxy-user)[ \t=]{0,3}["']?[^\s:"'/-][^\s:"'/]{0,256}):[^\s"']+/g,
		(_, before = '') => `${before}:${hidden}`,
	],
	[
		/(\b(?:sshpass|mysql\w{0,9}|mariadb\w{0,9})\b[^\n]{0,200}?\s-p ?)[^\s-]\S*/g,
		(_, before = '') => `${before}${hidden}`,
	],
	// What looks like a token.
	[/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, () => hidden],
	[/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hvs\.|sk_live_)[A-Za-z0-9_.-]{8,}/g, () => hidden],
	[/\beyJ[\w-]{8,4096}\.[\w-]{2,8192}\.[\w-]{0,4096}/g, () => hidden],
];

/** A value after a name. Prose continues after its colon (`password: must be text`); a value stands alone. */
function maskNamed(match: string, name = '', between = '', value = '', ...[offset, all]: unknown[]): string {
	const [, last = name] = /([A-Za-z0-9_-]+)$/.exec(name) ?? [];
	const isBare = !/^\\?["']/.test(value);
	const rest =
		typeof all === 'string' && typeof offset === 'number'
			? all.slice(offset + match.length, offset + match.length + 40)
			: '';
	const isProse =
		isBare && /:[ \t]/.test(between) && /^[ \t]+[^\s#]/.test(rest) && /^[a-z]{1,12}$/.test(value);
	const before = typeof all === 'string' && typeof offset === 'number' ? all[offset - 1] : undefined;
	if (harmless.test(last) || isProse || isWorkingDirectory(name, value, before)) {
		return match;
	}

	const quote = isBare ? '' : quoteOf(value);
	return `${name}${between}${quote}${hidden}${isBare ? closeOf(value) : quote}`;
}

/** What closes more than the value, at its end. */
function closeOf(value: string): string {
	let at = value.length;
	while (at > 0 && `"'),;]}`.includes(value.charAt(at - 1))) {
		at--;
	}

	return value.slice(at);
}

/** The shell's own variable, as sudo logs it (`PWD=/home/dba ; USER=root`); behind a semicolon it is ODBC's password. */
function isWorkingDirectory(name: string, value: string, before: string | undefined): boolean {
	return /^(?:OLD)?PWD$/.test(name) && /^\\?["']?[/~]/.test(value) && before !== ';';
}

function quoteOf(value: string): string {
	return value.startsWith('\\') ? value.slice(0, 2) : value.slice(0, 1);
}

/** All ways to write the secrets that are configured; undefined while there are none. */
let known: RegExp | undefined;
/** Secrets, with the users that they are also written with. */
const learnt = new Map<string, Set<string>>();
const shownPlainly = new Set<string>();

/** Shorter ones, and common words, would match everywhere. */
const leastLength = 4;

/**
 * What is configured as a secret is hidden by its value, too, for as long as the program runs.
 * @param users who have them: `user:password` is also written in base64
 * @param plain what is configured beside them and shown: a password that is the name of the cluster hides nothing
 */
export function learnSecrets(
	secrets: Iterable<string | undefined>,
	{users = [], plain = []}: {users?: readonly string[]; plain?: readonly string[]} = {},
): void {
	let isNew = false;
	for (const one of plain) {
		isNew ||= !shownPlainly.has(one);
		shownPlainly.add(one);
	}

	for (const secret of secrets) {
		if (secret === undefined || secret.length < leastLength || isCommon(secret)) {
			continue;
		}

		const before = learnt.get(secret) ?? new Set();
		isNew ||= !learnt.has(secret) || users.some(user => !before.has(user));
		learnt.set(secret, new Set([...before, ...users]));
	}

	if (isNew) {
		const forms = [...learnt].flatMap(([secret, its]) =>
			shownPlainly.has(secret) ? [] : formsOf(secret, [...its]),
		);
		const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
		known = forms.length === 0 ? undefined : new RegExp(longestFirst.map(expression).join('|'), 'g');
	}
}

/** Of a program that begins from the start, as each file of tests does. */
export function forgetSecrets(): void {
	learnt.clear();
	shownPlainly.clear();
	known = undefined;
}

/** The names of services and of states are everywhere on the screen. */
function isCommon(secret: string): boolean {
	return /^(?:postgres(?:ql)?|patroni|etcd|haproxy|root|admin|user|true|false|null|none|leader|replica|standby|running|streaming|\d{1,7})$/i.test(
		secret,
	);
}

function formsOf(secret: string, users: readonly string[]): string[] {
	const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
	return [
		secret,
		encodeURIComponent(secret),
		encodeURI(secret),
		JSON.stringify(secret).slice(1, -1),
		secret.replaceAll(/[\\']/g, String.raw`\$&`),
		secret.replaceAll("'", "''"),
		secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
		...(secret.length < 8 ? [] : [base64(secret)]),
		...users.map(user => base64(`${user}:${secret}`)),
	];
}

/** Digits are hidden as a whole number only. */
function expression(text: string): string {
	const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
	return /^\d+$/.test(text) ? `(?<!\\d)${escaped}(?!\\d)` : escaped;
}

/** Masks the configured secrets, in every encoding. */
export function withoutKnownSecrets(text: string): string {
	return known === undefined ? text : text.replaceAll(known, hidden);
}

/** Masks all known secrets and what is written like one: for all output. */
export function redact(text: string): string {
	return spellings.reduce(
		(shown, [form, replacement]) => shown.replaceAll(form, replacement),
		withoutKnownSecrets(text),
	);
}

function isSecret(name: string): boolean {
	return names.test(name) && !harmless.test(name);
}

/** The value of a setting as it may be shown. */
export function withoutSecret(name: string, value: string): string {
	return isSecret(name) ? hidden : redact(value);
}

/** @param before what was there before: a secret that differs from it says so. */
export function withoutSecrets(value: Json, before?: Json, name = ''): Json {
	// Null removes a setting, and shows nothing of it.
	if (isSecret(name) && value !== null) {
		return before === undefined || JSON.stringify(before) === JSON.stringify(value) ? hidden : changed;
	}

	if (typeof value === 'string') {
		const shown = withoutSecret(name, value);
		return shown !== value && before !== undefined && before !== value ? `${shown} (changed)` : shown;
	}

	if (isList(value)) {
		return value.map(one => withoutSecrets(one));
	}

	return isMapping(value)
		? Object.fromEntries(
				Object.entries(value).map(([key, one]) => [
					key,
					withoutSecrets(one, isMapping(before) ? ownValue(before, key) : undefined, key),
				]),
			)
		: value;
}

function isList(value: Json | undefined): value is readonly Json[] {
	return Array.isArray(value);
}

function isMapping(value: Json | undefined): value is {readonly [key: string]: Json} {
	return typeof value === 'object' && value !== null && !isList(value);
}
