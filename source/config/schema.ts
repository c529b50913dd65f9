/** The shapes of the two files that pgha-top reads: patronictl's (read loosely, it has keys of others) and its own (read strictly). */
import * as z from 'zod';
import {endpointUrl, hostList} from './endpoint.ts';

const port = z.int().min(1).max(65_535);
const seconds = z.number().positive();

/** `host:port`, a list of them, or one comma-separated string, as Patroni takes them. */
const hosts = z
	.union([z.string(), z.array(z.string())], 'must be HOST:PORT, several with commas, or a list of them')
	.refine(
		value =>
			hostList(value).length > 0 && hostList(value).every(host => endpointUrl(host, false) !== undefined),
		'must be HOST:PORT, several with commas, or a list of them',
	);

const credentials = z.looseObject({username: z.string().optional(), password: z.string().optional()});

const etcd3 = z.looseObject({
	host: hosts.optional(),
	hosts: hosts.optional(),
	url: hosts.optional(),
	protocol: z.enum(['http', 'https']).optional(),
	username: z.string().optional(),
	password: z.string().optional(),
	cacert: z.string().optional(),
	cert: z.string().optional(),
	key: z.string().optional(),
});

const tls = {
	cacert: z.string().optional(),
	certfile: z.string().optional(),
	keyfile: z.string().optional(),
	keyfile_password: z.string().optional(),
	insecure: z.boolean().optional(),
	authentication: credentials.optional(),
};

/** The parts of patronictl.yaml, or of a node's patroni.yml, that pgha-top uses. */
export const patronictlFile = z.looseObject({
	scope: z.string().min(1).optional(),
	namespace: z.string().min(1).optional(),
	etcd3: etcd3.optional(),
	etcd: z.unknown().optional(),
	ctl: z.looseObject(tls).optional(),
	restapi: z.looseObject({cafile: z.string().optional(), authentication: credentials.optional()}).optional(),
});

/** `pgha-top.yaml`, or the section `pgha-top:` of patronictl's file. */
export const ownFile = z.strictObject({
	/** The address that keepalived moves. */
	vip: z.union([z.ipv4(), z.ipv6()]).optional(),
	/** Hosts to look at over SSH, by name; found from Patroni's members where not given. */
	nodes: z
		.record(
			z.string().min(1),
			z.strictObject({
				host: z.string().min(1),
				roles: z
					.array(z.enum(['database', 'etcd']))
					.min(1)
					.optional(),
			}),
		)
		.optional(),
	ssh: z
		.strictObject({
			user: z.string().min(1).optional(),
			port: port.optional(),
			/** Given to `ssh -F`; without it OpenSSH's own files. */
			config_file: z.string().min(1).optional(),
		})
		.optional(),
	/** How long a request may take, in seconds. */
	deadline: seconds.optional(),
});

export type PatronictlFile = z.infer<typeof patronictlFile>;
export type OwnFile = z.infer<typeof ownFile>;
