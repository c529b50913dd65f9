/** What the configuration files on a node say, each value with its place. */
import type {Path} from '../config/layers.ts';
import type {HaproxyRole} from '../domain/facts.ts';
import type {StoreKind} from '../domain/target.ts';

/** A file as it was read; `text` has secrets and leaves no parser. */
export type NodeFile = {path: string; text: string};

/** Where a value stands; lines begin with 1. */
export type Place = {file: string; line: number};

export type Located<T> = T & Place;

/** Limits on hostile files, far above real ones. */
export const linesMax = 50_000;
export const wordsMax = 64;

export type HaproxyFacts = {
	/** Frontends that lead to a backend whose check names a role; `isLocal`: only clients on the node itself reach it. */
	ports: readonly Located<{
		role: HaproxyRole;
		port: number;
		address: string;
		isLocal: boolean;
		/** Where it leads; `check`: the path that its check asks. */
		backend: string;
		check: string;
	}>[];
	/** Backends whose check names a role. */
	backends: readonly Located<{role: HaproxyRole; name: string}>[];
	/** Statistics pages; `path` as in `stats uri`. */
	pages: readonly Located<{
		port: number;
		path: string;
		isLocal: boolean;
		isTls: boolean;
		needsUser: boolean;
	}>[];
	/** Statistics sockets in the file system. */
	sockets: readonly Located<{path: string}>[];
	/** Servers of backends whose check names a role. */
	servers: readonly Located<{name: string; host: string}>[];
};

/** A command that keepalived runs to check a node. */
export type CheckScript = Located<{name: string; command: string}>;

export type KeepalivedFacts = {
	vips: readonly Located<{address: string; instance: string; scripts: readonly CheckScript[]}>[];
	/** Patterns of further files, as they stand in the file. */
	includes: readonly Located<{pattern: string}>[];
};

export type VipManagerFacts = {vips: readonly Located<{address: string}>[]};

export type PgbouncerFacts = {
	/** Undefined without a TCP port. */
	listen: Located<{port: number; isLocal: boolean}> | undefined;
	/** Where the databases are; without `host` a socket on the node. */
	databases: readonly Located<{name: string; host: string | undefined; port: number | undefined}>[];
	logFile: Located<{path: string}> | undefined;
};

export type PatroniFacts = {
	file: string;
	scope?: Located<{text: string}>;
	namespace?: Located<{text: string}>;
	name?: Located<{text: string}>;
	/** The first section of a store, in Patroni's own order. `hosts`: `HOST:PORT`, as they stand. */
	store?: Located<{
		kind: StoreKind;
		hosts: readonly string[];
		protocol: 'http' | 'https';
		/** Files on the node. */
		cacert?: string;
		cert?: string;
		key?: string;
		/** Whether it has a user, whose password stays in the file. */
		hasUser: boolean;
	}>;
	rest?: Located<{address: string; isTls: boolean}>;
	/** The user of the REST API, whose password stays in the file. */
	restUser?: Place;
	/** CA for the REST API: a file on the node. */
	restCa?: Located<{path: string}>;
	postgresql?: Located<{address: string}>;
	dataDir?: Located<{path: string}>;
	/** PostgreSQL's `log_directory`, maybe below the data directory. */
	logDirectory?: Located<{path: string}>;
	/** Patroni's `log.dir`. */
	logDir?: Located<{path: string}>;
};

/** A setting of pgha-top's own section; `line` is 0 for what no file says. `why`: what it rests on, in words. */
export type FoundValue = Place & {path: Path; value: unknown; node: string; why: string};

/** Something that a person should know. */
export type Remark = {node: string; text: string};

/** A port that clients on other machines reach. */
export type Port = Place & {
	node: string;
	role: HaproxyRole;
	port: number;
	backend: string;
	address: string;
	check: string;
};

/** A name out of a file, for a message. */
export function printable(text: string): string {
	return text.replaceAll(/[^ -~]/g, '?').slice(0, 100);
}
