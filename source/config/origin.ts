/** The origin of a value: for errors, and for `--print-config`. */
import {redact} from '../lib/secrets.ts';
import {YamlScalar} from './yaml-scalar.ts';

export type Origin =
	/** `isFound`: on a node, not configured. */
	| {file: string; line: number | undefined; key: string; isFound?: true}
	/** An environment variable or a flag. */
	| {name: string};

/** The beginning of an error: `FILE, line 4: ctl.cacert`, `PATRONI_CTL_CACERT`, `--vip`. */
export function pointAt(origin: Origin): string {
	if ('name' in origin) {
		return origin.name;
	}

	const line = origin.line === undefined ? '' : `, line ${origin.line}`;
	return `${origin.file}${line}${origin.key === '' ? '' : `: ${origin.key}`}`;
}

/** For a comment: `FILE:4`, `PATRONI_CTL_CACERT`, `--vip`; with the key if it differs from the one beside it. */
export function sourceOf(origin: Origin, beside: string): string {
	if ('name' in origin) {
		return origin.name;
	}

	const key = origin.key === beside || `pgha-top.${origin.key}` === beside ? '' : `, ${origin.key}`;
	return `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}${key}`;
}

export class ConfigError extends Error {
	override name = 'ConfigError';
}

/** Secret settings in Patroni's sections; `auth` is the old form of `user:password`. */
const secretKeys = new Set(['password', 'keyfile_password', 'auth']);

/** Sections count as well, for mistakes such as `authentication: user:password`. */
export function isSecret(path: readonly string[]): boolean {
	return path[0] === 'pgha-top'
		? ((path[1] === 'probe' || path[1] === 'monitor') &&
				(path.length === 2 || ['dsn', 'password', 'sslpassword'].includes(path[2] ?? ''))) ||
				(path[1] === 'haproxy' && path[2] === 'password') ||
				(path[1] === 'notify' &&
					path[2] === 'webhook' &&
					(path.length === 3 || path[3] === 'url' || path[3] === 'headers'))
		: path.some(key => secretKeys.has(key)) || path.at(-1) === 'authentication';
}

/** A value for an error, hidden if secret. */
export function describeValue(path: readonly string[], value: unknown): string {
	if (value === undefined) {
		return 'nothing';
	}

	if (typeof value === 'object' && value !== null && !(value instanceof YamlScalar)) {
		return Array.isArray(value) ? 'a list' : 'a mapping';
	}

	if (value instanceof YamlScalar) {
		return isSecret(path) ? 'a value that is not shown' : withoutUserinfo(redact(value.source));
	}

	return isSecret(path)
		? 'a value that is not shown'
		: JSON.stringify(typeof value === 'string' ? withoutUserinfo(redact(value)) : value);
}

/** `https://user:password@host` → `https://…@host`; any text before an `@` may be a secret. */
function withoutUserinfo(text: string): string {
	const at = text.lastIndexOf('@');
	return at === -1 ? text : `…${text.slice(at)}`;
}

/** etcd's client port. */
export const etcdPort = 2379;

/** → `http(s)://host:port`, without a user; undefined for anything else */
export function endpointUrl(host: string, secure: boolean, defaultPort = etcdPort): string | undefined {
	const text = bracketIpv6(host.trim());
	const url = text.includes('://') ? text : `${secure ? 'https' : 'http'}://${text}`;
	if (!URL.canParse(url)) {
		return undefined;
	}

	const {protocol, hostname} = new URL(url);
	// URL drops the default port of its protocol (80, 443), so the port is read from the text.
	const port = /:(\d+)\/*$/.exec(url)?.[1] ?? String(defaultPort);
	return hostname !== '' && (protocol === 'http:' || protocol === 'https:')
		? `${protocol}//${hostname}:${port}`
		: undefined;
}

/** The hosts in `hosts:`, which Patroni accepts as a list or as one string with commas. */
export function hostList(hosts: string | readonly string[]): string[] {
	const list = typeof hosts === 'string' ? hosts.split(',') : hosts;
	return list.map(host => host.trim()).filter(Boolean);
}

/** The user in `https://user:password@host`; like Patroni, without percent-decoding. */
export function userOf(url: string): {username: string; password: string} | undefined {
	const [, username, password] = /^[a-z]+:\/\/([^:@/]+):(.+)@[^@]*$/.exec(url) ?? [];
	return username === undefined || password === undefined ? undefined : {username, password};
}

/** Patroni accepts an IPv6 address with a port without brackets, too. */
function bracketIpv6(host: string): string {
	const [, address, port] = /^([0-9a-f:]*:[0-9a-f:]*):(\d+)$/i.exec(host) ?? [];
	return address === undefined || port === undefined ? host : `[${address}]:${port}`;
}
