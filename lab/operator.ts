/** The operator's folder: configuration of ssh, patronictl and pgha-top for this cluster. */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {stringify} from 'yaml';
import type {Setup} from './disk.ts';
import {
	etcdMembersOf,
	type Inventory,
	type Node,
	nodesOf,
	vipFollowsLeader,
	vipManagerOf,
	writePortOf,
} from './inventory.ts';
import {keyOf} from './keys.ts';
import {netnsPath, operatorDir, operatorNetns, repository, sshConfig} from './paths.ts';

/** Of Patroni's REST API, as in nodes/db/etc/patroni/patroni.yml. */
export const restUser = {username: 'patroni', password: 'lab-patroni'};
/** An unprivileged account, created in nodes/db/etc/patroni/post_bootstrap.sh. */
const client = {user: 'app', password: 'lab-app', database: 'app'};
/** May read all statistics, run CHECKPOINT, and end sessions. */
const monitor = {user: 'monitor', password: 'lab-monitor'};
const patronictlFile = join(operatorDir, 'patronictl.yaml');
const pghaTopFile = join(operatorDir, 'pgha-top.yaml');
const serviceFile = join(operatorDir, 'pg_service.conf');
const passwordFile = join(operatorDir, 'pgpass');

export function writeOperatorFolder(inventory: Inventory, {store}: Pick<Setup, 'store'>): void {
	mkdirSync(operatorDir, {recursive: true, mode: 0o700});
	const nodes = nodesOf(inventory);
	const identity = join(operatorDir, 'id_ed25519');
	const knownHosts = join(operatorDir, 'known_hosts');
	const key = keyOf('operator');
	writeSecret(identity, key.private);
	writeFileSync(`${identity}.pub`, key.public);
	writeFileSync(
		knownHosts,
		nodes.map(node => `${node.name},${node.address} ${keyOf(node.name).public}`).join(''),
	);
	writeFileSync(
		sshConfig,
		[
			...nodes.map(node => `Host ${node.name}\n  HostName ${node.address}\n`),
			'Host *',
			'  User dba',
			`  IdentityFile ${identity}`,
			'  IdentitiesOnly yes',
			`  UserKnownHostsFile ${knownHosts}`,
			'  GlobalKnownHostsFile /dev/null',
			'  StrictHostKeyChecking yes',
			'  ConnectTimeout 5',
			'  ServerAliveInterval 5',
			'  ServerAliveCountMax 3',
			'',
		].join('\n'),
	);
	writeSecret(
		patronictlFile,
		stringify({
			scope: inventory.scope,
			namespace: inventory.namespace,
			[store === 'etcd2' ? 'etcd' : 'etcd3']: {
				hosts: etcdMembersOf(inventory).map(node => `${node.address}:2379`),
			},
			restapi: {authentication: restUser},
			ctl: {authentication: restUser},
		}),
	);
	// For psql's users: `psql service=app` connects through the VIP.
	writeFileSync(
		serviceFile,
		`[app]\nhost=${inventory.vip}\nport=${clientPortOf(inventory)}\nuser=${client.user}\ndbname=${client.database}\n`,
	);
	writeSecret(
		passwordFile,
		[
			`${inventory.vip}:*:${client.database}:${client.user}:${client.password}`,
			`*:*:postgres:${monitor.user}:${monitor.password}`,
			'',
		].join('\n'),
	);
	writeFileSync(
		pghaTopFile,
		stringify({
			...pathOf(inventory),
			monitor: {user: monitor.user},
			ssh: {user: 'dba', config_file: sshConfig},
			nodes: Object.fromEntries(
				nodes
					.filter(({roles}) => !roles.includes('app'))
					.map(node => [node.name, {host: node.address, roles: rolesOf(node)}]),
			),
		}),
	);
}

/** A database node with HAProxy needs no role of its own for it. */
function rolesOf({roles}: Node): string[] {
	const isDatabase = roles.includes('db');
	return [
		...(isDatabase ? ['database'] : []),
		...(roles.includes('etcd') ? ['etcd'] : []),
		...(roles.includes('lb') && !isDatabase ? ['balancer'] : []),
	];
}

/** The client path: the VIP, what is behind it, and the probe through it. */
function pathOf(inventory: Inventory): object {
	const {vip} = inventory;
	const probe = {service: 'app', write: true};
	return vipFollowsLeader(inventory)
		? {vip: {address: vip, manager: vipManagerOf(inventory), follows: 'leader'}, haproxy: false, probe}
		: {vip, probe};
}

/** PgBouncer, where there is one; else HAProxy or PostgreSQL. */
function clientPortOf(inventory: Inventory): number {
	return nodesOf(inventory).some(({roles}) => roles.includes('pgbouncer')) ? 6432 : writePortOf(inventory);
}

/** The environment of commands that run as the operator. */
export function operatorEnv(): Record<string, string> {
	const inherited = Object.entries(process.env).filter(
		(entry): entry is [string, string] => entry[1] !== undefined,
	);
	return {
		...Object.fromEntries(inherited),
		PATRONICTL_CONFIG_FILE: patronictlFile,
		PGHA_TOP_CONFIG_FILE: pghaTopFile,
		PGSERVICEFILE: serviceFile,
		PGPASSFILE: passwordFile,
		PATH: `${join(repository, 'lab', 'bin')}:${join(repository, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
	};
}

export type Command = {file: string; args: string[]; env: Record<string, string>};

/**
 * Enters only the operator's network; files, processes and cgroups stay the machine's, so that lab verbs work inside.
 */
export function execCommand(argv: readonly string[]): Command {
	return {
		file: '/usr/bin/nsenter',
		args: [`--net=${netnsPath(operatorNetns)}`, '--', ...argv],
		env: operatorEnv(),
	};
}

/** ssh to a node as the operator; a login shell without a command. */
export function sshCommand(node: string, argv: readonly string[] = []): Command {
	return execCommand(['ssh', '-F', sshConfig, node, ...(argv.length > 0 ? ['--', ...argv] : [])]);
}

/** PostgreSQL's superuser of patroni.yml. */
export const superuser = {user: 'postgres', password: 'lab-postgres'};

function writeSecret(file: string, text: string): void {
	writeFileSync(file, text, {mode: 0o600});
	chmodSync(file, 0o600);
}
