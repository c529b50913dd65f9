/** What timeline entries of older versions are about: these recorded texts alone. */
import type {Entry, EntryAbout, SourceId} from '../domain/facts.ts';
import {isRecord} from '../lib/json.ts';

/** The endpoint of the etcd member that entries name so; undefined if no one is. */
export type EndpointNamed = (name: string) => string | undefined;

type Read = (found: readonly string[], entry: Entry, endpointNamed: EndpointNamed) => EntryAbout | undefined;

const outage: Read = ([, kind = '', port = '', end = ''], {at, text, outage: length = 0}) => {
	const stalled = /of which this console was stalled for ([\d.]+) s/.exec(text)?.[1];
	return {
		of: 'outage',
		port: Number(port),
		write: kind === 'write',
		from: at - length,
		to: end.startsWith('ended') ? at : undefined,
		stalled: stalled === undefined ? undefined : Number(stalled) * 1000,
	};
};

const losses = {
	'nothing acknowledged is lost': 'nothing',
	'at most': 'at-most',
	'acknowledged writes are lost': 'lost',
	'not known what was lost': 'unknown',
} as const;

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

const loss: Read = ([, to = '', words = '', count, unit = ''], {at}) => ({
	of: 'loss',
	change: at,
	to,
	loss: losses[words as keyof typeof losses],
	bytes: count === undefined ? undefined : Number(count) * 1024 ** byteUnits.indexOf(unit),
});

const vip: Read = ([, name = '', did = '', node = '', others = '']) => {
	const rest = others === '' ? [] : others.split(', ');
	const has = did === 'arrived on';
	return {of: 'vip', name, node, has, holders: has ? [node, ...rest] : rest};
};

const sourceKindOf: Readonly<Record<string, 'patroni' | 'vip' | 'haproxy' | 'sql'>> = {
	REST: 'patroni',
	SSH: 'vip',
	HAProxy: 'haproxy',
	SQL: 'sql',
};

const source: Read = ([, etcd, object = '', label = '', what = '', reason = ''], _, endpointNamed) => {
	const endpoint = etcd === undefined ? undefined : endpointNamed(etcd);
	const kind = sourceKindOf[label];
	const id: SourceId | undefined = endpoint === undefined ? kind && `${kind}:${object}` : `etcd:${endpoint}`;
	const isLost = what !== 'back after';
	return (
		id && {
			of: 'source',
			source: id,
			name: etcd === undefined ? `${object}: ${label}` : `etcd ${etcd}`,
			isLost,
			isSilent: isLost && what === 'lost' && reason !== 'connection refused',
		}
	);
};

const known = (name: string | undefined) => (name === 'unknown' ? undefined : name);
const orNone = (names = '', none: string) => (names === none ? '' : names);

const readers: readonly (readonly [Entry['kind'], RegExp, Read])[] = [
	[
		'leader',
		/^leader key gone, held by (\S+) before$/,
		([, from]) => ({of: 'leader', from: known(from), to: undefined, isWatched: true}),
	],
	[
		'leader',
		/^no leader, as the members say; (\S+) led before$/,
		([, from]) => ({of: 'leader', from: known(from), to: undefined, isWatched: false}),
	],
	[
		'leader',
		/^leader( key)?: (?:(\S+) → )?([^\s,]+)(, no leader for .*)?$/,
		([, key, from, to, pause]) => ({
			of: 'leader',
			from: from ?? (pause === undefined ? undefined : to),
			to,
			isWatched: key !== undefined && pause !== undefined,
		}),
	],
	[
		'member',
		/^(.+): (?:its key in etcd is gone|no longer listed by the members)$/,
		([, member = '']) => ({of: 'member', member, was: undefined, is: undefined, isWorse: true}),
	],
	[
		'member',
		/^(.+): (?:new key in etcd|listed by the members): (.+)$/,
		([, member = '', is]) => ({of: 'member', member, was: undefined, is, isWorse: false}),
	],
	['member', /: restart (?:no longer )?pending$/, () => ({of: 'note'})],
	[
		'member',
		/^(.+?): (.+) → (.+)$/,
		([, member = '', was, is], {turn}) => ({of: 'member', member, was, is, isWorse: turn === 'worse'}),
	],
	[
		'sync',
		/^sync standby: (.+) → (.+)$/,
		([, was, is]) => ({of: 'sync', was: orNone(was, 'none'), is: orNone(is, 'none')}),
	],
	[
		'operation',
		/^(switchover|failover) requested: (\S+) → (\S+)$/,
		([, what, leader, candidate]) => ({
			of: 'request',
			leader: what === 'failover' ? undefined : leader,
			candidate: candidate === 'any' ? undefined : candidate,
		}),
	],
	[
		'timeline',
		/^\S+ → (\S+): (nothing acknowledged is lost|at most|acknowledged writes are lost|not known what was lost)(?: ([\d.]+) (\w+) of WAL)?/,
		loss,
	],
	[
		'vip',
		/^(VIP.*?) (arrived on|left) (\S+?)(?: while it could not be seen)?(?:; (.+?) (?:still )?(?:reports?|has|have) it)?$/,
		vip,
	],
	[
		'etcd',
		/^etcd can (no longer be read|be read again)$/,
		([, what]) => ({of: 'reads', isRead: what === 'be read again'}),
	],
	[
		'sight',
		/^(?:etcd (\S+)|(.+): (REST|SSH|HAProxy|SQL)) (lost|not watched|back after)(?::? (.*))?$/,
		source,
	],
	['sight', /^/, () => ({of: 'note'})],
	[
		'service',
		/^HAProxy on (.+) sends writers to (.+), before to (.+)$/,
		([, node = '', is, was]) => ({
			of: 'route',
			node,
			was: orNone(was, 'no server'),
			is: orNone(is, 'no server'),
		}),
	],
	[
		'service',
		/^(.+?): (\S+) (?:(\S+) → (\S+)|restarted)$/,
		([, node = '', service = '', was = 'active', is = 'active'], {turn}) => ({
			of: 'service',
			node,
			services: [service],
			was,
			is,
			isWorse: turn === 'worse',
		}),
	],
	['path', /^(write|read) outage through :(\d+) (began|ended)/, outage],
];

/** No console wrote longer ones; on others a pattern may be slow. */
const textMaxLength = 1000;

/** The entry with what it is about, if its text says so; settings and schedules need none. */
export function withAbout(entry: Entry, endpointNamed: EndpointNamed): Entry {
	if (
		!isRecord(entry) ||
		typeof entry.text !== 'string' ||
		entry.text.length > textMaxLength ||
		entry.about !== undefined ||
		// Of no older version: what was read from logs is about what it says.
		entry.log !== undefined ||
		entry.isEarlier !== undefined ||
		entry.operation !== undefined
	) {
		return entry;
	}

	for (const [kind, pattern, read] of readers) {
		const found = kind === entry.kind ? pattern.exec(entry.text) : null;
		const about = found === null ? undefined : read(found, entry, endpointNamed);
		if (about !== undefined) {
			return {...entry, about};
		}
	}

	return entry;
}
