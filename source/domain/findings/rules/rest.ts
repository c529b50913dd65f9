/** Findings on the members' REST API: answers, clocks, versions, and published addresses. */
import {hostOf} from '../../../lib/format.ts';
import {clockDifference} from '../../cluster/clocks.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import type {Member} from '../../cluster/member.ts';
import {postgresVersion} from '../../facts.ts';
import {type FindingContext, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** A larger difference of clocks is reported, ms. It is proven: the bounds include all delays. */
const clockToleranceMs = 4000;

export function restFindings(context: FindingContext): Finding[] {
	return [
		...context.members.flatMap(one => [...clockFindings(context, one), ...answerFindings(context, one)]),
		...versionFindings(context),
		...addressFindings(context),
	];
}

function clockFindings(context: FindingContext, {name, rest, restSees}: Member): Finding[] {
	const bounds = restSees ? clockDifference(rest) : undefined;
	if (bounds === undefined || (bounds.minMs <= clockToleranceMs && bounds.maxMs >= -clockToleranceMs)) {
		return [];
	}

	const isAhead = bounds.minMs > 0;
	const apart = `${Math.round((isAhead ? bounds.minMs : -bounds.maxMs) / 1000)} s ${isAhead ? 'ahead of' : 'behind'}`;
	return [
		{
			id: 'clock.apart',
			severity: 'degraded',
			text: `${name}: its clock is ${apart} this machine's`,
			about: name,
			evidence: [
				quote(
					context,
					`patroni:${name}`,
					`it answered at ${new Date(rest?.value.serverTime ?? 0).toISOString()}`,
					rest?.at,
				),
			],
		},
	];
}

/** The member's key exists, so only the connection from here or its REST API is broken. */
function answerFindings(context: FindingContext, {name, restSees, key}: Member): Finding[] {
	if (restSees || key?.data.apiUrl === undefined) {
		return [];
	}

	const source = `patroni:${name}` as const;
	const reason =
		unavailableReason(context.cluster.sourceStatuses.get(source), source, context.now) ?? 'not polled';
	return [
		{
			id: 'rest.blind',
			severity: 'unknown',
			text: `${name}: no answer from its REST API: ${reason}${context.dcs ? (context.target.rest === undefined ? '; its key in etcd exists' : '; the members list it') : ''}`,
			about: name,
			evidence: [
				quoteBlind(context, source),
				quoteDcs(context, `key \`members/${name}\`: ${key.data.state}`),
			],
		},
	];
}

/** Versions from etcd's answers, Patroni's keys and the members' REST API (PostgreSQL). */
function versionFindings(context: FindingContext): Finding[] {
	const {cluster, members} = context;
	const patroni = members.flatMap(({name, key, rest}) => {
		const version = key?.data.version ?? rest?.value.version;
		return version === undefined ? [] : [{name, version}];
	});
	const postgres = members.flatMap(({name, rest}) =>
		rest?.value.serverVersion === undefined
			? []
			: [{name, version: postgresVersion(rest.value.serverVersion)}],
	);
	const etcd = [...cluster.etcd.status.values()].map(({value}) => ({
		name: cluster.etcd.members?.value.find(({id}) => id === value.memberId)?.name ?? value.memberId,
		version: value.version,
	}));
	return [
		{what: 'Patroni', list: patroni},
		{what: 'PostgreSQL', list: postgres},
		{what: 'etcd', list: etcd},
	].flatMap(({what, list}): Finding[] => {
		if (new Set(list.map(({version}) => version)).size < 2) {
			return [];
		}

		const words = list.map(({name, version}) => `${name} ${version}`).join(', ');
		return [
			{
				id: 'version.differs',
				severity: 'notice',
				text: `${what} versions differ: ${words}`,
				about: what,
				evidence:
					what === 'etcd'
						? [...cluster.etcd.status.values()].map(({source, value, at}) =>
								quote(context, source, value.version, at),
							)
						: [quoteDcs(context, words)],
			},
		];
	});
}

/** A member publishes `connect_address` of patroni.yml; it must lead to this member only. */
function addressFindings(context: FindingContext): Finding[] {
	const {members} = context;
	const {local, twins} = publishedAddresses(context);
	const strangers = members.filter(
		({name, rest, restSees}) => restSees && rest?.value.name !== undefined && rest.value.name !== name,
	);
	return [
		...local.map(
			({name, key}): Finding => ({
				id: 'address.local',
				severity: 'degraded',
				text: `${name}: its connect_address ${isLocal(key?.data.host) ? key?.data.host : hostOf(key?.data.apiUrl)} is local to each machine`,
				about: name,
				evidence: [
					quoteDcs(context, `it publishes: ${key?.data.host}:${key?.data.port}, ${key?.data.apiUrl}`),
				],
			}),
		),
		...twins.map(
			([one, other]): Finding => ({
				id: 'address.same',
				severity: 'degraded',
				text: `${one.name} and ${other.name} publish the same address`,
				about: other.name,
				evidence: [one, other].map(({name, key}) =>
					quoteDcs(context, `${name}: ${key?.data.host}:${key?.data.port}, ${key?.data.apiUrl}`),
				),
			}),
		),
		...strangers.map(
			({name, rest, key}): Finding => ({
				id: 'address.other',
				severity: 'degraded',
				text: `${name}: ${rest?.value.name} answers at its REST address`,
				about: name,
				evidence: [
					quote(context, `patroni:${name}`, `it calls itself ${rest?.value.name}`, rest?.at),
					quoteDcs(context, `${name} publishes ${key?.data.apiUrl ?? 'nothing'}`),
				],
			}),
		),
	];
}

type Published = {local: readonly Member[]; twins: readonly (readonly [Member, Member])[]};

/** Cached by the keys, which alone decide: this rule costs most with many members. */
const publishedByKeys = new WeakMap<FindingContext['cluster']['keys'], Published>();

function publishedAddresses({cluster: {keys}, members}: FindingContext): Published {
	const before = publishedByKeys.get(keys);
	if (before !== undefined) {
		return before;
	}

	const keyed = members.filter(({key}) => key !== undefined);
	const local = keyed.filter(({key}) => isLocal(key?.data.host) || isLocalUrl(key?.data.apiUrl));
	const all = {local, twins: twinsIn(keyed)};
	publishedByKeys.set(keys, all);
	return all;
}

/** Pairs of members that publish the same address, the earlier one first. */
function twinsIn(keyed: readonly Member[]): (readonly [Member, Member])[] {
	const first = new Map<string, Member>();
	const twins: (readonly [Member, Member])[] = [];
	const firstAt = (address: string | undefined, one: Member) => {
		const other = address === undefined ? undefined : first.get(address);
		if (address !== undefined && other === undefined) {
			first.set(address, one);
		}

		return other;
	};

	for (const one of keyed) {
		const {apiUrl, host, port} = one.key?.data ?? {};
		const [byUrl, byHost] = [
			firstAt(apiUrl, one),
			firstAt(host === undefined ? undefined : `${host} ${port}`, one),
		];
		const other = byUrl ?? byHost;
		if (other !== undefined) {
			twins.push([other, one]);
		}
	}

	return twins;
}

/** Parses only URLs that look local, because each member has one. */
function isLocalUrl(url: string | undefined): boolean {
	return url !== undefined && /localhost|127\.|::|0\.0\.0\.0/i.test(url) && isLocal(hostOf(url));
}

function isLocal(host: string | undefined): boolean {
	return host !== undefined && /^(localhost(\..*)?|127\..*|::1|0\.0\.0\.0|::)$/i.test(host);
}
