/** Real certificates, made by openssl for one test file: an authority, what it signed, and another authority. */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {temporaryFolder} from './folder.ts';

export const keyPassword = 's3cret-of-the-key';

export type Certificates = ReturnType<typeof makeCertificates>;

export function makeCertificates() {
	const folder = temporaryFolder('tls');
	const at = (name: string) => path.join(folder, name);
	const openssl = (...args: readonly string[]) => execFileSync('openssl', args, {cwd: folder, stdio: 'pipe'});
	const authority = (name: string) => {
		openssl(
			'req',
			'-x509',
			'-newkey',
			'ec',
			'-pkeyopt',
			'ec_paramgen_curve:P-256',
			'-nodes',
			'-days',
			'2',
			'-subj',
			`/CN=${name}`,
			'-keyout',
			`${name}.key`,
			'-out',
			`${name}.pem`,
		);
	};

	const signed = (name: string, subjectAltName: string) => {
		writeFileSync(at(`${name}.ext`), `subjectAltName=${subjectAltName}\n`);
		openssl(
			'req',
			'-newkey',
			'ec',
			'-pkeyopt',
			'ec_paramgen_curve:P-256',
			'-nodes',
			'-subj',
			`/CN=${name}`,
			'-keyout',
			`${name}.key`,
			'-out',
			`${name}.csr`,
		);
		openssl(
			'x509',
			'-req',
			'-in',
			`${name}.csr`,
			'-CA',
			'ca.pem',
			'-CAkey',
			'ca.key',
			'-CAcreateserial',
			'-days',
			'2',
			'-extfile',
			`${name}.ext`,
			'-out',
			`${name}.pem`,
		);
	};

	authority('ca');
	authority('other-ca');
	signed('server', 'IP:127.0.0.1');
	signed('elsewhere', 'DNS:elsewhere.test');
	signed('client', 'DNS:client.test');
	openssl(
		'pkcs8',
		'-topk8',
		'-in',
		'client.key',
		'-passout',
		`pass:${keyPassword}`,
		'-out',
		'client-encrypted.key',
	);
	writeFileSync(
		at('client-both.pem'),
		readFileSync(at('client.pem'), 'utf8') + readFileSync(at('client.key'), 'utf8'),
	);
	writeFileSync(at('nonsense.pem'), 'not a certificate\n');
	const pair = (name: string) => ({cert: at(`${name}.pem`), key: at(`${name}.key`)});
	return {
		folder,
		ca: at('ca.pem'),
		otherCa: at('other-ca.pem'),
		server: pair('server'),
		/** Signed by the authority for another host. */
		elsewhere: pair('elsewhere'),
		client: pair('client'),
		encryptedKey: at('client-encrypted.key'),
		/** Certificate and key in one file. */
		both: at('client-both.pem'),
		nonsense: at('nonsense.pem'),
	};
}
