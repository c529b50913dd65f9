/** Real certificates, made by openssl: an authority, what it signed, and another authority. */
import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {temporaryFolder} from './folder.ts';

export const keyPassword = 's3cret-of-the-key';

export type Certificates = ReturnType<typeof filesIn>;

/** Of this process, which runs many test files. */
let made: string | undefined;

/** A copy for the caller, who may change it. */
export function copyCertificates(): Certificates {
	if (made === undefined) {
		const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-certificates-'));
		process.once('exit', () => {
			rmSync(folder, {recursive: true, force: true});
		});
		makeCertificates(folder);
		made = folder;
	}

	const folder = temporaryFolder('tls');
	cpSync(made, folder, {recursive: true});
	return filesIn(folder);
}

/** Of an authority of their own. */
export function otherCertificates(): Certificates {
	const folder = temporaryFolder('tls');
	makeCertificates(folder);
	return filesIn(folder);
}

function filesIn(folder: string) {
	const at = (name: string) => path.join(folder, name);
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

function makeCertificates(folder: string): void {
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
}
