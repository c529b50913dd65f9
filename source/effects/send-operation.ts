/** Sends what an operation needs, once, and reports what was answered: over Patroni's REST API or over SSH. */
import {reasonOf} from '../connections/error-reason.ts';
import {type RestSender, UnsentError} from '../connections/rest-sender.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Reported} from '../domain/events.ts';
import {plainAnswer} from '../domain/operations/patroni-answers.ts';
import type {Request, RestRequest, SshRequest} from '../domain/operations/types.ts';
import {sanitize} from '../lib/sanitize.ts';

/** Of an answer's words, so many are kept. */
const textMaxLength = 500;
/** `systemctl restart` waits until the service has stopped and started; ms. */
const commandMaxMs = 180_000;

export type Senders = {rest: Pick<RestSender, 'send'>; ssh: Pick<Ssh, 'reach' | 'execute'>};

export async function sendOperation(
	request: Request,
	{rest, ssh}: Senders,
	signal: AbortSignal,
): Promise<Reported> {
	return request.via === 'rest' ? overRest(request, rest, signal) : overSsh(request, ssh, signal);
}

async function overRest(
	{method, url, body}: RestRequest,
	rest: Senders['rest'],
	signal: AbortSignal,
): Promise<Reported> {
	try {
		const answer = await rest.send({method, url, body}, signal);
		// The answer to a PATCH is the whole configuration, which is not needed here.
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
		return {kind: 'unsent', reason: 'given up before it was sent'};
	}

	try {
		const {code, text} = await ssh.execute(
			host,
			command,
			AbortSignal.any([signal, AbortSignal.timeout(commandMaxMs)]),
		);
		return {kind: 'ended', code, text: sanitize(text.trim()).slice(0, textMaxLength)};
	} catch (error) {
		return {kind: 'lost', reason: reasonOf(error)};
	}
}
