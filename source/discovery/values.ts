/** What the files of all nodes say together, as settings, each with its place; pure. */
import type {Mapping} from '../config/layers.ts';
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {HaproxyRole} from '../domain/facts.ts';
import {isLoopback} from './listen-address.ts';
import type {ReadNode} from './read-node.ts';
import {type FoundValue, type Port, printable, type Remark} from './types.ts';
import {unitValues} from './units.ts';
import {type FoundVip, vipRemarks, vipsOf, vipValues} from './vips.ts';

export type Found = {values: readonly FoundValue[]; remarks: readonly Remark[]};

/** Ports of a node. */
const portsMax = 500;

const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]+)+$/;
const plainName = /^[\w.:-]{1,200}$/;
const plainUri = /^\/[!-~]{0,500}$/;

/**
 * @param nodes in the order of the configuration: where files differ, the first one counts
 * @param scope the cluster; undefined takes what there is
 */
export function foundValues(nodes: readonly ReadNode[], scope?: string): Found {
	const remarks: Remark[] = nodes.flatMap(({name: node, facts}) =>
		facts.problems.map(({path, why}) => ({node, text: `${path} was not read: ${why}`})),
	);
	const ports = clientPorts(nodes);
	const vips = vipsOf(nodes, ports);
	remarks.push(...vipRemarks(vips, ports));
	return {
		values: [
			...vipValues(vips),
			...portValues(ports),
			...pageValues(nodes, remarks),
			...dataDirValues(nodes, scope, remarks),
			...unitValues(nodes),
			...probeValues(nodes, ports, vips),
		],
		remarks,
	};
}

/** As a layer of settings. */
export function contentOf(values: readonly FoundValue[]): Mapping {
	const content: Mapping = {};
	for (const {path, value} of values) {
		let at = content;
		for (const key of path.slice(0, -1)) {
			const below = (at[key] ?? {}) as Mapping;
			at[key] = below;
			at = below;
		}

		at[path.at(-1) ?? ''] = value;
	}

	return content;
}

/** The ports that clients on other machines reach. */
function clientPorts(nodes: readonly ReadNode[]): Port[] {
	return nodes.flatMap(({name: node, facts}) =>
		(facts.haproxy?.ports ?? [])
			.filter(({isLocal}) => !isLocal)
			.slice(0, portsMax)
			.map(port => ({...port, node})),
	);
}

/** The usual port of the role if there is one, else the first. */
function portFor(ports: readonly Port[], role: HaproxyRole): Port | undefined {
	const own = ports.filter(one => one.role === role);
	return own.find(({port}) => port === usualPorts[role]) ?? own[0];
}

function portValues(ports: readonly Port[]): FoundValue[] {
	return (Object.keys(usualPorts) as HaproxyRole[]).flatMap(role => {
		const found = portFor(ports, role);
		if (found === undefined) {
			return [];
		}

		const {node, file, line, port, check, backend} = found;
		const same = ports.filter(one => one.role === role && one.port === port);
		const isNamed = plainName.test(backend) && same.every(one => one.backend === backend);
		const place = {node, file, line};
		return [
			{
				...place,
				path: ['pgha-top', 'haproxy', 'ports', role],
				value: port,
				why: `HAProxy leads there to members that answer ${printable(check)}`,
			},
			...(isNamed
				? [
						{
							...place,
							path: ['pgha-top', 'haproxy', 'backends', role],
							value: backend,
							why: `the backend of port ${port}`,
						},
					]
				: []),
		];
	});
}

function pageValues(nodes: readonly ReadNode[], remarks: Remark[]): FoundValue[] {
	const pages = nodes.flatMap(({name: node, facts}) =>
		(facts.haproxy?.pages ?? []).map(page => ({...page, node})),
	);
	const usable = pages.filter(({isLocal, isTls, path}) => !isLocal && !isTls && plainUri.test(path));
	for (const {node, file, line, port} of pages.filter(({isTls}) => isTls)) {
		remarks.push({
			node,
			text: `${file}:${line}: the statistics page on port ${port} has TLS, which is not supported`,
		});
	}

	const [page] = usable;
	if (page === undefined) {
		return [];
	}

	const {node, file, line, port, path, needsUser} = page;
	if (needsUser) {
		remarks.push({
			node,
			text: `${file}:${line}: the statistics page requires a user: set haproxy.user and haproxy.password`,
		});
	}

	for (const other of usable) {
		if (
			other.node !== node &&
			(other.port !== port || other.path !== path) &&
			!usable.some(one => one.node === other.node && one.port === port && one.path === path)
		) {
			remarks.push({
				node: other.node,
				text: `${other.file}:${other.line}: the statistics page is elsewhere than on ${node}`,
			});
		}
	}

	const place = {node, file, line, why: 'the statistics page'};
	return [
		{...place, path: ['pgha-top', 'haproxy', 'port'], value: port},
		{...place, path: ['pgha-top', 'haproxy', 'path'], value: `${path};csv`},
	];
}

function dataDirValues(
	nodes: readonly ReadNode[],
	scope: string | undefined,
	remarks: Remark[],
): FoundValue[] {
	const all = nodes.flatMap(({name: node, facts}) =>
		facts.patroni
			.filter(one => scope === undefined || one.scope?.text === scope)
			.slice(0, 1)
			.flatMap(({dataDir}) => (dataDir === undefined ? [] : [{...dataDir, node}])),
	);
	const [first] = all;
	if (first === undefined || !plainPath.test(first.path)) {
		return [];
	}

	const other = all.find(({path}) => path !== first.path);
	if (other !== undefined) {
		remarks.push({
			node: other.node,
			text: `${other.file}:${other.line}: another data directory than on ${first.node}: data_dir is not set`,
		});
		return [];
	}

	const {node, file, line, path} = first;
	return [
		{path: ['pgha-top', 'data_dir'], value: path, node, file, line, why: "PostgreSQL's data directory"},
	];
}

/** PgBouncer in front of the path to the leader, on the nodes that hold the VIP, is where clients connect. */
function probeValues(
	nodes: readonly ReadNode[],
	ports: readonly Port[],
	vips: readonly FoundVip[],
): FoundValue[] {
	const primary = portFor(ports, 'primary')?.port;
	return nodes
		.flatMap(({name: node, facts}): FoundValue[] => {
			const {pgbouncer} = facts;
			const vip = vips.find(one => one.node === node);
			if (pgbouncer?.listen === undefined || pgbouncer.listen.isLocal || vip === undefined) {
				return [];
			}

			const leads = pgbouncer.databases.find(
				({host, port = 5432}) =>
					(primary === undefined ? vip.follows === 'leader' && port === 5432 : port === primary) &&
					(host === undefined || host.startsWith('/') || isLoopback(host) || host === vip.address),
			);
			const {port, file, line} = pgbouncer.listen;
			return leads === undefined
				? []
				: [
						{
							path: ['pgha-top', 'probe', 'port'],
							value: port,
							...{node, file, line},
							why: `clients connect to PgBouncer, which leads to port ${leads.port ?? 5432} (line ${leads.line})`,
						},
					];
		})
		.slice(0, 1);
}
