/** Access to etcd and to Patroni's REST API, by Patroni's rules for its sections etcd3, ctl and restapi. */

import type {KeyObject, X509Certificate} from 'node:crypto';
import {crypto} from '../lib/builtin.ts';
import {errnoWords} from '../lib/faults.ts';
import {readFileBytes} from '../lib/files.ts';
import type {Path} from './layers.ts';
import {ConfigError, endpointUrl, hostList, userOf} from './origin.ts';
import type {Settings} from './settings.ts';

export type Credentials = {username: string; password: string};

/** Names of PEM files; without `ca` the system's CAs are used. */
export type Tls = {ca?: string; cert?: string; key?: string; keyPassword?: string; insecure?: boolean};

export type EtcdAccess = {endpoints: readonly string[]; credentials?: Credentials; tls?: Tls};

/** `secureBy`: the setting that requires TLS to Patroni; nothing is sent over http then. */
export type RestAccess = {credentials?: Credentials; tls: Tls; secureBy?: string};

/** The setting that names the endpoints, in Patroni's order of preference. */
export function endpointsKey({content}: Settings): 'proxy' | 'url' | 'hosts' | 'host' | undefined {
	return (['proxy', 'url', 'hosts', 'host'] as const).find(key => content.etcd3?.[key] !== undefined);
}

/** The user in a URL, if Patroni reads it from there. */
export function userInUrl(settings: Settings): Credentials | undefined {
	const key = endpointsKey(settings);
	return key === 'url' || key === 'proxy' ? userOf(settings.content.etcd3?.[key] ?? '') : undefined;
}

/** @throws ConfigError if no endpoint is configured */
export function etcdAccess(settings: Settings): EtcdAccess {
	const {etcd3} = settings.content;
	const key = endpointsKey(settings);
	const named = key && etcd3?.[key];
	if (etcd3 === undefined || key === undefined || named === undefined) {
		throw new ConfigError(whyNoEndpoint(settings));
	}

	const asUrl = key === 'url' || key === 'proxy';
	const endpoints = hostList(named).flatMap(
		host => endpointUrl(host, etcd3.protocol === 'https', asUrl ? undefined : etcd3.port) ?? [],
	);
	const {username, password, cacert, cert} = etcd3;
	const credentials = userInUrl(settings) ?? credentialsOf({username, password});
	const secure = endpoints.some(endpoint => endpoint.startsWith('https:'));
	return {
		endpoints: [...new Set(endpoints)],
		...(credentials === undefined ? {} : {credentials}),
		...(secure
			? {
					tls: {
						...(cacert === undefined ? {} : {ca: cacert}),
						// Python reads the key from the certificate's file if no key file is given.
						...(cert === undefined ? {} : {cert, key: etcd3.key ?? cert}),
					},
				}
			: {}),
	};
}

/**
 * patronictl's rules: `ctl` overrides `restapi`; the client certificate comes from `ctl` only, and a key requires one.
 */
export function restAccess(settings: Settings): RestAccess {
	const {ctl, restapi} = settings.content;
	const credentials = restCredentials(ctl) ?? restCredentials(restapi);
	const ca = ctl.cacert ?? restapi.cafile;
	const {certfile, keyfile, keyfile_password: keyPassword} = ctl;
	const secureBy =
		ctl.cacert !== undefined
			? 'ctl.cacert'
			: certfile !== undefined
				? 'ctl.certfile'
				: restapi.cafile === undefined || isPlainHttp(settings)
					? undefined
					: 'restapi.cafile';
	return {
		...(secureBy === undefined ? {} : {secureBy}),
		...(credentials === undefined ? {} : {credentials}),
		tls: {
			...(ca === undefined ? {} : {ca}),
			...(certfile === undefined ? {} : {cert: certfile, key: keyfile ?? certfile}),
			...(certfile === undefined || keyPassword === undefined ? {} : {keyPassword}),
			...(ctl.insecure ? {insecure: true} : {}),
		},
	};
}

/** Whether the file is that of a node whose REST API has no certificate: it serves http, whatever `restapi.cafile` says. */
export function isPlainHttp({layers}: Settings): boolean {
	const isGiven = (key: string) => layers.given(['restapi', key]) !== undefined;
	return (isGiven('listen') || isGiven('connect_address')) && !isGiven('certfile');
}

/** The setting of the REST API's user: in `ctl` or `restapi`, in the new form or the old one. */
export function restCredentialsAt({content}: Settings): Path | undefined {
	return (['ctl', 'restapi'] as const)
		.filter(section => restCredentials(content[section]) !== undefined)
		.map(section => [section, content[section].authentication === undefined ? 'auth' : 'authentication'])[0];
}

type RestSection = Settings['content']['ctl'] | Settings['content']['restapi'];

/** As in Patroni, `authentication` replaces `auth`, both of its keys are needed, and an empty one counts. */
function restCredentials({authentication, auth}: RestSection): Credentials | undefined {
	if (authentication !== undefined) {
		const {username, password} = authentication;
		return username === undefined || password === undefined ? undefined : {username, password};
	}

	const [, username, password] = /^([^:]*):(.*)$/s.exec(auth ?? '') ?? [];
	return username === undefined || password === undefined ? undefined : {username, password};
}

/** As in Patroni, an etcd user without a password is ignored. */
function credentialsOf({
	username,
	password,
}: {
	username?: string | undefined;
	password?: string | undefined;
}): Credentials | undefined {
	return username && password ? {username, password} : undefined;
}

function whyNoEndpoint({content: {etcd3}, files}: Settings): string {
	const where = files[0] ?? 'configuration';
	const what = 'set etcd3.hosts, a list of HOST:PORT, or PATRONI_ETCD3_HOSTS';
	if (etcd3?.srv !== undefined || etcd3?.discovery_srv !== undefined) {
		return `${where}: etcd3.srv (DNS discovery) is not supported: ${what}`;
	}

	return `${where}: ${etcd3 === undefined ? 'etcd3 is missing' : 'etcd3 names no host'}: ${what}; where Patroni uses another store, name a member with --rest HOST:PORT`;
}

/** Reports a problem with a file that a setting names. */
type Complain = (path: Path, problem: string) => void;

/** The settings that name the files, for errors. */
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
		complain(setting, `${file} cannot be read: ${errnoWords(error)}`);
		return undefined;
	}
}

function certificateIn(file: string, setting: Path, complain: Complain): X509Certificate | undefined {
	const text = read(file, setting, complain);
	try {
		return text && new (crypto().X509Certificate)(text);
	} catch {
		complain(setting, `${file} contains no certificate in PEM format`);
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
			complain(settings.key, `${file} is encrypted: set ${settings.keyPassword?.join('.')}`);
		} else if (encrypted) {
			// A wrong password passes the cipher's padding check once in 256 times, and the key is invalid then: one
			// message for both.
			complain(settings.keyPassword ?? settings.key, `does not decrypt ${file}`);
		} else {
			complain(settings.key, `${file} contains no readable private key in PEM format`);
		}

		return undefined;
	}
}
