/** How psql is told where to connect: a URI, or `key=value` words; as libpq reads them. */

/** Parameters by libpq's names. */
export type Dsn = Readonly<Record<string, string>>;

/** undefined where it is neither. Several hosts stay beside each other, with commas. */
export function parseDsn(text: string): Dsn | undefined {
	return /^postgres(?:ql)?:\/\//.test(text) ? fromUri(text) : fromWords(text);
}

/** What stands in it as a password, in whatever way; also in one that can't be read. */
export function passwordIn(text: string): string | undefined {
	// Nothing is looked for behind the last @: each `://` there would look through all the rest.
	const untilAt = text.slice(0, text.lastIndexOf('@') + 1);
	const guess = /:\/\/[^@/]*:([^@]*)@/.exec(untilAt)?.[1] ?? /password\s*=\s*(\S+)/i.exec(text)?.[1];
	return parseDsn(text)?.password ?? guess;
}

function fromUri(text: string): Dsn | undefined {
	const [, user, password, hosts = '', path = '', query = ''] =
		/^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text) ?? [];
	const places = hosts.split(',').map(one => /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(one));
	if (places.some(place => place === null)) {
		return undefined;
	}

	const list = (of: (place: RegExpExecArray) => string | undefined) =>
		places.flatMap(place => (place === null ? [] : [of(place) ?? ''])).join(',');
	try {
		const given = {
			user: user && decodeURIComponent(user),
			password: password && decodeURIComponent(password),
			host: decodeURIComponent(list(([, bracketed, plain]) => bracketed ?? plain)),
			port: list(([, , , port]) => port),
			dbname: decodeURIComponent(path),
			...parametersOf(query),
		};
		return withoutEmpty(given);
	} catch {
		// A percent sign that begins no character.
		return undefined;
	}
}

/** libpq decodes %xx alone: a plus is a plus. @throws for a percent sign that begins no character */
function parametersOf(query: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const pair of query.split('&').filter(Boolean)) {
		const at = pair.indexOf('=');
		if (at === -1) {
			throw new URIError(`no "=" in ${pair.length} characters`);
		}

		const name = decodeURIComponent(pair.slice(0, at));
		const value = decodeURIComponent(pair.slice(at + 1));
		// JDBC's way, which libpq takes, too.
		const isJdbc = name === 'ssl' && value === 'true';
		Object.defineProperty(found, isJdbc ? 'sslmode' : name, {
			value: isJdbc ? 'require' : value,
			enumerable: true,
			configurable: true,
			writable: true,
		});
	}

	return found;
}

/** `host=a password='it\'s'`. */
function fromWords(text: string): Dsn | undefined {
	const word = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;
	const found: Record<string, string> = Object.create(null) as Record<string, string>;
	let end = 0;
	for (let match = word.exec(text); match !== null; match = word.exec(text)) {
		const [, key = '', quoted, bare = ''] = match;
		found[key] = (quoted ?? bare).replaceAll(/\\(.)/g, '$1');
		end = word.lastIndex;
	}

	return end > 0 && text.slice(end).trim() === '' ? withoutEmpty(found) : undefined;
}

function withoutEmpty(given: Readonly<Record<string, string | undefined>>): Dsn {
	return Object.fromEntries(
		Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1])),
	);
}
