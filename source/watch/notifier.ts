/**
 * Delivers notifications: a bounded number at a time, each with some tries, those of one finding in order. Never delays the
 * session.
 */
import {
	bulkhead,
	ExponentialBackoff,
	handleWhen,
	type IPolicy,
	retry,
	TaskCancelledError,
	TimeoutStrategy,
	timeout,
	wrap,
} from 'cockatiel';
import type {NotifyConfig} from '../config/watch-settings.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {pauseUnlessAborted} from '../lib/abort.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import {DeliveryError} from './delivery.ts';
import type {Message} from './message.ts';
import {runNotifyCommand} from './notify-command.ts';
import {postMessage, shownUrl} from './webhook.ts';

/** Notifications that wait or are being delivered, of one channel; more are dropped. */
const waitingMax = 100;
const atOnceMax = 4;

export type Tries = {
	/** Of one try, ms. */
	maxMs: number;
	/** After the first one. */
	retries: number;
	/** ms before the second try; doubled before each later one. */
	pauseMs: number;
};

export const usualTries: Tries = {maxMs: 10_000, retries: 4, pauseMs: 1000};

/** `failed`: why; undefined: it was delivered. */
export type Delivered = {to: string; failed: string | undefined};

type Send = (message: Message, signal: AbortSignal) => Promise<void>;

export type Channel = {
	/** For a message, without secrets. */
	name: string;
	send: Send;
};

export function channelsOf({command, webhook}: NotifyConfig): Channel[] {
	return [
		...(command === undefined
			? []
			: [
					{
						name: `command ${command[0]}`,
						send: async (message: Message, signal: AbortSignal) => runNotifyCommand(command, message, signal),
					},
				]),
		...(webhook === undefined
			? []
			: [
					{
						name: `webhook ${shownUrl(webhook.url)}`,
						send: async (message: Message, signal: AbortSignal) => postMessage(webhook, message, signal),
					},
				]),
	];
}

export type NotifierOptions = {
	channels: readonly Channel[];
	/** What was not delivered, for the operator. */
	report: (text: string) => void;
	tries?: Tries;
};

export class Notifier {
	readonly #queues: readonly Queue[];
	readonly #ended = new AbortController();
	readonly #hurried = new AbortController();
	readonly #report: NotifierOptions['report'];

	constructor({channels, report, tries = usualTries}: NotifierOptions) {
		this.#report = report;
		this.#queues = channels.map(channel => new Queue(channel, tries, this.#ended.signal));
	}

	/** Resolves when each channel has it, or has given up; a caller need not wait. */
	async send(message: Message): Promise<Delivered[]> {
		return Promise.all(
			this.#queues.map(async queue => {
				const delivered = await queue.send(message);
				if (delivered.failed !== undefined) {
					this.#report(
						safe(`not notified by ${delivered.to}: ${delivered.failed}: ${message.phase}: ${message.text}`),
					);
				}

				return delivered;
			}),
		);
	}

	/** Ends the wait of `close`. */
	hurry(): void {
		this.#hurried.abort();
	}

	/** What is under way has this long, ms. */
	async close(maxMs: number): Promise<void> {
		const waiting = Promise.all(this.#queues.map(async queue => queue.idle()));
		const done = new AbortController();
		const patience = AbortSignal.any([done.signal, this.#hurried.signal]);
		await Promise.race([waiting, pauseUnlessAborted(maxMs, patience)]);
		done.abort();
		this.#ended.abort(new DeliveryError('the watch has ended', {isFinal: true}));
		await waiting;
	}
}

/** Of one channel. */
class Queue {
	readonly #channel: Channel;
	readonly #tries: Tries;
	readonly #ended: AbortSignal;
	readonly #policy: IPolicy;
	/** The last delivery of each finding. */
	readonly #last = new Map<string, Promise<unknown>>();
	readonly #places = bulkhead(atOnceMax, waitingMax);
	#size = 0;

	constructor(channel: Channel, tries: Tries, ended: AbortSignal) {
		this.#channel = channel;
		this.#tries = tries;
		this.#ended = ended;
		const {maxMs, retries, pauseMs} = tries;
		this.#policy = wrap(
			retry(
				handleWhen(error => !(error instanceof DeliveryError && error.isFinal) && !ended.aborted),
				{maxAttempts: retries, backoff: new ExponentialBackoff({initialDelay: pauseMs})},
			),
			timeout(maxMs, TimeoutStrategy.Aggressive),
		);
	}

	async send(message: Message): Promise<Delivered> {
		if (this.#size >= waitingMax) {
			return {to: this.#channel.name, failed: `dropped, since ${waitingMax} are waiting`};
		}

		this.#size++;
		const {key} = message;
		const delivery = (this.#last.get(key) ?? Promise.resolve()).then(async () => this.#deliver(message));
		this.#last.set(key, delivery);
		try {
			return await delivery;
		} finally {
			this.#size--;
			if (this.#last.get(key) === delivery) {
				this.#last.delete(key);
			}
		}
	}

	async idle(): Promise<void> {
		while (this.#last.size > 0) {
			await Promise.all(this.#last.values());
		}
	}

	/** Never rejects. */
	async #deliver(message: Message): Promise<Delivered> {
		const {name, send} = this.#channel;
		const tries = async () => this.#policy.execute(async ({signal}) => send(message, signal), this.#ended);
		try {
			await this.#places.execute(async () => {
				this.#ended.throwIfAborted();
				await unlessEnded(tries(), this.#ended);
			});
			return {to: name, failed: undefined};
		} catch (error) {
			return {to: name, failed: this.#wordsOf(error)};
		}
	}

	#wordsOf(error: unknown): string {
		const {retries, maxMs} = this.#tries;
		if (error instanceof DeliveryError && error.isFinal) {
			return error.message;
		}

		const why =
			error instanceof TaskCancelledError
				? `no answer within ${maxMs / 1000} s`
				: error instanceof DeliveryError
					? error.message
					: reasonOf(error);
		return `${why} (tried ${retries + 1} times)`;
	}
}

/** Pauses between tries do not end with a signal. */
async function unlessEnded<T>(work: Promise<T>, ended: AbortSignal): Promise<T> {
	const {promise, reject} = Promise.withResolvers<never>();
	const end = () => reject(ended.reason);
	ended.addEventListener('abort', end, {once: true});
	try {
		return await Promise.race([work, promise]);
	} finally {
		ended.removeEventListener('abort', end);
		work.catch(() => undefined);
	}
}

function safe(text: string): string {
	return sanitize(redact(text));
}
