/** The wiki's answers over HTTP: done, refused, or not acknowledged, with a reason in one line. */
import {once} from 'node:events';
import {createServer, type RequestListener, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterEach, expect, test} from 'vitest';
import {NotAcknowledged, Refused, Wiki} from '../../lab/app/wiki.ts';

let server: Server | undefined;

afterEach(() => {
	server?.closeAllConnections();
	server?.close();
	server = undefined;
});

async function wikiThat(answers: RequestListener, deadlines = {edit: 5000, file: 5000}): Promise<Wiki> {
	server = createServer(answers).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return new Wiki(`127.0.0.1:${(server.address() as AddressInfo).port}`, deadlines);
}

const saying =
	(answer: unknown, status = 200): RequestListener =>
	(_, response) => {
		response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
	};
const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
	work.then(
		() => undefined,
		error => error,
	);

test('an edit is acknowledged only by Success', async () => {
	const wiki = await wikiThat(saying({edit: {result: 'Success', pageid: 7}}));
	await expect(wiki.edit('Page', 'text', '1')).resolves.toBeUndefined();
	server?.close();
	const other = await wikiThat(saying({edit: {result: 'Failure'}}));
	await expect(other.edit('Page', 'text', '1')).rejects.toThrow(NotAcknowledged);
});

test('an error on an HTML page is reduced to its text', async () => {
	const page =
		'<html><title>Wiki</title><style>body { margin: 0 }</style><h1>Sorry!</h1>\n<p>No database.</p>';
	const wiki = await wikiThat(saying(page, 500));
	await expect(wiki.edit('Page', 'text', '1')).rejects.toThrow(/^HTTP 500: Sorry! No database$/);
});

const reason = 'ERROR:  cannot execute INSERT in a read-only transaction';
test.each([
	[
		'a page',
		`<p>[a0b1c2d3e4f5a6b7c8d9e0f1] DBQueryError.<br />\nError 25006: ${reason}<br />\nFunction: f</p>`,
	],
	[
		'an answer that was begun, and a page',
		`{"edit":{"result":"Success"}}<p>Error 25006: ${reason}</p>Backtrace: #0`,
	],
	['two answers', `{"error":{"code":"a","info":"Sorry\\nError: ${reason}\\nFunction: f"}}{"error":{}}`],
])("PostgreSQL's message is found in %s", async (_, answer) => {
	const wiki = await wikiThat(saying(answer, 500));
	await expect(wiki.edit('Page', 'text', '1')).rejects.toThrow(
		/^HTTP 500: ERROR: cannot execute INSERT in a read-only transaction$/,
	);
});

test('an error in the database is temporary, a refusal is not', async () => {
	const info = '[a0b1c2d3e4f5a6b7c8d9e0f1] Caught exception.';
	const broken = await wikiThat(saying({error: {code: 'internal_api_error_DBQueryError', info}}));
	const failure = await failureOf(broken.edit('Page', 'text', '1'));
	expect(failure).toBeInstanceOf(NotAcknowledged);
	expect(failure).not.toBeInstanceOf(Refused);
	expect(failure).toHaveProperty('message', 'internal_api_error_DBQueryError: Caught exception');
	server?.close();
	const strict = await wikiThat(saying({error: {code: 'empty-file', info: 'The file was empty.'}}));
	expect(await failureOf(strict.upload('a.txt', new Uint8Array()))).toBeInstanceOf(Refused);
});

test('the deadline covers the whole answer, one that never ends included', async () => {
	const wiki = await wikiThat(
		(_, response) => {
			response.writeHead(200, {'content-length': 100}).write('{');
		},
		{edit: 50, file: 50},
	);
	await expect(wiki.edit('Page', 'text', '1')).rejects.toThrow(/^no answer within 0.05 s$/);
});

test('a wiki that does not listen is reported with the reason, not as "fetch failed"', async () => {
	const wiki = await wikiThat(saying(''));
	server?.close();
	server?.closeAllConnections();
	await expect(wiki.edit('Page', 'text', '1')).rejects.toThrow(/ECONNREFUSED/);
});

test('other bytes than were uploaded or noted are never accepted as the file', async () => {
	const sha1 = '0'.repeat(40);
	const stored = await wikiThat(
		saying({upload: {result: 'Success', filename: 'A.txt', imageinfo: {sha1, size: 1}}}),
	);
	await expect(stored.upload('a.txt', new Uint8Array([65]))).rejects.toThrow(/stored other bytes/);
	server?.close();
	const fetched = await wikiThat((request, response) => {
		const url = `http://${request.headers.host}/a.txt`;
		const info = {query: {pages: [{title: 'File:A.txt', imageinfo: [{url, sha1, size: 1}]}]}};
		response.end(request.method === 'GET' ? 'A' : JSON.stringify(info));
	});
	await expect(fetched.fetch('a.txt')).rejects.toThrow(/returned other bytes/);
});

test('the history of a page is read to its end', async () => {
	let asked = 0;
	const wiki = await wikiThat((_, response) => {
		asked++;
		const revisions = [{comment: String(3 - asked)}];
		const next = asked < 3 ? {continue: {rvcontinue: `page|${asked}`}} : {};
		response.end(JSON.stringify({...next, query: {pages: [{revisions}]}}));
	});
	expect(await wiki.summariesOf('Page')).toEqual(['2', '1', '0']);
});
