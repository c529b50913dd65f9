/** The clients of all sources: for the screen with watches; for one snapshot with the fewest packages to load. */
import type {Config} from '../config/config.ts';
import type {EtcdAccess, EtcdGrpc} from './etcd-grpc.ts';
import {EtcdHttp, type EtcdReads} from './etcd-http.ts';
import {Rest} from './rest.ts';
import {type Lend, SshPrompts} from './ssh/prompts.ts';
import {Ssh} from './ssh/ssh.ts';

/** Without `watch` the endpoint is polled. */
export type EtcdConnection = EtcdReads & Partial<Pick<EtcdGrpc, 'watch'>>;

export type Connections = {
	/** Makes a new connection with each call. */
	etcd: (url: string) => EtcdConnection;
	rest: Rest;
	/** Shared with the operations, so that each node has one login. */
	ssh: Ssh;
	/** Whether sources watch, where they can, instead of polling. */
	watches: boolean;
};

/**
 * Loads gRPC, which only the screen needs.
 * @param lend lends the terminal, to ask the operator about host keys and passphrases
 */
export async function lastingConnections(config: Config, lend: Lend): Promise<Connections> {
	const {EtcdGrpc: Endpoint} = await import('./etcd-grpc.ts');
	const questions = new SshPrompts(lend, config.ssh);
	return {
		...common(config, questions),
		etcd: url => new Endpoint(url, etcdAccess(config, url)),
		watches: true,
	};
}

export function briefConnections(config: Config): Connections {
	return {
		...common(config),
		etcd: url => {
			const access = etcdAccess(config, url);
			return new EtcdHttp(url, access, async () => {
				const {EtcdGrpc: Endpoint} = await import('./etcd-grpc.ts');
				return new Endpoint(url, access);
			});
		},
		watches: false,
	};
}

function common(config: Config, questions?: SshPrompts): Pick<Connections, 'rest' | 'ssh'> {
	return {
		rest: new Rest({tls: config.rest.tls, deadline: config.deadline}),
		ssh: new Ssh({...config.ssh, deadline: config.deadline * 2}, questions),
	};
}

/** Secrets for https are never sent over http. @throws if the URL is http but https is configured */
function etcdAccess({deadline, etcd: {credentials, tls, endpoints}}: Config, url: string): EtcdAccess {
	const scheme = (one: string) => one.slice(0, one.indexOf(':'));
	const isConfigured = endpoints.some(one => scheme(one) === scheme(url));
	if (!isConfigured && scheme(url) === 'http') {
		throw new Error(`${url} is http, while etcd is configured with https`);
	}

	return {
		deadline,
		...(credentials === undefined || !isConfigured ? {} : {credentials}),
		...(tls === undefined ? {} : {tls}),
	};
}
