/** Listening addresses of HAProxy (`bind`). */
import {isIP} from 'node:net';
import {portOf} from '../lib/json.ts';

export type Listening = {address: string; port: number; isLocal: boolean};

/**
 * The TCP addresses of one `bind`, separated by commas: `*:5000`, `:5000`, `10.0.0.1:5000`, `[::]:5000`, `:::5000`,
 * `ipv4@10.0.0.1:5000`. A port of the environment or a range is unknown, a socket is none.
 */
export function listeningOn(bind: string): Listening[] {
	return bind.split(',', 32).flatMap(one => {
		const text = one.trim().replace(/^(?:ipv[46]|tcp[46]?)@/, '');
		const [, host = '', digits] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
		const port = portOf(Number(digits));
		if (port === undefined || /[@/]/.test(host)) {
			return [];
		}

		const address = host.replaceAll(/^\[|\]$/g, '');
		return [{address: address === '' ? '*' : address, port, isLocal: isLoopback(address)}];
	});
}

export function isLoopback(address: string): boolean {
	const plain = address.replaceAll(/^\[|\]$/g, '').toLowerCase();
	return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
