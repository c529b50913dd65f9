/** Connection settings of the probe: its login, and the way through the VIP. */

import {isIP} from 'node:net';
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {ProbePurpose} from '../domain/facts.ts';
import type {Environment} from './environment.ts';
import {type LoginAccess, loginOf, merge} from './login.ts';
import type {Settings} from './settings.ts';
import {vipsIn} from './vips.ts';

export type ProbeAccess = LoginAccess & {
	host: string;
	/** Port that leads to the primary. */
	port: number;
	/** Port that leads to the replicas; undefined if they are not probed. */
	readPort?: number;
	/** libpq's hostaddr: the address to connect to, without a name lookup. */
	address?: string;
	applicationName?: string;
	write: boolean;
	/** Purposes whose port is a default. */
	assumed: readonly ProbePurpose[];
	/** Set for a drill's probe. */
	drill: boolean;
	/** Table for a drill's rows, which are verified afterwards. */
	table?: string;
	/** Set for a drill's probe: the table, and the drill's id for its rows. */
	rows?: {table: string; drill: string};
};

/**
 * Undefined without a user, or without a VIP to connect through.
 * @throws ConfigError if a given file or value cannot be used
 */
export function probeAccess(settings: Settings, environment: Environment): ProbeAccess | undefined {
	const {probe: own, vip: vips, haproxy} = settings.content['pgha-top'];
	const merged = merge('probe', own, settings, environment);
	const {given, wrong} = merged;
	const host = given.host ?? vipsIn(vips)[0]?.address;
	if (given.user === undefined || host === undefined) {
		return undefined;
	}

	const login = loginOf(merged, given.user, given.user, environment);
	for (const name of ['host', 'hostaddr', 'port']) {
		if (given[name]?.includes(',')) {
			throw wrong(name, `several of ${name} are not supported: the probe measures one path; set one`);
		}
	}

	if (/^[/@]/.test(host)) {
		throw wrong('host', 'host is a socket: the probe connects by TCP; set a name or an address');
	}

	if (given.hostaddr !== undefined && isIP(given.hostaddr) === 0) {
		throw wrong('hostaddr', 'hostaddr must be an IP address');
	}

	if (
		given.port !== undefined &&
		!(/^\d{1,5}$/.test(given.port) && Number(given.port) > 0 && Number(given.port) < 65_536)
	) {
		throw wrong('port', 'port must be 1 to 65535');
	}

	const applicationName = given.application_name ?? given.fallback_application_name;
	const ports = haproxy === false ? {} : haproxy.ports;
	// Without HAProxy clients connect to PostgreSQL itself, which has one port.
	const usual = haproxy === false ? {primary: 5432, replicas: false as const} : usualPorts;
	const port = given.port ?? own.port ?? ports.primary;
	const readPort = own.read_port ?? ports.replicas ?? usual.replicas;
	return {
		...login,
		host,
		port: Number(port ?? usual.primary),
		...(readPort === false ? {} : {readPort}),
		assumed: [
			...(port === undefined ? ['write' as const] : []),
			...(own.read_port === undefined && ports.replicas === undefined ? ['read' as const] : []),
		],
		...(given.hostaddr === undefined ? {} : {address: given.hostaddr}),
		...(applicationName === undefined ? {} : {applicationName}),
		write: own.write,
		drill: false,
		...(own.table === undefined ? {} : {table: own.table}),
	};
}

/** A drill has its own writes, whatever the configuration says. */
export function drillAccess({table, rows}: ProbeAccess, drill: string | undefined): Partial<ProbeAccess> {
	return drill === undefined
		? {}
		: {write: true, drill: true, ...(table === undefined ? {} : {rows: rows ?? {table, drill}})};
}
