/** The members' own REST: out of sight, their clocks, their versions, and the addresses under which they are known. */
import {hostOf} from '../../../lib/host.ts';
import {clockDifference} from '../../cluster/cluster.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import type {Member} from '../../cluster/member.ts';
import {postgresVersion} from '../../cluster/patroni.ts';
import {type FindingContext, quote, quoteBlind, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** Patroni's answers carry whole seconds and may be on their way for one more; ms. */
const clockTolerance = 5000;

export function restFindings(look: FindingContext): Finding[] {
	return [
		...look.members.flatMap(one => [...clockFindings(look, one), ...sightFindings(look, one)]),
		...versionFindings(look),
		...addressFindings(look),
	];
}

function clockFindings(look: FindingContext, {name, rest, restSees}: Member): Finding[] {
	const offset = restSees ? clockDifference(rest) : undefined;
	if (offset === undefined || Math.abs(offset) <= clockTolerance) {
		return [];
	}

	const apart = `${Math.round(Math.abs(offset) / 1000)} s ${offset > 0 ? 'ahead of' : 'behind'}`;
	return [
		{
			id: 'clock.apart',
			severity: 'degraded',
			text: `${name}: its clock is ${apart} this console's`,
			about: name,
			evidence: [
				quote(
					look,
					`patroni:${name}`,
					`it answered at ${new Date(rest?.value.serverTime ?? 0).toISOString()}`,
					rest?.at,
				),
			],
		},
	];
}

/** Its key may live while it can't be asked from here: then it is this way that is broken, or only its REST. */
function sightFindings(look: FindingContext, {name, restSees, key}: Member): Finding[] {
	if (restSees || key?.data.apiUrl === undefined) {
		return [];
	}

	const source = `patroni:${name}` as const;
	const reason = unavailableReason(look.cluster.sourceStatuses.get(source), source, look.now) ?? 'not asked';
	return [
		{
			id: 'rest.blind',
			severity: 'unknown',
			text: `${name}: its REST API is out of sight: ${reason}${look.dcs ? '; its key in etcd is there' : ''}`,
			about: name,
			evidence: [quoteBlind(look, source), quoteDcs(look, `key \`members/${name}\`: ${key.data.state}`)],
		},
	];
}

/** By etcd's own answers, by Patroni's keys, and by PostgreSQL behind the members' REST. */
function versionFindings(look: FindingContext): Finding[] {
	const {cluster, members} = look;
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
				text: `${what} differs between the nodes: ${words}`,
				about: what,
				evidence:
					what === 'etcd'
						? [...cluster.etcd.status.values()].map(({source, value, at}) =>
								quote(look, source, value.version, at),
							)
						: [quoteDcs(look, words)],
			},
		];
	});
}

/** `connect_address` in patroni.yml is what all others are told: it must lead to the member, and to it alone. */
function addressFindings(look: FindingContext): Finding[] {
	const {members} = look;
	const {local, twins} = published(look);
	const strangers = members.filter(
		({name, rest, restSees}) => restSees && rest?.value.name !== undefined && rest.value.name !== name,
	);
	return [
		...local.map(
			({name, key}): Finding => ({
				id: 'address.local',
				severity: 'degraded',
				text: `${name}: its connect_address is ${isLocal(key?.data.host) ? key?.data.host : hostOf(key?.data.apiUrl)}, which is everybody's own machine`,
				about: name,
				evidence: [quoteDcs(look, `it publishes: ${key?.data.host}:${key?.data.port}, ${key?.data.apiUrl}`)],
			}),
		),
		...twins.map(
			([one, other]): Finding => ({
				id: 'address.same',
				severity: 'degraded',
				text: `${one.name} and ${other.name} publish the same address`,
				about: other.name,
				evidence: [one, other].map(({name, key}) =>
					quoteDcs(look, `${name}: ${key?.data.host}:${key?.data.port}, ${key?.data.apiUrl}`),
				),
			}),
		),
		...strangers.map(
			({name, rest, key}): Finding => ({
				id: 'address.other',
				severity: 'degraded',
				text: `${name}: at its REST address answers ${rest?.value.name}`,
				about: name,
				evidence: [
					quote(look, `patroni:${name}`, `it calls itself ${rest?.value.name}`, rest?.at),
					quoteDcs(look, `${name} publishes ${key?.data.apiUrl ?? 'nothing'}`),
				],
			}),
		),
	];
}

type Published = {local: readonly Member[]; twins: readonly (readonly [Member, Member])[]};

/** Of many members this is the dearest look, and it changes with the keys alone: not with each second. */
const looked = new WeakMap<FindingContext['cluster']['keys'], Published>();

function published({cluster: {keys}, members}: FindingContext): Published {
	const before = looked.get(keys);
	if (before !== undefined) {
		return before;
	}

	const keyed = members.filter(({key}) => key !== undefined);
	const local = keyed.filter(({key}) => isLocal(key?.data.host) || isLocalUrl(key?.data.apiUrl));
	const all = {local, twins: twinsIn(keyed)};
	looked.set(keys, all);
	return all;
}

/** Each that publishes an address which one before it publishes, with the first that does. */
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

/** Only what looks like one is parsed: that costs, and each member has a URL. */
function isLocalUrl(url: string | undefined): boolean {
	return url !== undefined && /localhost|127\.|::|0\.0\.0\.0/i.test(url) && isLocal(hostOf(url));
}

function isLocal(host: string | undefined): boolean {
	return host !== undefined && /^(localhost(\..*)?|127\..*|::1|0\.0\.0\.0|::)$/i.test(host);
}
