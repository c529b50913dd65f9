/** Error reasons in a few words for a pane; never with a secret. */

import type {ErrorCode} from '../domain/facts.ts';
import {faultWords, isFault} from '../lib/faults.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';

/** Matches messages of libraries, etcd and the operating system, since some errors have no code. */
const known: readonly [RegExp, ErrorCode, string][] = [
	// gRPC's message begins with "no connection" and adds the reason, so these are matched first.
	[/does not match certificate's altnames/, 'tls', 'the TLS certificate is for another host name'],
	[/certificate has expired|CERT_HAS_EXPIRED/, 'tls', 'the TLS certificate has expired'],
	[
		/alert certificate required|alert handshake failure/i,
		'tls',
		'requires a client certificate: check certfile and keyfile',
	],
	[
		/alert (unknown ca|bad certificate|certificate (expired|revoked|unknown))/i,
		'tls',
		'the client certificate is not accepted',
	],
	[
		/self-signed|SELF_SIGNED|unable to (get|verify)|UNABLE_TO/,
		'tls',
		'TLS certificate not trusted: check cacert',
	],
	[/wrong version number|EPROTO/, 'tls', 'TLS to a port without TLS, or the reverse'],
	[/ECONNREFUSED/, 'refused', 'connection refused'],
	[/EHOSTUNREACH/, 'unreachable', 'host unreachable'],
	[/ENETUNREACH/, 'unreachable', 'network unreachable'],
	[/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'unknown-host', 'host name not found'],
	[/ECONNRESET|socket hang up|other side closed/, 'reset', 'connection reset'],
	[/No connection established|connection lost before handshake/i, 'unconnected', 'no connection'],
	[/no connection in time/, 'timeout', 'no connection in time'],
	[
		/no answer in time|No response from server|DEADLINE_EXCEEDED|Deadline exceeded|TimeoutError|aborted due to timeout|ETIMEDOUT|Timed out/i,
		'timeout',
		'no answer in time',
	],
	[/invalid user ID or password/, 'denied', 'etcd rejects the user name or the password'],
	[/etcdserver: user name is empty/, 'denied', 'etcd requires a user: set etcd3.username and etcd3.password'],
	[/etcdserver: permission denied/, 'denied', 'the etcd user has no permission for this'],
	[/etcd rejects its own token/, 'denied', 'etcd rejects its own token'],
	[/etcdserver: (no leader|request timed out|leader changed)/, 'no-leader', 'etcd has no leader'],
	[/keepalive timeout/i, 'silent', 'connection went silent'],
	// gRPC's status, if its details match none of those above; etcd's own words say more than the status.
	[/\bReceived RST_STREAM\b/, 'reset', 'connection reset'],
	[/\b(14 UNAVAILABLE|1 CANCELLED): (?!etcdserver:)/, 'closed', 'connection closed'],
];

/** gRPC's number and name of a status, in front of its details: `13 INTERNAL: …`. */
const grpcStatus = /^\d+ [A-Z_]+: /;

/** The error's code, for decisions; undefined if none depends on it. */
export function codeOf(error: unknown): ErrorCode | undefined {
	return knownOf(error)?.[1];
}

function knownOf(error: unknown): (typeof known)[number] | undefined {
	const parts: string[] = [];
	for (let one: unknown = error; one instanceof Error; one = one.cause) {
		parts.push(one.name, one.message, 'code' in one ? String(one.code) : '');
	}

	const text = parts.length === 0 ? String(error) : parts.join(' ');
	return known.find(([pattern]) => pattern.test(text));
}

/** Characters; a longer text does not fit into a pane. */
const reasonMaxLength = 120;

/** The fields of a `source.lost` event; a bug in pgha-top is not reported as the peer's fault. */
export function lossOf(
	error: unknown,
	isOurs = isFault(error),
): {reason: string; code?: ErrorCode; refused?: true; fault?: true} {
	if (isOurs) {
		return {reason: sanitize(faultWords(error)).slice(0, reasonMaxLength * 2), fault: true};
	}

	const code = codeOf(error);
	return {
		reason: reasonOf(error),
		...(code === undefined ? {} : {code}),
		// The peer answers but refuses: the login or the permissions are wrong.
		...(code === 'denied' ? {refused: true} : {}),
	};
}

export function reasonOf(error: unknown): string {
	const words = knownOf(error)?.[2];
	const message = error instanceof Error ? error.message : String(error);
	return words ?? redact(sanitize(message.replace(grpcStatus, ''))).slice(0, reasonMaxLength);
}
