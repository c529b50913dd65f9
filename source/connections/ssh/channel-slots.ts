/**
 * The channel slots of a connection to a host: each command has one. sshd allows a number of them at a time (MaxSessions), and shows it
 * only by refusing one. From then on shells that stay open end, streams leave one session to commands, and what finds no session
 * waits until another one ends.
 */
import type {Client, ClientChannel} from 'ssh2';
import {afterRoundTrip, isRefusal, releaseChannel, startCommand, whyNotStarted} from './channel.ts';
import {SshError} from './prompts.ts';

/**
 * `command`: ends soon. `operation`: a command that may take long. `stream`: stays. `spare`: a stream that ends where its session is
 * needed. `shell`: stays while no session is refused.
 */
export type SessionKind = 'command' | 'operation' | 'stream' | 'spare' | 'shell';

/** Nothing was sent, and the connection may serve the next command. */
export class NotStartedError extends SshError {
	override name = 'NotStartedError';
}

/** ms for which a host's number is remembered: sshd logs each refusal as an error. */
const rememberMs = 3_600_000;

type Session = {kind: SessionKind; channel?: ClientChannel};

type Connection = {
	client: Client;
	/** In the order of their requests, which is that of sshd's answers. */
	sessions: Set<Session>;
	waiting: Set<{session: Session; admit: () => void}>;
};

/** What ends the wait: `late`: the deadline; `unwanted`: the command must not be sent any more. */
export type Ends = {late: AbortSignal; unwanted: AbortSignal | undefined};

export class Sessions {
	readonly #connections = new WeakMap<Client, Connection>();
	#refused: {allowed: number; until: number} | undefined;

	/**
	 * Starts a command in a session of its own.
	 * @returns undefined if there is no session for a spare or a shell, which do not wait
	 * @throws NotStartedError if there was no session in time
	 */
	async open(
		client: Client,
		command: string,
		kind: SessionKind,
		ends: Ends,
	): Promise<ClientChannel | undefined> {
		const connection = this.#connections.get(client) ?? {client, sessions: new Set(), waiting: new Set()};
		this.#connections.set(client, connection);
		for (;;) {
			const session = await this.#admit(connection, kind, ends);
			if (session === undefined) {
				return undefined;
			}

			const channel = await this.#start(connection, session, command, ends.late);
			if (channel === undefined) {
				// Refused, so it was not started: it waits for another session to end.
				continue;
			}

			if (this.#mustEnd(connection, session)) {
				releaseChannel(channel);
				return undefined;
			}

			return channel;
		}
	}

	/** Sessions that sshd allows on a connection, as far as is known. */
	get #allowed(): number {
		return this.#refused !== undefined && performance.now() < this.#refused.until
			? this.#refused.allowed
			: Number.POSITIVE_INFINITY;
	}

	async #admit(
		connection: Connection,
		kind: SessionKind,
		{late, unwanted}: Ends,
	): Promise<Session | undefined> {
		this.#admitWaiting(connection);
		const session: Session = {kind};
		if (this.#hasRoom(connection, kind)) {
			connection.sessions.add(session);
			this.#makeRoom(connection);
			return session;
		}

		if (kind === 'spare' || kind === 'shell') {
			return undefined;
		}

		return new Promise((resolve, reject) => {
			const any = AbortSignal.any(unwanted === undefined ? [late] : [late, unwanted]);
			const giveUp = () => {
				connection.waiting.delete(waiting);
				reject(unwanted?.aborted ? new NotStartedError('aborted before it was sent') : this.#noSession(kind));
			};
			const waiting = {
				session,
				admit() {
					any.removeEventListener('abort', giveUp);
					resolve(session);
				},
			};
			if (any.aborted) {
				giveUp();
				return;
			}

			any.addEventListener('abort', giveUp, {once: true});
			connection.waiting.add(waiting);
			this.#makeRoom(connection);
		});
	}

	/** @returns undefined if sshd refused it, and other sessions may end */
	async #start(
		connection: Connection,
		session: Session,
		command: string,
		late: AbortSignal,
	): Promise<ClientChannel | undefined> {
		return new Promise((resolve, reject) => {
			const giveUp = () => {
				reject(new SshError('no answer in time'));
			};
			late.addEventListener('abort', giveUp, {once: true});
			startCommand(connection.client, command).then(
				channel => {
					late.removeEventListener('abort', giveUp);
					session.channel = channel;
					channel.once('close', () => {
						// sshd counts a session for a moment after it closed its channel.
						afterRoundTrip(connection.client, () => {
							this.#end(connection, session);
						});
					});
					if (late.aborted) {
						// Not used any more, and a connection has few channels.
						releaseChannel(channel);
					} else {
						resolve(channel);
					}
				},
				(error: Error) => {
					late.removeEventListener('abort', giveUp);
					const others = [...connection.sessions].indexOf(session);
					this.#end(connection, session);
					if (isRefusal(error) && others > 0) {
						this.#refused = {allowed: others, until: performance.now() + rememberMs};
						this.#makeRoom(connection);
						resolve(undefined);
					} else {
						reject(new SshError(whyNotStarted(connection.client, error)));
					}
				},
			);
		});
	}

	#end(connection: Connection, session: Session): void {
		connection.sessions.delete(session);
		this.#admitWaiting(connection);
	}

	#admitWaiting(connection: Connection): void {
		for (const waiting of connection.waiting) {
			if (this.#hasRoom(connection, waiting.session.kind)) {
				connection.waiting.delete(waiting);
				connection.sessions.add(waiting.session);
				waiting.admit();
			}
		}
	}

	/** One session is left to commands. */
	#hasRoom({sessions}: Connection, kind: SessionKind): boolean {
		const allowed = this.#allowed;
		switch (kind) {
			case 'command':
			case 'operation': {
				return sessions.size < allowed;
			}

			case 'stream':
			case 'spare': {
				return sessions.size < allowed && lastingOf(sessions) < allowed - 1;
			}

			case 'shell': {
				return allowed === Number.POSITIVE_INFINITY;
			}
		}
	}

	/** Whether a shell or a spare has to end, for others. */
	#mustEnd({sessions, waiting}: Connection, {kind}: Session): boolean {
		const allowed = this.#allowed;
		const lasting = lastingOf(sessions) + lastingOf([...waiting].map(({session}) => session));
		return (
			(kind === 'shell' && allowed < Number.POSITIVE_INFINITY) || (kind === 'spare' && lasting > allowed - 1)
		);
	}

	/** A shell ends with its input, after the pending answer; so does a spare. */
	#makeRoom(connection: Connection): void {
		for (const session of connection.sessions) {
			if (this.#mustEnd(connection, session)) {
				session.channel?.end();
			}
		}
	}

	#noSession(kind: SessionKind): NotStartedError {
		return new NotStartedError(
			`no session is free: sshd allows ${this.#allowed} on a connection`,
			kind === 'stream' ? 'raise MaxSessions in its sshd_config' : undefined,
		);
	}
}

function lastingOf(sessions: Iterable<Session>): number {
	return [...sessions].filter(({kind}) => kind === 'operation' || kind === 'stream' || kind === 'spare')
		.length;
}
