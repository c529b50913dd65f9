/** How psql is told where to connect: a URI, or `key=value` words; as libpq reads them. */

/** Parameters by libpq's names. */
export type Dsn = Readonly<Record<string, string>>;

/** undefined where it is neither. Of several hosts the first one counts. */
export function parseDsn(text: string): Dsn | undefined {
	return /^postgres(?:ql)?:\/\//.test(text) ? fromUri(text) : fromWords(text);
}

/** What stands in it as a password, in whatever way; also in one that can't be read. */
export function passwordIn(text: string): string | undefined {
	const guess = /:\/\/[^@/]*:([^@]*)@/.exec(text)?.[1] ?? /password\s*=\s*(\S+)/i.exec(text)?.[1];
	return parseDsn(text)?.password ?? guess;
}

function fromUri(text: string): Dsn | undefined {
	const [, user, password, hosts = '', path = '', query = ''] =
		/^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text) ?? [];
	const [first = ''] = hosts.split(',');
	const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(first) ?? [];
	try {
		const given = {
			user: user && decodeURIComponent(user),
			password: password && decodeURIComponent(password),
			host: decodeURIComponent(bracketed ?? plain ?? ''),
			port,
			dbname: decodeURIComponent(path),
			...Object.fromEntries(new URLSearchParams(query)),
		};
		return withoutEmpty(given);
	} catch {
		// A percent sign that begins no character.
		return undefined;
	}
}

/** `host=a password='it\'s'`. */
function fromWords(text: string): Dsn | undefined {
	const word = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;
	const found: Record<string, string> = {};
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
