/** Effects are performed once and reported as events: answered, not sent, or unknown; no event has a secret. */
import {mkdirSync, readFileSync} from 'node:fs';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest';
import type {LoginAccess} from '../../source/config/login.ts';
import {NotStartedError} from '../../source/connections/ssh/channel-slots.ts';
import {SshError} from '../../source/connections/ssh/prompts.ts';
import type {Event, Reported} from '../../source/domain/events.ts';
import type {RestRequest, SqlRequest, SshRequest} from '../../source/domain/operations/types.ts';
import {Performer, type PerformerEffect, type PerformerOptions} from '../../source/effects/performer.ts';
import {temporaryFolder} from '../support/folder.ts';
import {message, PostgresServer, ready, rowAnswer, text} from '../support/postgres-server.ts';

const password = 's3cret-of-rest';
const encoded = Buffer.from(`operator:${password}`).toString('base64');
const command: SshRequest = {
	via: 'ssh',
	to: 'pgdb1',
	host: '10.73.0.160',
	command: 'sudo -n systemctl restart haproxy.service',
};

let state: string;

beforeEach(() => {
	state = temporaryFolder('test');
	vi.stubEnv('XDG_STATE_HOME', state);
	onTestFinished(() => {
		vi.unstubAllEnvs();
	});
});

type SshDoes = PerformerOptions['ssh'];

/** A node that accepts each command and notes it; `does` overrides its behaviour. */
function ssh(does: Partial<SshDoes> = {}): SshDoes & {ran: string[]} {
	const ran: string[] = [];
	return {
		ran,
		reach: does.reach ?? (async () => undefined),
		async execute(host, words, signal) {
			ran.push(`${host}: ${words}`);
			return does.execute?.(host, words, signal) ?? {code: 0, text: ''};
		},
	};
}

function performing(options: Partial<PerformerOptions> = {}) {
	const events: Event[] = [];
	let onEvent: (() => void) | undefined;
	const performer = new Performer({
		config: {scope: 'main', deadline: 1000, rest: {tls: {}, credentials: {username: 'operator', password}}},
		ssh: ssh(),
		dispatch(event) {
			events.push(event);
			onEvent?.();
		},
		async lend(task) {
			await task();
		},
		onFault(error) {
			throw error;
		},
		...options,
	});
	return {
		performer,
		events,
		/** Waits for this many events and returns them. */
		async until(count: number): Promise<readonly Event[]> {
			while (events.length < count) {
				const {promise, resolve} = Promise.withResolvers<void>();
				onEvent = resolve;
				await promise;
			}

			return events;
		},
	};
}

async function patroni(answer: RequestListener): Promise<RestRequest> {
	const server = createServer(answer);
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		via: 'rest',
		to: 'pgdb1',
		method: 'POST',
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/switchover`,
		body: '{"leader":"pgdb1","candidate":"pgdb2"}',
	};
}

const send = (request: RestRequest | SshRequest | SqlRequest): PerformerEffect => ({
	type: 'operation.send',
	run: 7,
	request,
});

async function reportOf(
	request: RestRequest | SshRequest | SqlRequest,
	options?: Partial<PerformerOptions>,
): Promise<Reported> {
	const {performer, until} = performing(options);
	performer.perform(send(request));
	const [event] = await until(1);
	if (event?.type !== 'operation.report') {
		throw new Error(`unexpected event ${JSON.stringify(event)}`);
	}

	expect(event.run).toBe(7);
	return event.answer;
}

describe("an answer of Patroni's", () => {
	it.each([
		[200, 'Successfully switched over to "pgdb2"', 'Successfully switched over to "pgdb2"'],
		[503, 'Switchover failed\n', 'Switchover failed'],
		[412, 'a\u001B[2Jb\u202Ec', 'abc'],
		[
			501,
			'<!DOCTYPE HTML>\n<p>Message: Unsupported method (&#x27;POST&#x27;).</p>',
			"Unsupported method ('POST')",
		],
		[400, 'x'.repeat(5000), 'x'.repeat(500)],
	])('%i is reported in its own words, safe and short', async (status, body, text) => {
		const request = await patroni((_, response) => {
			response.writeHead(status).end(body);
		});
		expect(await reportOf(request)).toEqual({kind: 'answered', status, text});
	});

	it('to a change of the configuration is all of it, and is not kept', async () => {
		const request = await patroni((_, response) => {
			response.end('{"ttl":30,"postgresql":{"parameters":{"ssl_passphrase_command":"x"}}}');
		});
		expect(await reportOf({...request, method: 'PATCH'})).toEqual({kind: 'answered', status: 200, text: ''});
	});
});

describe('a statement by SQL', () => {
	const done = Buffer.concat([message('C', text('CHECKPOINT')), ready]);
	const error = (state: string, words: string) =>
		Buffer.concat([
			message('E', text('SERROR'), text(`C${state}`), text(`M${words}`), Buffer.from([0])),
			ready,
		]);
	const monitor = {
		user: 'pgha_monitor',
		database: 'postgres',
		password: 's3cret-of-sql',
		ssl: {mode: 'disable'},
	} as const;

	async function asked(
		answer: Buffer | undefined,
		{login = monitor}: {login?: LoginAccess} = {},
	): Promise<{report: Reported; server: PostgresServer}> {
		const server = new PostgresServer(answer === undefined ? {} : {hostile: {answer}});
		onTestFinished(() => {
			server.close();
		});
		const request: SqlRequest = {
			via: 'sql',
			to: 'pgdb1',
			host: '127.0.0.1',
			port: await server.listen(),
			user: 'pgha_monitor',
			database: 'postgres',
			statement: 'CHECKPOINT',
		};
		if (answer === undefined) {
			server.close();
		}

		const config = {scope: 'main', deadline: 1000, rest: {tls: {}}, monitor: login};
		return {report: await reportOf(request, {config}), server};
	}

	it('is sent once, as the monitor, with a limit of the server', async () => {
		const {report, server} = await asked(done);
		expect(report).toEqual({kind: 'sql', error: undefined, tookMs: expect.any(Number)});
		expect(server.queries).toEqual(['CHECKPOINT']);
		expect(server.logins).toEqual([
			expect.stringMatching(
				/user pgha_monitor database postgres.*application_name pgha-top.*statement_timeout=300000/,
			),
		]);
	});

	it.each<[string, Buffer, object]>([
		[
			'its error is reported',
			error('42501', 'must be superuser\u001B[2J'),
			{kind: 'sql', error: 'must be superuser'},
		],
		[
			'its first value is reported',
			rowAnswer([['ended', 16, 't']]),
			{kind: 'sql', error: undefined, value: 'true'},
		],
		['what is no answer of PostgreSQL is lost', Buffer.from([67, 0, 0, 0, 0]), {kind: 'lost'}],
	])('%s', async (_, answer, expected) => {
		const {report} = await asked(answer);
		expect(report).toMatchObject(expected);
		expect(JSON.stringify(report)).not.toContain('s3cret');
	});

	it('is not sent where nothing listens, or as another login', async () => {
		const refused = await asked(undefined);
		expect(refused.report).toEqual({kind: 'unsent', reason: 'connection refused'});
		const other = await asked(done, {login: {...monitor, user: 'other'}});
		expect(other.report).toMatchObject({kind: 'unsent', reason: expect.stringContaining('pgha_monitor')});
		expect(other.server.logins).toEqual([]);
	});
});

describe('without an answer', () => {
	it('a closed port is unsent, a closed connection is lost', async () => {
		const request = await patroni((incoming, _) => {
			incoming.socket.destroy();
		});
		expect(await reportOf(request)).toEqual({kind: 'lost', reason: 'connection reset'});
		expect(await reportOf({...request, url: 'http://127.0.0.1:1/switchover'})).toEqual({
			kind: 'unsent',
			reason: 'connection refused',
		});
	});

	it('nothing is reported once the console is closed', async () => {
		const {promise: asked, resolve} = Promise.withResolvers<void>();
		const request = await patroni(() => {
			resolve();
		});
		const {performer, events} = performing();
		performer.perform(send(request));
		await asked;
		await performer.close();
		expect(events).toEqual([]);
	});
});

describe('a command over SSH', () => {
	it('is run once, and its end is reported with its output', async () => {
		const node = ssh({execute: async () => ({code: 1, text: ' sudo: a \u001B[31mpassword is required\n'})});
		expect(await reportOf(command, {ssh: node})).toEqual({
			kind: 'ended',
			code: 1,
			text: 'sudo: a password is required',
		});
		expect(node.ran).toEqual(['10.73.0.160: sudo -n systemctl restart haproxy.service']);
	});

	it('is not run if the node cannot be reached: nothing was sent', async () => {
		const node = ssh({
			async reach() {
				throw new SshError('the host key of 10.73.0.160 is not known');
			},
		});
		expect(await reportOf(command, {ssh: node})).toEqual({
			kind: 'unsent',
			reason: 'the host key of 10.73.0.160 is not known',
		});
		expect(node.ran).toEqual([]);
	});

	it('is not run if sshd has no session for it: nothing was sent', async () => {
		const reason = 'no session is free: sshd allows 2 on a connection';
		const full = ssh({
			async execute() {
				throw new NotStartedError(reason);
			},
		});
		expect(await reportOf(command, {ssh: full})).toEqual({kind: 'unsent', reason});
	});

	it('whose connection breaks is lost; one that takes the connection along has no code', async () => {
		const broken = ssh({
			async execute() {
				throw new SshError('connection lost');
			},
		});
		expect(await reportOf(command, {ssh: broken})).toEqual({kind: 'lost', reason: 'connection lost'});
		expect(broken.ran).toHaveLength(1);
		const gone = ssh({execute: async () => ({code: undefined, text: ''})});
		expect(await reportOf(command, {ssh: gone})).toEqual({kind: 'ended', code: undefined, text: ''});
	});
});

const record = {
	version: 1,
	at: '2026-11-23T00:00:00.000Z',
	operation_id: '1',
	phase: 'confirmed',
	scope: 'main',
	what: 'pause',
	operation: {kind: 'pause'},
	reason: undefined,
	requests: [],
	leader: 'pgdb1',
	leader_revision: 7,
	checks: [],
	answers: [],
	steps: [],
	outcome: undefined,
} as const;

describe('the audit log', () => {
	it('is written before the console is closed', async () => {
		const {performer, events} = performing();
		performer.perform({type: 'audit', record});
		performer.perform({type: 'audit', record: {...record, phase: 'left'}});
		await performer.close();
		const lines = readFileSync(path.join(state, 'pgha-top/audit.ndjson'), 'utf8').trim().split('\n');
		expect(lines.map(line => (JSON.parse(line) as {phase: string}).phase)).toEqual(['confirmed', 'left']);
		expect(events).toEqual([]);
	});

	it('that cannot be written is reported by name', async () => {
		mkdirSync(path.join(state, 'pgha-top/audit.ndjson'), {recursive: true});
		const {performer, until} = performing();
		performer.perform({type: 'audit', record});
		expect(await until(1)).toEqual([
			{
				type: 'notice',
				text: expect.stringMatching(/^the audit log \S+audit\.ndjson could not be written: EISDIR/),
				tone: 'warn',
			},
		]);
	});
});

describe('a request', () => {
	it('is sent after its line is in the audit log', async () => {
		let written = '';
		const request = await patroni((_, response) => {
			written = readFileSync(path.join(state, 'pgha-top/audit.ndjson'), 'utf8');
			response.end('done');
		});
		const {performer, until} = performing();
		performer.perform({type: 'audit', record});
		performer.perform(send(request));
		await until(1);
		expect(JSON.parse(written)).toMatchObject({operation_id: record.operation_id, phase: record.phase});
	});

	it('is sent even if the console quits before its line is written', async () => {
		const {promise: asked, resolve} = Promise.withResolvers<void>();
		const request = await patroni((_, response) => {
			resolve();
			response.end('done');
		});
		const {performer} = performing();
		performer.perform({type: 'audit', record});
		performer.perform(send(request));
		await performer.close();
		await asked;
	});

	it('is sent even if the line cannot be written, with a notice', async () => {
		mkdirSync(path.join(state, 'pgha-top/audit.ndjson'), {recursive: true});
		const request = await patroni((_, response) => {
			response.end('done');
		});
		const {performer, until} = performing();
		performer.perform({type: 'audit', record});
		performer.perform(send(request));
		expect(await until(2)).toMatchObject([
			{
				type: 'notice',
				text: expect.stringMatching(/could not be written: .*; operations are sent anyway$/),
			},
			{type: 'operation.report', answer: {kind: 'answered', text: 'done'}},
		]);
	});
});

describe('the editor', () => {
	it('is opened once, however often it is requested', async () => {
		const request = await patroni((_, response) => {
			response.end('{"ttl": 30}');
		});
		vi.stubEnv('VISUAL', 'true');
		let lent = 0;
		const {performer, until} = performing({
			async lend(task) {
				lent++;
				await task();
			},
		});
		const edit = {type: 'config.edit', url: request.url, revision: 3, store: 0} as const;
		performer.perform(edit);
		performer.perform(edit);
		expect(await until(2)).toMatchObject([
			{text: 'the configuration is already being opened'},
			{text: 'nothing was changed'},
		]);
		expect(lent).toBe(1);
		performer.perform(edit);
		await until(3);
		expect(lent).toBe(2);
	});

	it('without memory for it ends with a notice, and the console keeps running', async () => {
		const request = await patroni((_, response) => {
			response.end('{"ttl": 30}');
		});
		vi.stubEnv('TMPDIR', '/nonexistent');
		const {performer, until} = performing();
		performer.perform({type: 'config.edit', url: request.url, revision: 3, store: 0});
		expect(await until(1)).toMatchObject([
			{type: 'notice', text: expect.stringMatching(/^the editor: ENOENT.*; nothing was sent$/)},
		]);
	});
});

describe('a secret', () => {
	it('goes to Patroni, and is in no event and no file', async () => {
		let user: string | undefined;
		const request = await patroni(({headers}, response) => {
			user = headers.authorization;
			response.writeHead(401).end('not authenticated');
		});
		const {performer, events, until} = performing();
		performer.perform({type: 'audit', record});
		for (const url of [
			request.url,
			'http://127.0.0.1:1/',
			'http://nosuch.invalid/',
			request.url.replace('http:', 'https:'),
		]) {
			performer.perform(send({...request, url}));
		}

		await until(4);
		await performer.close();
		expect(user).toBe(`Basic ${encoded}`);
		const all = JSON.stringify(events) + readFileSync(path.join(state, 'pgha-top/audit.ndjson'), 'utf8');
		expect(all).toContain('not authenticated');
		expect(all).not.toContain(password);
		expect(all).not.toContain(encoded);
	});
});
