/** What `init` understands of a cluster, each value with where it was found. */
import type {NodeFacts, NodeReading} from '../discovery/read-node.ts';
import type {FoundValue, PatroniFacts} from '../discovery/types.ts';
import type {ListedMember} from '../domain/cluster/cluster-view.ts';
import type {NodeRole} from '../domain/cluster/services.ts';

/** How `init` reaches the cluster; passed in, so that tests need no network. */
export type Ways = {
	/** Reads a node's files over SSH. */
	read: (host: string) => Promise<NodeReading>;
	/** The name or address that ssh connects to: HostName of the ssh configuration. */
	hostName: (host: string) => Promise<string>;
	/** GET /cluster of Patroni's REST API from here. @throws without an answer of Patroni */
	listMembers: (origin: string) => Promise<Listing>;
	/** The same, asked by the node itself, over SSH. */
	listMembersOn: (host: string, origin: string) => Promise<Listing>;
	/** Whether a TCP connection from here succeeds. */
	connects: (host: string, port: number) => Promise<boolean>;
	/** Whether a file exists on this machine and can be read. */
	hasFile: (path: string) => boolean;
	/** One line for the operator while it works. */
	say: (line: string) => void;
};

export type Listing = {scope: string | undefined; members: readonly ListedMember[]};

/** A value and where it was found, in words. */
export type Known<T> = {value: T; from: string};

export type KnownNode = {
	name: string;
	host: string;
	roles: readonly NodeRole[];
	/** Where the node was found. */
	from: string;
	/** Undefined: SSH does not reach it, for this reason. */
	facts: NodeFacts | undefined;
	problem?: string;
	units: Readonly<Record<string, string>>;
};

export type EtcdAccess = {
	hosts: readonly string[];
	isHttps: boolean;
	/** Files on this machine. */
	cacert?: string;
	cert?: string;
	key?: string;
	hasUser: boolean;
};

export type Understanding = {
	scope: Known<string>;
	namespace: Known<string> | undefined;
	/** etcd's v3 API; undefined: by REST alone. */
	etcd: Known<EtcdAccess> | undefined;
	/** Members to begin with, where etcd is not used. */
	rest: Known<readonly string[]> | undefined;
	/** CA for Patroni's REST API: a file on this machine. */
	restCa: Known<string> | undefined;
	restTls: boolean;
	/** Where the user of the REST API stands. */
	restUser: string | undefined;
	nodes: readonly KnownNode[];
	values: readonly FoundValue[];
	/** There is no HAProxy on any node. */
	hasHaproxy: boolean;
	remarks: readonly string[];
	patroni: PatroniFacts | undefined;
};
