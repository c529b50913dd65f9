/** What a TLS client shows and whom it trusts, read from the files when a connection is made: renewed certificates are taken up. */

import {getCACertificates} from 'node:tls';
import {readFileBytes} from '../lib/read-file.ts';

/** File names; a missing `ca` means the system's own, as it does for patronictl. */
export type TlsFiles = {ca?: string; cert?: string; key?: string};

export type TlsMaterial = {ca: string; cert?: Buffer; key?: Buffer};

/** @throws when a file can't be read. */
export function readTls({ca, cert, key}: TlsFiles): TlsMaterial {
	return {
		ca: ca === undefined ? systemAuthorities() : readFileBytes(ca).toString(),
		...(cert === undefined ? {} : {cert: readFileBytes(cert)}),
		...(key === undefined ? {} : {key: readFileBytes(key)}),
	};
}

/** A machine without any has those that come with Node.js. */
export function systemAuthorities(): string {
	const own = getCACertificates('system');
	return (own.length > 0 ? own : getCACertificates('default')).join('\n');
}
