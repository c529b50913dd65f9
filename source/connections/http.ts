/** HTTP and HTTPS with Node's own client, with a deadline and a size limit; loads no package. */
import type {Agent, IncomingMessage} from 'node:http';
import type {AgentOptions} from 'node:https';
import type {Credentials} from '../config/access.ts';
import {http, https, tls} from '../lib/builtin.ts';
import {readFileBytes} from '../lib/files.ts';

export type HttpRequest = {
	method?: 'GET' | 'POST';
	headers?: Readonly<Record<string, string>>;
	body?: string;
	signal: AbortSignal;
	/** Bytes; a longer answer is rejected. */
	maxBytes: number;
};

export type HttpAnswer = {status: number; body: string; date: string | undefined};

/** The Authorization header. */
export function basic({username, password}: Credentials): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** @throws if a certificate or a key is invalid */
export function agentFor(url: string, options: AgentOptions = {}): Agent {
	if (!url.startsWith('https:')) {
		return new (http().Agent)(options);
	}

	// Node.js would read the certificates for each connection, and look for each request's socket by their text.
	const {ca, cert, key, passphrase, ...others} = options;
	return new (https().Agent)({
		...others,
		secureContext: tls().createSecureContext({ca, cert, key, passphrase}),
	});
}

/** Resolves with the beginning of the answer. The signal also ends the rest of it. */
export async function openRequest(
	url: string,
	agent: Agent,
	{method = 'GET', headers, body, signal}: Omit<HttpRequest, 'maxBytes'>,
): Promise<IncomingMessage> {
	const send = url.startsWith('https:') ? https().request : http().request;
	return new Promise<IncomingMessage>((resolve, reject) => {
		send(url, {method, agent, signal, ...(headers && {headers})}, resolve)
			.on('error', reject)
			.end(body);
	});
}

export async function request(url: string, agent: Agent, ask: HttpRequest): Promise<HttpAnswer> {
	const {signal, maxBytes} = ask;
	try {
		const answer = await openRequest(url, agent, ask);
		const {socket} = answer;
		const text = await textOf(answer, maxBytes);
		signal.throwIfAborted();
		// Without a Content-Length the connection's end is the body's end, and only an orderly end proves it complete.
		if (!answer.complete || socket.errored) {
			throw new Error('connection reset during the answer');
		}

		return {status: answer.statusCode ?? 0, body: text, date: answer.headers.date};
	} catch (error) {
		// The signal's reason says that there was no answer in time, not just "aborted".
		throw signal.aborted ? signal.reason : error;
	}
}

/** @throws if it is longer */
export async function textOf(answer: IncomingMessage, maxBytes: number): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of answer as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > maxBytes) {
			throw new Error(`answer exceeds ${Math.round(maxBytes / 1024)} KiB`);
		}

		chunks.push(chunk);
	}

	return Buffer.concat(chunks).toString();
}

/** File names; without `ca` the system's CAs are used, as in patronictl. */
export type TlsFiles = {ca?: string; cert?: string; key?: string};

export type TlsMaterial = {ca: string; cert?: Buffer; key?: Buffer};

/** @throws if a file cannot be read */
export function readTls({ca, cert, key}: TlsFiles): TlsMaterial {
	return {
		ca: ca === undefined ? systemAuthorities() : readFileBytes(ca).toString(),
		...(cert === undefined ? {} : {cert: readFileBytes(cert)}),
		...(key === undefined ? {} : {key: readFileBytes(key)}),
	};
}

/** The system's CA certificates in PEM; Node.js's own if the system has none. */
export function systemAuthorities(): string {
	const {getCACertificates} = tls();
	const own = getCACertificates('system');
	return (own.length > 0 ? own : getCACertificates('default')).join('\n');
}
