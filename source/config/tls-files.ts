/** The PEM files that the configuration names, looked at before anything connects: readable, whole, and fitting together. */
import type {KeyObject, X509Certificate} from 'node:crypto';
import {crypto} from '../lib/builtin.ts';
import {readFileBytes, whyNotRead} from '../lib/read-file.ts';
import type {Tls} from './access.ts';
import type {Path} from './layers.ts';

/** Tells of a problem with what a setting names. */
type Complain = (path: Path, problem: string) => void;

/** The settings that name the files. */
export type TlsSettings = {ca: Path; cert: Path; key: Path; keyPassword?: Path};

export function checkTlsFiles(tls: Tls, settings: TlsSettings, complain: Complain): void {
	if (tls.ca !== undefined) {
		certificateIn(tls.ca, settings.ca, complain);
	}

	const {cert, key} = tls;
	if (cert === undefined || key === undefined) {
		return;
	}

	const certificate = certificateIn(cert, settings.cert, complain);
	if (certificate === undefined && key === cert) {
		return;
	}

	const setting = key === cert ? settings.cert : settings.key;
	const secret = keyIn(key, tls.keyPassword, {...settings, key: setting}, complain);
	if (certificate && secret && !certificate.checkPrivateKey(secret)) {
		complain(setting, `${key} is not the private key of the certificate in ${cert}`);
	}
}

function read(file: string, setting: Path, complain: Complain): Buffer | undefined {
	try {
		return readFileBytes(file);
	} catch (error) {
		complain(setting, `${file} cannot be read: ${whyNotRead(error)}`);
		return undefined;
	}
}

function certificateIn(file: string, setting: Path, complain: Complain): X509Certificate | undefined {
	const text = read(file, setting, complain);
	try {
		return text && new (crypto().X509Certificate)(text);
	} catch {
		complain(setting, `${file} holds no certificate in PEM format`);
		return undefined;
	}
}

function keyIn(
	file: string,
	passphrase: string | undefined,
	settings: TlsSettings,
	complain: Complain,
): KeyObject | undefined {
	const text = read(file, settings.key, complain);
	try {
		return text && crypto().createPrivateKey({key: text, ...(passphrase === undefined ? {} : {passphrase})});
	} catch {
		const encrypted = text !== undefined && /ENCRYPTED/.test(text.toString('latin1'));
		if (encrypted && settings.keyPassword === undefined) {
			complain(settings.key, `${file} is encrypted, and Patroni has no setting for its password`);
		} else if (encrypted && passphrase === undefined) {
			complain(settings.key, `${file} is encrypted: give ${settings.keyPassword?.join('.')}`);
		} else if (encrypted) {
			// One wrong password in 256 looks like a right one to the cipher, and then the key like none: never tell those apart.
			complain(settings.keyPassword ?? settings.key, `does not open ${file}`);
		} else {
			complain(settings.key, `${file} holds no private key in PEM format that can be read`);
		}

		return undefined;
	}
}
