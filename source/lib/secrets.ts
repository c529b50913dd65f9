/** Masks secrets in text and in data. */
import type {Json} from './json.ts';
import {ownValue} from './json.ts';

/** Replaces a secret. */
export const hidden = '•••';
const changed = `${hidden} (changed)`;

const word =
	'(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credentials?|(?:api|access|private|account)[_-]?key)';
const names = new RegExp(`${word}|conninfo`, 'i');
/** Names that match a secret's pattern, but are not secret. */
const harmless =
	/^(?:password_encryption|.*_(?:supports_reload|file|path|min|max|ttl|type|lifetime|expiration))$/i;

/** A pattern and its replacement. Each takes linear time: long parts are bounded. */
type Spelling = readonly [RegExp, (match: string, ...groups: string[]) => string];

const quoted = `"(?:[^"\\\\]|\\\\.){0,2000}"|'(?:[^'\\\\]|\\\\.|''){0,2000}'`;

const spellings: readonly Spelling[] = [
	[
		/-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
		(_, kind = '') => `-----BEGIN ${kind}----- ${hidden}`,
	],
	[/SCRAM-SHA-(1|256|512)\$[^\s'",;]+/g, (_, bits = '') => `SCRAM-SHA-${bits}$${hidden}`],
	[/\bmd5[0-9a-f]{32}\b/gi, () => `md5${hidden}`],
	// In a URL up to the last @, since a password may contain one.
	[/(:\/\/[^\s:/@"'<>]{0,256}:)[^\s"'<>]{1,1024}@/g, (_, before = '') => `${before}${hidden}@`],
	// HTTP headers, up to the end of the line or of the quotes around them.
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
	// `NAME=VALUE`, `name = 'value'`, `"name": "value"`, `name=>value`; also with escaped quotes (\"name\":\"value\").
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
	// SQL's syntax, and an option whose value is the next word.
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
	// Known formats of tokens.
	[/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, () => hidden],
	[/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hvs\.|sk_live_)[A-Za-z0-9_.-]{8,}/g, () => hidden],
	[/\beyJ[\w-]{8,4096}\.[\w-]{2,8192}\.[\w-]{0,4096}/g, () => hidden],
];

/** Masks a value after a name. In prose the colon is followed by words (`password: must be text`), which are kept. */
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

/** Trailing characters that close an enclosing quote or bracket. */
function closeOf(value: string): string {
	let at = value.length;
	while (at > 0 && `"'),;]}`.includes(value.charAt(at - 1))) {
		at--;
	}

	return value.slice(at);
}

/** The shell's PWD, as sudo logs it (`PWD=/home/dba ; USER=root`); after a semicolon PWD is ODBC's password. */
function isWorkingDirectory(name: string, value: string, before: string | undefined): boolean {
	return /^(?:OLD)?PWD$/.test(name) && /^\\?["']?[/~]/.test(value) && before !== ';';
}

function quoteOf(value: string): string {
	return value.startsWith('\\') ? value.slice(0, 2) : value.slice(0, 1);
}

/** Matches every encoding of the configured secrets; undefined without secrets. */
let known: RegExp | undefined;
/** Secrets, with the users that they are encoded with. */
const learnt = new Map<string, Set<string>>();
const shownPlainly = new Set<string>();

/** Shorter secrets, and common words, would match everywhere. */
const lengthMin = 4;

/**
 * From now on masks the configured secrets by their value, too.
 * @param users of the secrets: `user:password` is also encoded in base64
 * @param plain settings that are shown: a password that equals one, such as the scope, is not masked
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
		if (secret === undefined || secret.length < lengthMin || isCommon(secret)) {
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
		const byLength = [...new Set(forms)].sort((a, b) => b.length - a.length);
		known = forms.length === 0 ? undefined : new RegExp(byLength.map(expression).join('|'), 'g');
	}
}

/** Forgets all secrets, for tests. */
export function forgetSecrets(): void {
	learnt.clear();
	shownPlainly.clear();
	known = undefined;
}

/** Names of services and states are everywhere on the screen. */
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

/** Digits are masked only as a whole number. */
function expression(text: string): string {
	const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
	return /^\d+$/.test(text) ? `(?<!\\d)${escaped}(?!\\d)` : escaped;
}

/** Masks the configured secrets, in every encoding. */
export function withoutKnownSecrets(text: string): string {
	return known === undefined ? text : text.replaceAll(known, hidden);
}

/** Masks configured secrets and secret-like text; required for all output. */
export function redact(text: string): string {
	return spellings.reduce(
		(shown, [form, replacement]) => shown.replaceAll(form, replacement),
		withoutKnownSecrets(text),
	);
}

function isSecret(name: string): boolean {
	return names.test(name) && !harmless.test(name);
}

/** The value of a setting, masked if secret. */
export function withoutSecret(name: string, value: string): string {
	return isSecret(name) ? hidden : redact(value);
}

/** @param before the previous value: a secret that differs is marked as changed */
export function withoutSecrets(value: Json, before?: Json, name = ''): Json {
	// Null removes a setting, and contains no secret.
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
