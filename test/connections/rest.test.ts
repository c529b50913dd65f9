import {copyFileSync, readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:https';
import type {AddressInfo} from 'node:net';
import {afterEach, describe, expect, it, onTestFinished} from 'vitest';
import {reasonOf} from '../../source/connections/error-reason.ts';
import {Rest, type RestAccess} from '../../source/connections/rest.ts';
import {copyCertificates, keyPassword, otherCertificates} from '../support/certificates.ts';

const {ca, otherCa, server, elsewhere, client, encryptedKey, both} = copyCertificates();

const servers: Server[] = [];

afterEach(() => {
	for (const one of servers.splice(0)) {
		one.closeAllConnections();
		one.close();
	}
});

/** Patroni with `restapi.certfile`, and by default with `verify_client: required`. */
async function patroni(files = server, {verifiesClient = true} = {}): Promise<string> {
	const one = createServer(
		{
			cert: readFileSync(files.cert),
			key: readFileSync(files.key),
			ca: readFileSync(ca),
			requestCert: verifiesClient,
			rejectUnauthorized: verifiesClient,
		},
		(_, response) => {
			response.end('{"state": "running"}');
		},
	);
	servers.push(one);
	await new Promise<void>(resolve => one.listen(0, '127.0.0.1', resolve));
	return `https://127.0.0.1:${(one.address() as AddressInfo).port}/patroni`;
}

/** The status, or the reason that there is none, as on the screen. */
async function ask(url: string, tls: RestAccess['tls']): Promise<number | string> {
	const rest = new Rest({tls, deadline: 5000});
	onTestFinished(async () => rest.close());
	try {
		return (await rest.get(url, new AbortController().signal)).status;
	} catch (error) {
		return reasonOf(error);
	}
}

describe("TLS to Patroni's REST API", () => {
	it('is verified by the CA, and sends the requested client certificate', async () => {
		expect(await ask(await patroni(), {ca, ...client})).toBe(200);
	});

	it('opens an encrypted key with its password', async () => {
		const {cert} = client;
		expect(await ask(await patroni(), {ca, cert, key: encryptedKey, keyPassword})).toBe(200);
	});

	it('reads certificate and key from one file', async () => {
		expect(await ask(await patroni(), {ca, cert: both, key: both})).toBe(200);
	});

	it('uses a renewed certificate', async () => {
		const url = await patroni();
		const files = otherCertificates();
		const rest = new Rest({tls: {ca, ...files.client}, deadline: 5000});
		onTestFinished(async () => rest.close());
		const {signal} = new AbortController();
		await expect(rest.get(url, signal)).rejects.toThrow('it may not accept the client certificate');
		copyFileSync(client.cert, files.client.cert);
		copyFileSync(client.key, files.client.key);
		expect((await rest.get(url, signal)).status).toBe(200);
	});

	it.each([
		[
			'a CA that did not sign the certificate',
			{ca: otherCa, ...client},
			'TLS certificate not trusted: check cacert',
		],
		["no CA but the system's", {...client}, 'TLS certificate not trusted: check cacert'],
		[
			'no client certificate',
			{ca},
			'TLS closed by Patroni: it may require a client certificate (ctl.certfile)',
		],
		['a CA file that is gone', {ca: '/nonexistent/ca.pem'}, /no such file.*\/nonexistent\/ca\.pem/],
	])('fails with %s, with the reason', async (_, tls, reason) => {
		expect(await ask(await patroni(), tls)).toEqual(
			typeof reason === 'string' ? reason : expect.stringMatching(reason),
		);
	});

	it('fails when the certificate is for another host', async () => {
		expect(await ask(await patroni(elsewhere), {ca, ...client})).toBe(
			'the TLS certificate is for another host name',
		);
	});
});

describe("patronictl's ctl.insecure", () => {
	it('without a certificate verifies nothing', async () => {
		const url = await patroni(elsewhere, {verifiesClient: false});
		expect(await ask(url, {ca: otherCa})).toBe('TLS certificate not trusted: check cacert');
		expect(await ask(url, {ca: otherCa, insecure: true})).toBe(200);
	});

	it('with a client certificate skips the host name, and still verifies the CA', async () => {
		const url = await patroni(elsewhere);
		expect(await ask(url, {ca, ...client, insecure: true})).toBe(200);
		expect(await ask(url, {ca: otherCa, ...client, insecure: true})).toBe(
			'TLS certificate not trusted: check cacert',
		);
	});
});
