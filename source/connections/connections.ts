/** The clients of all sources: for the screen with watches, for a snapshot without. */
import type {Config} from '../config/config.ts';
import type {EtcdAccess, EtcdConnection} from './etcd-grpc.ts';
import {EtcdHttp} from './etcd-http.ts';
import {Rest} from './rest.ts';
import {type Lend, SshPrompts} from './ssh/prompts.ts';
import {Ssh} from './ssh/ssh.ts';

export type Connections = {
	/** Makes a new connection with each call. */
	etcd: (url: string) => EtcdConnection;
	rest: Rest;
	/** Shared with the operations, so that each node has one login. */
	ssh: Ssh;
	/** Whether sources watch, where they can, instead of polling. */
	watches: boolean;
	/** ms after an answer of a probe without a query; default: none. */
	probesRestMs?: number;
};

/** @param lend lends the terminal, to ask the operator about host keys and passphrases */
export function lastingConnections(config: Config, lend: Lend): Connections {
	return {...common(config, new SshPrompts(lend, config.ssh)), watches: true};
}

export function briefConnections(config: Config): Connections {
	return {...common(config), watches: false};
}

function common(config: Config, questions?: SshPrompts): Omit<Connections, 'watches'> {
	const gateways = new Set<string>();
	return {
		etcd: url => {
			const access = etcdAccess(config, url);
			const byGrpc = async () => {
				const {EtcdGrpc: Endpoint} = await import('./etcd-grpc.ts');
				return new Endpoint(url, access);
			};
			return new EtcdHttp(url, access, byGrpc, gateways);
		},
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
