/** Why a connection failed, in a few plain words for a pane; never with a secret. */

import {faultWords, isFault} from '../lib/faults.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';

const known: readonly [RegExp, string][] = [
	// gRPC says "no connection" first, and then why: so these come before that.
	[/does not match certificate's altnames/, 'the TLS certificate is for another host name'],
	[/certificate has expired|CERT_HAS_EXPIRED/, 'the TLS certificate has expired'],
	[
		/alert certificate required|alert handshake failure/i,
		'asks for a client certificate: check certfile and keyfile',
	],
	[
		/alert (unknown ca|bad certificate|certificate (expired|revoked|unknown))/i,
		'the client certificate is not accepted',
	],
	[/self-signed|SELF_SIGNED|unable to (get|verify)|UNABLE_TO/, 'TLS certificate not trusted: check cacert'],
	[/wrong version number|EPROTO/, 'TLS spoken to a plain port, or the reverse'],
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
	[/invalid user ID or password/, 'etcd refuses the user name or the password'],
	[/etcdserver: user name is empty/, 'etcd asks for a user: give etcd3.username and password'],
	[/etcdserver: permission denied/, 'the etcd user may not do this'],
	[/etcd refuses its own token/, 'etcd refuses its own token'],
	[/etcdserver: (no leader|request timed out|leader changed)/, 'etcd has no leader'],
	[/keepalive timeout/i, 'connection went silent'],
];

/** The peer is there and says no: who we are, or what we may do, is the trouble, and not what it looks like. */
export function isRefusal(error: unknown): boolean {
	return /etcdserver: (user name is empty|permission denied)|invalid user ID or password|refuses its own token/.test(
		error instanceof Error ? error.message : String(error),
	);
}

/** Longer texts than this say nothing more in a pane. */
const reasonMaxLength = 120;

/** What a loss is reported with: a fault of this program is no loss of the peer's. */
export function lossOf(
	error: unknown,
	isOurs = isFault(error),
): {reason: string; refused?: true; fault?: true} {
	return {
		reason: isOurs ? sanitize(faultWords(error)).slice(0, reasonMaxLength * 2) : reasonOf(error),
		...(isRefusal(error) ? {refused: true} : {}),
		...(isOurs ? {fault: true} : {}),
	};
}

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

	return redact(sanitize(error instanceof Error ? error.message : String(error))).slice(0, reasonMaxLength);
}
