/** Sends one request of an operation: by REST, over SSH or by SQL; the result is reported, never thrown. */
import type {LoginAccess} from '../config/login.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {openPostgres, type PostgresConnection} from '../connections/postgres.ts';
import {PostgresError} from '../connections/postgres-access.ts';
import {type RestSender, UnsentError} from '../connections/rest-sender.ts';
import {NotStartedError} from '../connections/ssh/channel-slots.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Reported} from '../domain/events.ts';
import {plainAnswer} from '../domain/operations/patroni-answers.ts';
import type {Request, RestRequest, SqlRequest, SshRequest} from '../domain/operations/types.ts';
import {within} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';

/** Characters of an answer that are kept. */
const textMaxLength = 500;

/** ms; `systemctl restart` waits until the service has stopped and started. */
const commandMaxMs = 180_000;

/** ms; a checkpoint of a large server on a slow disk takes minutes. The server itself ends it then. */
const statementMaxMs = 300_000;

export type Senders = {
	rest: Pick<RestSender, 'send'>;
	ssh: Pick<Ssh, 'reach' | 'execute'>;
	/** The login for statements; undefined without one. */
	monitor: LoginAccess | undefined;
	/** ms for an answer to a connection. */
	deadline: number;
};

export async function sendOperation(
	request: Request,
	senders: Senders,
	signal: AbortSignal,
): Promise<Reported> {
	switch (request.via) {
		case 'rest': {
			return overRest(request, senders.rest, signal);
		}

		case 'ssh': {
			return overSsh(request, senders.ssh, signal);
		}

		case 'sql': {
			return overSql(request, senders, signal);
		}
	}
}

async function overRest(
	{method, url, body}: RestRequest,
	rest: Senders['rest'],
	signal: AbortSignal,
): Promise<Reported> {
	try {
		const answer = await rest.send({method, url, body}, signal);
		// Patroni answers a PATCH with the whole configuration, which is not needed here.
		const text = method === 'PATCH' && answer.status === 200 ? '' : plainAnswer(answer.status, answer.body);
		return {kind: 'answered', status: answer.status, text: sanitize(text).slice(0, textMaxLength)};
	} catch (error) {
		return error instanceof UnsentError
			? {kind: 'unsent', reason: reasonOf(error)}
			: {kind: 'lost', reason: reasonOf(error)};
	}
}

async function overSsh(
	{host, command}: SshRequest,
	ssh: Senders['ssh'],
	signal: AbortSignal,
): Promise<Reported> {
	try {
		await ssh.reach(host);
	} catch (error) {
		return {kind: 'unsent', reason: reasonOf(error)};
	}

	if (signal.aborted) {
		return {kind: 'unsent', reason: 'aborted before it was sent'};
	}

	try {
		const {code, text} = await ssh.execute(
			host,
			command,
			AbortSignal.any([signal, AbortSignal.timeout(commandMaxMs)]),
		);
		return {kind: 'ended', code, text: sanitize(text.trim()).slice(0, textMaxLength)};
	} catch (error) {
		return {kind: error instanceof NotStartedError ? 'unsent' : 'lost', reason: reasonOf(error)};
	}
}

async function overSql(
	{host, port, user, database, statement}: SqlRequest,
	{monitor, deadline}: Senders,
	signal: AbortSignal,
): Promise<Reported> {
	if (monitor?.user !== user || monitor.database !== database) {
		return {kind: 'unsent', reason: `${user} on ${database} is not the configured monitor any more`};
	}

	const options = [
		...(monitor.options === undefined ? [] : [monitor.options]),
		`-c statement_timeout=${statementMaxMs}`,
		'-c search_path=pg_catalog',
	].join(' ');
	let connection: PostgresConnection;
	try {
		connection = await openPostgres({...monitor, host, port, options}, deadline);
	} catch (error) {
		return {kind: 'unsent', reason: reasonOf(error)};
	}

	const stop = () => {
		connection.close();
	};
	signal.addEventListener('abort', stop, {once: true});
	const began = performance.now();
	const tookMs = () => Math.round(performance.now() - began);
	try {
		if (signal.aborted) {
			return {kind: 'unsent', reason: 'aborted before it was sent'};
		}

		// The server ends it first; a dead connection does not report that.
		const {row} = await within(statementMaxMs + deadline, connection.ask(statement));
		const [value] = Object.values(row);
		return {
			kind: 'sql',
			error: undefined,
			tookMs: tookMs(),
			...(value === undefined ? {} : {value: sanitize(String(value)).slice(0, textMaxLength)}),
		};
	} catch (error) {
		return error instanceof PostgresError && error.state !== undefined
			? {kind: 'sql', error: redact(sanitize(error.message)).slice(0, textMaxLength), tookMs: tookMs()}
			: {kind: 'lost', reason: reasonOf(error)};
	} finally {
		signal.removeEventListener('abort', stop);
		connection.close();
	}
}
