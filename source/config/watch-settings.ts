/** The shapes of `watch` and `notify`, for `pgha-top watch`. */
import querystring from 'node:querystring';
import * as z from 'zod';
import {parseBytes, parseDuration} from '../lib/parse-units.ts';
import {asWritten, file, name, strictSection, text} from './setting-kinds.ts';

const mebibyte = 1024 * 1024;
/** Room for some files, the smallest of which has a snapshot. */
export const keepMinBytes = 16 * mebibyte;
export const keepMinMs = 3_600_000;
const afterMaxMs = 3_600_000;

export const keepSizeMessage = 'must be a size of at least 16MiB, such as 500MiB or 1GiB';
export const keepAgeMessage = 'must be a time of at least 1h, such as 36h or 7d';

/** Undefined if it is not acceptable. */
export function keepBytesOf(typed: string): number | undefined {
	const bytes = parseBytes(typed);
	return bytes !== undefined && bytes >= keepMinBytes ? bytes : undefined;
}

/** Undefined if it is not acceptable. */
export function keepMsOf(typed: string): number | undefined {
	const milliseconds = parseDuration(typed);
	return milliseconds !== undefined && milliseconds >= keepMinMs ? milliseconds : undefined;
}

function afterMsOf(typed: string): number | undefined {
	const milliseconds = /^0 ?[a-z]*$/.test(typed) ? 0 : parseDuration(typed);
	return milliseconds !== undefined && milliseconds <= afterMaxMs ? milliseconds : undefined;
}

/** A text that has a value. */
function measure(parse: (typed: string) => number | undefined, message: string) {
	return z.preprocess(
		asWritten,
		z.string(message).refine(typed => parse(typed) !== undefined, message),
	);
}

export const watch = strictSection({
	dir: file
		.optional()
		.describe(
			"folder of the recordings, each cluster's in one of its own; default: `$XDG_STATE_HOME/pgha-top/watch`, for the service `/var/lib/pgha-top/watch`",
		),
	keep_size: measure(keepBytesOf, keepSizeMessage)
		.default('1GiB')
		.describe('the oldest recordings of the cluster are deleted beyond this size'),
	keep_age: measure(keepMsOf, keepAgeMessage).default('7d').describe('recordings are deleted at this age'),
});

/** From the least to the worst, as findings have them. */
export const notifySeverities = ['notice', 'unknown', 'degraded', 'critical'] as const;

const commandMessage = 'must be a list: a program and its arguments';

export const notify = strictSection({
	command: z
		.array(text, commandMessage)
		.min(1, commandMessage)
		.optional()
		.describe(
			'program and arguments, run without a shell for each finding that begins or ends: JSON on standard input, the main fields as `PGHA_TOP_…`',
		),
	webhook: strictSection({
		url: z
			.string('must be a URL of http or https')
			.refine(value => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), 'must be a URL of http or https')
			.optional()
			.describe('gets the same JSON by POST'),
		headers: z
			.record(name, text, 'must be a mapping: NAME: VALUE')
			.optional()
			.describe('headers of the request; a secret is better in `token_file`'),
		token_file: file
			.optional()
			.describe('file with a token, sent as `Authorization: Bearer`; it is read for each request'),
		cacert: file.optional().describe("file with the CA certificates; default: the system's"),
	}).prefault({}),
	severity: z
		.enum(
			notifySeverities,
			`must be ${notifySeverities.slice(0, -1).join(', ')} or ${notifySeverities.at(-1)}`,
		)
		.default('unknown')
		.describe(
			'the least severity that notifies: `notice`, `unknown` (data is missing that the judgement needs), `degraded` or `critical`',
		),
	after: measure(afterMsOf, 'must be a time of at most 1h, such as 5s')
		.default('5s')
		.describe('a finding must hold, and be gone, this long'),
});

export type WatchConfig = {
	/** Undefined: the usual folder. */
	dir: string | undefined;
	keepBytes: number;
	keepMs: number;
};

export type WebhookConfig = {
	url: string;
	headers: Readonly<Record<string, string>>;
	tokenFile: string | undefined;
	ca: string | undefined;
};

export type NotifyConfig = {
	command: readonly string[] | undefined;
	webhook: WebhookConfig | undefined;
	severity: (typeof notifySeverities)[number];
	afterMs: number;
};

export function watchConfig({dir, keep_size, keep_age}: z.infer<typeof watch>): WatchConfig {
	return {
		dir,
		keepBytes: keepBytesOf(keep_size) ?? keepMinBytes,
		keepMs: keepMsOf(keep_age) ?? keepMinMs,
	};
}

export function notifyConfig({command, webhook, severity, after}: z.infer<typeof notify>): NotifyConfig {
	const {url, headers = {}, token_file: tokenFile, cacert: ca} = webhook;
	return {
		command,
		webhook: url === undefined ? undefined : {url, headers, tokenFile, ca},
		severity,
		afterMs: afterMsOf(after) ?? 0,
	};
}

/** What must not be in any output: a path of a URL may be a secret, too. */
export function secretsOfNotify({webhook}: NotifyConfig): (string | undefined)[] {
	if (webhook === undefined) {
		return [];
	}

	const {url, headers} = webhook;
	const {password, pathname, search} = new URL(url);
	return [
		...Object.values(headers),
		url,
		password,
		querystring.unescape(password),
		...(search === '' ? [] : [search.slice(1)]),
		...(pathname.length > 16 ? [pathname] : []),
	];
}
