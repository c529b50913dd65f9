/** The shape of `test/captures/patroni-readings.json`, and the comparison of what pgha-top reads with it. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {etcdAccess, restAccess} from '../../source/config/access.ts';
import {warningsOf} from '../../source/config/config.ts';
import {citusGroup, notices} from '../../source/config/notices.ts';
import {ConfigError} from '../../source/config/origin.ts';
import {nodeSettings, readSettings} from '../../source/config/settings.ts';
import {storeAccess} from '../../source/config/store.ts';
import {dcsPrefix} from '../../source/config/target.ts';
import {storeKinds} from '../../source/domain/target.ts';
import type {OddFile} from './odd-files.ts';

/** Text, or what Python reads instead of text. */
const value = z.union([z.string(), z.null(), z.object({type: z.string(), text: z.string()})]);
type Value = z.infer<typeof value>;
const failure = z.strictObject({error: z.string(), problem: z.string().nullable()});

/** One file as Patroni reads it; a part that makes Patroni fail has the type of the error. */
export const inReadings = z.union([
	failure,
	z.strictObject({
		scope: value,
		namespace: value,
		name: value,
		prefix: z.union([z.string(), failure]),
		stores: z.array(z.string()),
		etcd: z.union([
			failure,
			z.null(),
			z.strictObject({
				hosts: z.array(value),
				srv: value,
				username: value,
				password: value,
				cacert: value,
				cert: z.union([value, z.array(value)]),
			}),
		]),
		rest: z.union([
			failure,
			z.strictObject({
				auth: value,
				cacert: value,
				cert: value,
				key: value,
				key_password: value,
				insecure: z.boolean(),
			}),
		]),
		listen: value,
		connect_address: value,
		certfile: value,
		data_dir: value,
		postgresql_address: value,
		log_directory: value,
		log_dir: value,
	}),
]);

export type Reading = z.infer<typeof inReadings>;
export type Readings = Record<string, {versions: string[]; reads: Reading}[]>;

export const readingsFile = z.strictObject({
	by: z.string(),
	patroni: z.array(z.string()),
	readings: z.record(z.string(), z.array(z.strictObject({versions: z.array(z.string()), reads: inReadings}))),
});

type Fields = Record<string, string | boolean | null>;
export type Ours = {refused: string} | {fields: Fields; notices: readonly string[]};

/** What pgha-top reads; @param folder with the file's `files` */
export function readOurs({yaml, files, environment}: OddFile, folder: string): Ours {
	if (yaml !== undefined) {
		writeFileSync(path.join(folder, 'patroni.yml'), yaml);
	}

	const place =
		files === undefined ? (yaml === undefined ? undefined : path.join(folder, 'patroni.yml')) : folder;
	try {
		const settings = readSettings(
			{configFile: place},
			{XDG_CONFIG_HOME: '/nonexistent', ...environment},
			'/nonexistent',
		);
		const store = storeAccess(settings);
		const access = {etcd: etcdAccess(settings), rest: restAccess(settings)};
		const {etcd, rest} = access;
		const group = citusGroup(settings);
		const node = nodeSettings(settings);
		const {scope, namespace} = settings.content;
		return {
			fields: {
				scope,
				name: node.name ?? null,
				prefix: dcsPrefix({scope, namespace, ...(group === undefined ? {} : {group})}),
				stores: storeKinds.filter(kind => Object.hasOwn(settings.layers.content, kind)).join(' '),
				'etcd.hosts': etcd.endpoints.join(' '),
				'etcd.username': etcd.credentials?.username ?? null,
				'etcd.password': etcd.credentials?.password ?? null,
				'etcd.cacert': etcd.tls?.ca ?? null,
				'etcd.cert': etcd.tls?.cert ?? null,
				'etcd.key': etcd.tls?.key ?? null,
				'rest.auth':
					rest.credentials === undefined ? null : `${rest.credentials.username}:${rest.credentials.password}`,
				'rest.cacert': rest.tls.ca ?? null,
				'rest.cert': rest.tls.cert ?? null,
				'rest.key': rest.tls.key ?? null,
				'rest.key_password': rest.tls.keyPassword ?? null,
				'rest.insecure': rest.tls.insecure ?? false,
				listen: node.restListen ?? null,
				connect_address: node.restAddress ?? null,
				certfile: node.restTls,
				data_dir: node.dataDir ?? null,
				postgresql_address: node.postgresqlAddress ?? null,
				log_directory: node.logDirectory ?? null,
				log_dir: node.patroniLogDir ?? null,
			},
			notices: [...store.warnings, ...warningsOf(settings, access), ...notices(settings)],
		};
	} catch (error) {
		if (error instanceof ConfigError) {
			return {refused: error.message.replaceAll(`${folder}/`, '')};
		}

		throw error;
	}
}

/** Patroni's values by the same names, and the parts on which it fails. */
export function theirs(reading: Reading): {fields: Fields; fails: readonly string[]} {
	if ('error' in reading) {
		return {fields: {}, fails: ['load']};
	}

	const fails: string[] = [];
	const fields: Fields = {};
	const put = (name: string, one: Value) => {
		if (typeof one === 'object' && one !== null) {
			// Patroni needs text here.
			fails.push(name);
			fields[name] = one.text;
		} else {
			fields[name] = one === '' ? null : one;
		}
	};
	const {prefix, stores, etcd, rest, namespace: _, certfile, ...values} = reading;
	for (const [name, one] of Object.entries(values)) {
		put(name, one);
	}

	fields.stores = stores.join(' ');
	fields.certfile = certfile !== null && certfile !== '';
	if (typeof prefix === 'string') {
		fields.prefix = prefix;
	} else {
		fails.push('prefix');
	}

	if (etcd !== null && 'error' in etcd) {
		fails.push('etcd');
	} else if (etcd !== null && etcd.hosts.length > 0) {
		const hosts = etcd.hosts.filter(host => typeof host === 'string');
		fields['etcd.hosts'] = hosts.join(' ');
		// Patroni, too, logs in only with both, and uses the files only for https.
		const isUser = Boolean(etcd.username) && Boolean(etcd.password);
		put('etcd.username', isUser ? etcd.username : null);
		put('etcd.password', isUser ? etcd.password : null);
		if (hosts.some(host => host.startsWith('https:'))) {
			const [cert = null, key = null] = Array.isArray(etcd.cert) ? etcd.cert : [etcd.cert, etcd.cert];
			put('etcd.cacert', etcd.cacert);
			put('etcd.cert', cert);
			put('etcd.key', key);
		}
	}

	if ('error' in rest) {
		fails.push('rest');
	} else {
		put('rest.auth', rest.auth);
		put('rest.cacert', rest.cacert);
		put('rest.cert', rest.cert);
		// Python reads the key from the certificate's file if no key file is given.
		put('rest.key', rest.cert === null ? null : (rest.key ?? rest.cert));
		put('rest.key_password', rest.cert === null ? null : rest.key_password);
		fields['rest.insecure'] = rest.insecure;
	}

	return {fields, fails};
}

export type Comparison = {
	/** Fields that are equal. */
	equal: number;
	/** Fields, or parts on which Patroni fails, that differ with a reason. */
	differs: readonly string[];
	/** What is wrong with the row: an unexplained difference, a reason without a difference. */
	problems: readonly string[];
};

export function compare(file: OddFile, readings: Readings[string], ours: Ours): Comparison {
	const problems: string[] = [];
	const differs: string[] = [];
	const used = new Set<string>();
	let equal = 0;
	const {refused, notice} = file;
	if ('refused' in ours ? !refused?.test(ours.refused) : refused !== undefined) {
		problems.push('refused' in ours ? `refused: ${ours.refused}` : 'not refused');
	}

	const isNoticed =
		!('refused' in ours) && notice !== undefined && ours.notices.some(one => notice.test(one));
	if (notice !== undefined && !isNoticed) {
		problems.push(`no such notice: ${'refused' in ours ? '' : ours.notices.join('; ')}`);
	} else if (notice === undefined && !('refused' in ours)) {
		// TLS that is not used is a warning of its own.
		problems.push(
			...ours.notices
				.filter(one => !/^TLS|^the (?:connection|host name)/.test(one))
				.map(one => `notice: ${one}`),
		);
	}

	for (const {versions, reads} of readings) {
		const {fields, fails} = theirs(reads);
		const explain = (field: string, what: string) => {
			for (const version of versions) {
				const why = file.differs?.find(
					one => one.fields.includes(field) && (one.versions?.includes(version) ?? true),
				);
				if (why === undefined) {
					problems.push(`${version}: ${what}`);
				} else {
					used.add(field);
					differs.push(field);
				}
			}
		};
		if ('refused' in ours) {
			if (fails.length === 0) {
				explain('refused', 'Patroni does not fail');
			}

			continue;
		}

		for (const part of fails) {
			if (!isNoticed) {
				explain(part, `Patroni fails on ${part}`);
			}
		}

		for (const [field, one] of Object.entries(fields)) {
			if (fails.includes(field)) {
				continue;
			}

			if (ours.fields[field] === one) {
				equal++;
			} else {
				explain(field, `${field}: ${JSON.stringify(ours.fields[field])}, Patroni has ${JSON.stringify(one)}`);
			}
		}
	}

	for (const {fields} of file.differs ?? []) {
		problems.push(...fields.filter(field => !used.has(field)).map(field => `${field} does not differ`));
	}

	return {equal, differs, problems: [...new Set(problems)]};
}
