/** Performs effects beyond the terminal, such as requests of operations; reports by events only. */
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import type {Config} from '../config/config.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {RestSender} from '../connections/rest-sender.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Event} from '../domain/events.ts';
import type {Effect} from '../state/effects.ts';
import {AuditLog, copyToClipboard, writeLogs} from './audit-log.ts';
import {editConfig} from './edit-config.ts';
import {sendOperation} from './send-operation.ts';

/** ms that a request waits for its line in the audit log. */
const auditMaxMs = 2000;
/** ms after its start, by which a request has been sent or has failed. */
const departureMs = 1000;

/** Effects beyond the terminal; the session performs the others elsewhere. */
export type PerformerEffect = Exclude<
	Effect,
	{
		type: 'quit' | 'refresh' | 'record' | 'redraw' | 'suspend' | `drill.${string}` | `screen.${string}`;
	}
>;

export type PerformerOptions = {
	config: Pick<Config, 'scope' | 'rest' | 'deadline' | 'monitor'>;
	ssh: Pick<Ssh, 'reach' | 'execute'>;
	dispatch: (event: Event) => void;
	/** Lends the terminal for the duration of the task. */
	lend: (task: () => Promise<void>) => Promise<void>;
	onFault: (error: unknown) => void;
};

export class Performer {
	readonly #options: PerformerOptions;
	readonly #rest: RestSender;
	readonly #audit = new AuditLog();
	readonly #ended = new AbortController();
	/** Requests that may not be sent yet: each waits for its audit line, then for its connection. */
	readonly #departing = new Set<Promise<void>>();
	#editing = false;

	constructor(options: PerformerOptions) {
		this.#options = options;
		const {rest, deadline} = options.config;
		this.#rest = new RestSender({
			tls: rest.tls,
			deadline,
			credentials: rest.credentials,
			...(rest.secureBy === undefined ? {} : {secureBy: rest.secureBy}),
		});
	}

	perform(effect: PerformerEffect): void {
		const {onFault} = this.#options;
		switch (effect.type) {
			case 'operation.send': {
				const {promise: begun, resolve} = Promise.withResolvers<void>();
				const sent = this.#send(effect, resolve);
				const away = Promise.race([
					sent,
					begun.then(async () => delay(departureMs, undefined, {ref: false})),
				]);
				this.#departing.add(away);
				away.finally(() => this.#departing.delete(away)).catch(onFault);
				sent.catch(onFault);
				break;
			}

			case 'acknowledgement':
			case 'audit': {
				this.#write(effect.record).catch(onFault);
				break;
			}

			case 'logs.seek': {
				setImmediate(() => {
					this.#options.dispatch({type: 'logs.seek'});
				});
				break;
			}

			case 'logs.write': {
				this.#writeLogs(effect).catch(onFault);
				break;
			}

			case 'copy': {
				copyToClipboard(effect.text);
				break;
			}

			case 'config.edit': {
				this.#edit(effect).catch(onFault);
				break;
			}

			default: {
				effect satisfies never;
			}
		}
	}

	/** Resolves when the audit log is written; requests that were sent are not aborted. */
	async close(): Promise<void> {
		// A confirmed operation is sent even if the console quits immediately.
		await Promise.allSettled(this.#departing);
		this.#ended.abort();
		await this.#settled();
	}

	async #send({run, request}: Effect & {type: 'operation.send'}, begun: () => void): Promise<void> {
		const {ssh, dispatch} = this.#options;
		const {signal} = this.#ended;
		await this.#writtenDown();
		begun();
		const {monitor, deadline} = this.#options.config;
		const answer = await sendOperation(request, {rest: this.#rest, ssh, monitor, deadline}, signal);
		if (!signal.aborted) {
			dispatch({type: 'operation.report', run, answer});
		}
	}

	/**
	 * Waits until the audit log has the request. A disk that is full or hangs is reported, but does not prevent the
	 * operation:
	 * a switchover in an emergency matters more than its record.
	 */
	async #writtenDown(): Promise<void> {
		if (!(await this.#settled())) {
			const text = `the audit log ${this.#audit.file} is not written yet; the request is sent anyway`;
			this.#options.dispatch({type: 'notice', text, tone: 'warn'});
		}
	}

	/** @returns whether the audit log was written in time */
	async #settled(): Promise<boolean> {
		const late = once(AbortSignal.timeout(auditMaxMs), 'abort');
		return Promise.race([this.#audit.settled().then(() => true), late.then(() => false)]);
	}

	async #write(record: Parameters<AuditLog['append']>[0]): Promise<void> {
		try {
			await this.#audit.append(record);
		} catch (error) {
			const text = `the audit log ${this.#audit.file} could not be written: ${reasonOf(error)}; operations are sent anyway`;
			this.#options.dispatch({type: 'notice', text, tone: 'warn'});
		}
	}

	async #writeLogs({lines}: Effect & {type: 'logs.write'}): Promise<void> {
		this.#options.dispatch({type: 'notice', ...(await writeLogs(lines))});
	}

	/** There is only one terminal to lend; a failed editor must not end the console. */
	async #edit({url, revision, store}: Effect & {type: 'config.edit'}): Promise<void> {
		const {config, lend, dispatch} = this.#options;
		if (this.#editing) {
			dispatch({type: 'notice', text: 'the configuration is already being opened', tone: 'warn'});
			return;
		}

		this.#editing = true;
		try {
			const report = await editConfig({
				url,
				revision,
				store,
				scope: config.scope,
				rest: this.#rest,
				signal: this.#ended.signal,
				lend,
				environment: process.env,
			});
			dispatch(report);
		} catch (error) {
			dispatch({type: 'notice', text: `the editor: ${reasonOf(error)}; nothing was sent`, tone: 'warn'});
		} finally {
			this.#editing = false;
		}
	}
}
