/** Why a connection failed, in a few plain words for a pane; never with a secret. */
import {sanitize} from '../sanitize.ts';

const known: readonly [RegExp, string][] = [
	[/ECONNREFUSED/, 'connection refused'],
	[/EHOSTUNREACH/, 'host unreachable'],
	[/ENETUNREACH/, 'network unreachable'],
	[/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'host name not found'],
	[/ECONNRESET|socket hang up|other side closed/, 'connection reset'],
	[/No connection established|connection lost before handshake/i, 'no connection'],
	[
		/No response from server|DEADLINE_EXCEEDED|Deadline exceeded|TimeoutError|aborted due to timeout|ETIMEDOUT|Timed out/i,
		'no answer in time',
	],
	[/etcdserver: (no leader|request timed out|leader changed)/, 'etcd has no leader'],
	[/keepalive timeout/i, 'connection went silent'],
	[/self-signed|SELF_SIGNED|unable to (get|verify)|UNABLE_TO/, 'TLS certificate not trusted: check cacert'],
	[/wrong version number|EPROTO/, 'TLS spoken to a plain port, or the reverse'],
];

/** Longer texts than this say nothing more in a pane. */
const longest = 120;

export function reasonOf(error: unknown): string {
	const parts: string[] = [];
	for (let one: unknown = error; one instanceof Error; one = one.cause) {
		parts.push(one.name, one.message, 'code' in one ? String(one.code) : '');
	}

	const text = parts.length === 0 ? String(error) : parts.join(' ');
	const found = known.find(([pattern]) => pattern.test(text));
	if (found) {
		return found[1];
	}

	return sanitize(error instanceof Error ? error.message : String(error)).slice(0, longest);
}
