/** A watch by etcd's JSON gateway: one request, whose answer is a stream of JSON objects, one in a line. */
import type {Agent, IncomingMessage} from 'node:http';
import {LineSplitter} from '../lib/line-splitter.ts';
import {deadline} from '../lib/own-time.ts';
import {answerMaxBytes, TooMany} from './etcd-bounds.ts';
import type {WatchHandlers} from './etcd-grpc.ts';
import {jsonOf, type Refusal, refusalOf, refusedBy, type WatchMessage, watchMessage} from './etcd-json.ts';
import {openRequest, textOf} from './http.ts';

/** ms of silence until the kernel asks whether the peer is still there; it gives up ten seconds later. */
const keepAliveMs = 10_000;

/** etcd or its gateway refuses the watch, or there is none: that is decided as for any other answer. */
export class RefusedWatch extends Error {
	readonly status: number;
	readonly refusal: Refusal | undefined;

	constructor(status: number, refusal: Refusal | undefined) {
		super('the watch is refused');
		this.status = status;
		this.refusal = refusal;
	}
}

export type WatchRequest = {
	url: string;
	agent: Agent;
	headers: Readonly<Record<string, string>>;
	/** The `create_request`. */
	message: object;
	/** Milliseconds until etcd has confirmed. */
	deadline: number;
	/** Ends the watch, which then reports no end. */
	signal: AbortSignal;
};

/** Resolves when etcd confirms. @throws RefusedWatch */
export async function openWatch(request: WatchRequest, handlers: WatchHandlers): Promise<void> {
	const {url, agent, headers, message, signal} = request;
	const late = deadline(request.deadline);
	const either = AbortSignal.any([signal, late.signal]);
	const body = JSON.stringify({create_request: message});
	let answer: IncomingMessage | undefined;
	try {
		answer = await openRequest(url, agent, {method: 'POST', headers, body, signal: either});
		const {statusCode: status = 0, socket} = answer;
		if (status !== 200) {
			throw new RefusedWatch(status, refusalOf(jsonOf(await textOf(answer, answerMaxBytes))));
		}

		socket.setKeepAlive(true, keepAliveMs);
		const messages = messagesOf(answer);
		const first = await messages.next();
		if (first.done) {
			throw new Error('the watch ended');
		}

		const {isConfirmed, end} = first.value;
		if (!isConfirmed) {
			throw new RefusedWatch(status, end);
		}

		void follow(first.value, messages, signal, handlers);
	} catch (error) {
		answer?.destroy();
		// The signal's reason says that there was no answer in time, not just "aborted".
		throw either.aborted ? either.reason : error;
	} finally {
		late.cancel();
	}
}

/** Reports the changes until the watch ends, and why. Never rejects. */
async function follow(
	first: WatchMessage,
	messages: AsyncGenerator<WatchMessage, void>,
	signal: AbortSignal,
	{onPut, onDelete, onEnd}: WatchHandlers,
): Promise<void> {
	const report = ({changes, end}: WatchMessage) => {
		for (const change of changes) {
			if (change.type === 'put') {
				onPut(change.key);
			} else {
				onDelete(change.key, change.revision);
			}
		}

		if (end !== undefined) {
			throw refusedBy(end);
		}
	};
	try {
		report(first);
		for await (const message of messages) {
			report(message);
		}

		throw new Error('the watch ended');
	} catch (error) {
		if (!signal.aborted) {
			onEnd(error);
		}
	} finally {
		// Closes the connection, if the error is not its end.
		await messages.return();
	}
}

async function* messagesOf(answer: IncomingMessage): AsyncGenerator<WatchMessage, void> {
	const splitter = new LineSplitter(answerMaxBytes);
	for await (const chunk of answer as AsyncIterable<Buffer>) {
		const lines: string[] = [];
		let isOverLimit = false;
		splitter.push(chunk, (line, _, isCut) => {
			isOverLimit ||= isCut;
			lines.push(line);
		});
		if (isOverLimit || splitter.isOverLimit) {
			throw new TooMany(`a message of the watch exceeds ${answerMaxBytes / 1024} KiB`);
		}

		for (const line of lines.filter(Boolean)) {
			yield watchMessage(line);
		}
	}

	// etcd 3.4 writes no line end after the reason of the end.
	const rest = splitter.takeRest();
	if (rest !== '') {
		yield watchMessage(rest);
	}
}
