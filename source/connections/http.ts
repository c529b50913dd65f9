/** HTTP by Node's own client, plain or TLS as the URL says: a deadline, a bound on the answer, and nothing else to load. */
import type {Agent, IncomingMessage} from 'node:http';
import type {AgentOptions} from 'node:https';
import {http, https} from '../builtin.ts';
import type {Credentials} from '../config/access.ts';

export type HttpRequest = {
	method?: 'GET' | 'POST';
	headers?: Readonly<Record<string, string>>;
	body?: string;
	signal: AbortSignal;
	/** Bytes; an answer that goes on after them is given up. */
	longest: number;
};

export type HttpAnswer = {status: number; body: string; date: string | undefined};

/** The header Authorization. */
export function basic({username, password}: Credentials): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export function agentFor(url: string, options: AgentOptions = {}): Agent {
	return url.startsWith('https:') ? new (https().Agent)(options) : new (http().Agent)(options);
}

export async function request(url: string, agent: Agent, ask: HttpRequest): Promise<HttpAnswer> {
	const {method = 'GET', headers, body, signal, longest} = ask;
	const send = url.startsWith('https:') ? https().request : http().request;
	try {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			send(url, {method, agent, signal, ...(headers && {headers})}, resolve)
				.on('error', reject)
				.end(body);
		});
		return {
			status: answer.statusCode ?? 0,
			body: await textOf(answer, longest),
			date: answer.headers.date,
		};
	} catch (error) {
		// The signal's own reason says more than that it was aborted: that there was no answer in time.
		throw signal.aborted ? signal.reason : error;
	}
}

async function textOf(answer: IncomingMessage, longest: number): Promise<string> {
	let text = '';
	for await (const chunk of answer.setEncoding('utf8')) {
		text += chunk;
		if (text.length > longest) {
			throw new Error('the answer does not end');
		}
	}

	return text;
}
