/** What may be shown of a value: never a password, and no user and password out of a URL. */
import {redact} from '../lib/secrets.ts';

/** All that Patroni's sections hold in secret; `auth` is the old way to write `user:password`. */
const secretKeys = new Set(['password', 'keyfile_password', 'auth']);

/** A whole section can be secret by mistake: `authentication: user:password`. */
export function isSecret(path: readonly string[]): boolean {
	return path[0] === 'pgha-top'
		? (path[1] === 'probe' &&
				(path.length === 2 || ['dsn', 'password', 'sslpassword'].includes(path[2] ?? ''))) ||
				(path[1] === 'haproxy' && path[2] === 'password')
		: path.some(key => secretKeys.has(key)) || path.at(-1) === 'authentication';
}

/** A value in an error. */
export function shown(path: readonly string[], value: unknown): string {
	if (value === undefined) {
		return 'nothing';
	}

	if (typeof value === 'object' && value !== null) {
		return Array.isArray(value) ? 'a list' : 'a mapping';
	}

	return isSecret(path)
		? 'a value that is not shown'
		: JSON.stringify(typeof value === 'string' ? withoutUserinfo(redact(value)) : value);
}

/** `https://user:password@host` → `https://…@host`; whatever stands before an `@` may be a secret. */
function withoutUserinfo(text: string): string {
	const at = text.lastIndexOf('@');
	return at === -1 ? text : `…${text.slice(at)}`;
}
