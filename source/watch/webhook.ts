/** Sends a notification by POST. */
import type {WebhookConfig} from '../config/watch-settings.ts';
import {agentFor, readTls, request} from '../connections/http.ts';
import {errnoWords} from '../lib/faults.ts';
import {readFileText} from '../lib/files.ts';
import {learnSecrets} from '../lib/secrets.ts';
import {DeliveryError} from './delivery.ts';
import type {Message} from './message.ts';

/** Bytes of the answer and of a token. */
const answerMaxBytes = 64 * 1024;
/** Other answers of 4xx are the same the next time. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429]);

/** @throws DeliveryError and system errors */
export async function postMessage(
	webhook: WebhookConfig,
	message: Message,
	signal: AbortSignal,
): Promise<void> {
	const {url, headers, ca} = webhook;
	const token = tokenOf(webhook);
	const agent = agentFor(url, url.startsWith('https:') ? readTls(ca === undefined ? {} : {ca}) : {});
	try {
		const {status} = await request(url, agent, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'user-agent': `pgha-top/${message.program}`,
				...headers,
				...(token === undefined ? {} : {authorization: `Bearer ${token}`}),
			},
			body: JSON.stringify(message),
			signal,
			maxBytes: answerMaxBytes,
		});
		if (status < 200 || status > 299) {
			const isFinal = status < 500 && !temporary.has(status);
			throw new DeliveryError(`it answered ${status}`, {isFinal});
		}
	} finally {
		agent.destroy();
	}
}

function tokenOf({tokenFile}: WebhookConfig): string | undefined {
	if (tokenFile === undefined) {
		return undefined;
	}

	try {
		const token = readFileText(tokenFile, answerMaxBytes).trim();
		learnSecrets([token]);
		return token;
	} catch (error) {
		throw new DeliveryError(`${tokenFile}: ${errnoWords(error)}`, {isFinal: false});
	}
}

/** The address without what may be secret: a user, a path, a query. */
export function shownUrl(url: string): string {
	const {origin, pathname, search} = new URL(url);
	return `${origin}${pathname === '/' && search === '' ? '/' : '/…'}`;
}
