/** A cluster as `init` reaches it: files by host, members by REST, without a network. */
import type {NodeFacts} from '../../source/discovery/read-node.ts';
import type {ListedMember} from '../../source/domain/cluster/cluster-view.ts';
import type {Ways} from '../../source/init/types.ts';
import {aNode} from './node-files.ts';

export type FakeCluster = {
	/** What SSH reads, by host; other hosts are not reached. */
	hosts: Readonly<Record<string, NodeFacts>>;
	/** HostName of the ssh configuration. */
	aliases?: Readonly<Record<string, string>>;
	/** Members by the origin that answers from here. */
	rest?: Readonly<Record<string, readonly ListedMember[]>>;
	/** The same for origins that only a node reaches. */
	restOnNode?: Readonly<Record<string, readonly ListedMember[]>>;
	/** `HOST:PORT` that a TCP connection reaches. */
	open?: readonly string[];
	files?: readonly string[];
};

export class FakeWays implements Ways {
	readonly reads: string[] = [];
	readonly said: string[] = [];
	readonly #cluster: FakeCluster;

	constructor(cluster: FakeCluster) {
		this.#cluster = cluster;
	}

	readonly read: Ways['read'] = async host => {
		this.reads.push(host);
		const facts = this.#cluster.hosts[host];
		return facts === undefined
			? {host, problem: 'host name not found', cause: undefined}
			: {host, facts: {...facts, host}};
	};

	readonly hostName: Ways['hostName'] = async host => this.#cluster.aliases?.[host] ?? host;

	readonly listMembers: Ways['listMembers'] = async origin => listing(this.#cluster.rest?.[origin]);
	readonly listMembersOn: Ways['listMembersOn'] = async (_, origin) =>
		listing(this.#cluster.restOnNode?.[origin]);

	readonly connects: Ways['connects'] = async (host, port) =>
		this.#cluster.open?.includes(`${host}:${port}`) ?? false;

	readonly hasFile: Ways['hasFile'] = path => this.#cluster.files?.includes(path) ?? false;
	readonly say: Ways['say'] = line => {
		this.said.push(line);
	};
}

function listing(members: readonly ListedMember[] | undefined): Awaited<ReturnType<Ways['listMembers']>> {
	if (members === undefined) {
		throw new Error('connection refused');
	}

	return {scope: 'demo', members};
}

export function listed(name: string, host: string): ListedMember {
	return {
		name,
		role: 'replica',
		data: {
			...{host, port: 5432, apiUrl: `http://${host}:8008/patroni`, state: 'running', role: 'replica'},
			...{version: undefined, timeline: undefined, location: undefined, replicationState: undefined},
			...{pendingRestart: false, scheduledRestart: undefined, tags: {}},
		} as unknown as ListedMember['data'],
	};
}

export function patroniText(name: string, address: string, more = ''): string {
	return `scope: demo
namespace: /db
name: ${name}
restapi:
  connect_address: ${address}:8008
  authentication: {username: patroni, password: hunter2}
etcd3:
  hosts: [10.0.0.1:2379, 10.0.0.2:2379, 10.0.0.3:2379]
postgresql: {data_dir: /srv/pg}
${more}`;
}

/** The facts of a node with these files. */
export function facts(...args: Parameters<typeof aNode>): NodeFacts {
	return aNode(...args).facts;
}
