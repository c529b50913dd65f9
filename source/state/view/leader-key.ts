/** The leader key as lines: its holder, revision and lease; the keys of sync standby and failover. */
import {clockBounds, clockOffset} from '../../domain/cluster/clocks.ts';
import {type Cluster, type KnownKey, keyOf} from '../../domain/cluster/cluster.ts';
import {dcsIsRead, leaderKey, leaseLeft} from '../../domain/cluster/keys.ts';
import {age, clock, forAge, scheduledTime} from '../../lib/format.ts';
import {type Cell, cell, field, heldFor, type Line, nameCell, since} from './cells.ts';

const leaseStepSeconds = 5;

export function holderLine(cluster: Cluster, now: number, {short} = {short: false}): Line[] {
	const read = dcsIsRead(cluster, now);
	const key = leaderKey(cluster);
	const gone = cluster.gone.get('leader');
	if (key === undefined) {
		return [
			field(
				'Holder',
				cluster.read === undefined
					? cell('not read yet', 'dim')
					: read
						? cell(`NONE${gone === undefined ? '' : ` ${heldFor(gone, now).text}`}`, 'bad')
						: cell(`none? as read ${age(now - cluster.read.at)} ago`, 'dim'),
			),
		];
	}

	const asOf = read || cluster.read === undefined ? '' : `  as read ${age(now - cluster.read.at)} ago`;
	return [
		field(
			'Holder',
			nameCell(read ? key.member : `${key.member}?`, read ? 'strong' : 'dim'),
			...(read ? [cell(', '), heldSince(cluster, key, now, short)] : []),
			cell(asOf, 'warn'),
		),
	];
}

export function revisionLine(cluster: Cluster, now: number): Line[] {
	const key = leaderKey(cluster);
	const read = dcsIsRead(cluster, now);
	const mark = read ? '' : '?';
	return key === undefined
		? []
		: [
				field(
					'Revision',
					cell(`${key.createRevision}${mark}`, read ? 'plain' : 'dim'),
					cell(`, store at ${cluster.read === undefined ? '?' : `${cluster.read.value}${mark}`}`, 'dim'),
				),
			];
}

export function leaseLine(cluster: Cluster, now: number, {short} = {short: false}): Line[] {
	const key = leaderKey(cluster);
	return key === undefined ? [] : [field('Lease', leaseCell(cluster, key.lease, now, short))];
}

/** The key `sync`: who may take over without loss. */
export function syncLine(cluster: Cluster, now: number): Line[] {
	const mark = dcsIsRead(cluster, now) ? '' : '?';
	const sync = keyOf(cluster, 'sync', 'sync')?.value;
	return sync === undefined
		? []
		: [
				field(
					'Sync key',
					cell(`${sync.standbys.join(', ') || 'none'}${mark}`, mark === '' ? 'plain' : 'dim'),
				),
			];
}

/** The key `failover`: who is requested to take over. */
export function failoverLine(cluster: Cluster, now: number): Line[] {
	const mark = dcsIsRead(cluster, now) ? '' : '?';
	const failover = keyOf(cluster, 'failover', 'failover')?.value;
	const isAsked = failover?.leader !== undefined || failover?.candidate !== undefined;
	return isAsked
		? [
				field(
					// Patroni names the leader for a switchover, and only the candidate for a failover.
					failover?.leader === undefined ? 'Failover' : 'Switchover ',
					cell(
						`${failover?.leader ?? 'any'} → ${failover?.candidate ?? 'any'}${mark}`,
						mark === '' ? 'warn' : 'dim',
					),
					cell(
						failover?.scheduledAt === undefined ? '' : ` at ${scheduledTime(failover.scheduledAt, now)}`,
						mark === '' ? 'plain' : 'dim',
					),
				),
			]
		: [];
}

/** If this console did not see the start, the time from Patroni's history; without that, "at least". */
export function heldSince(
	cluster: Cluster,
	key: KnownKey & {member: string},
	now: number,
	short: boolean,
): Cell {
	const last = keyOf(cluster, 'history', 'history')?.value.lines.at(-1);
	const at = last?.leader === key.member && last.at !== undefined ? Date.parse(last.at) : Number.NaN;
	const known = cluster.patroni.get(key.member);
	const bounds = clockBounds(known);
	// A clock that may agree is taken to do so: two consoles, each with bounds of its own, then show the same.
	const agrees = bounds !== undefined && bounds.minMs <= 0 && bounds.maxMs >= 0;
	const corrected = agrees ? at : at - (clockOffset(known) ?? 0);
	const about = agrees ? '' : 'about ';
	// A time in the future: the node's clock is wrong by an unknown amount.
	return key.live || Number.isNaN(at) || corrected > now + 2000
		? short
			? heldFor(key, now)
			: since(key, now)
		: short
			? cell(about === '' ? forAge(corrected, now) : `for about ${age(now - corrected)}`)
			: cell(`since ${about}${clock(corrected, now)} (${age(now - corrected)}), Patroni's history`);
}

function leaseCell(cluster: Cluster, lease: string | undefined, now: number, short: boolean): Cell {
	const known = cluster.lease;
	if (lease === undefined) {
		return cell('none: the key never expires', 'warn');
	}

	if (known?.value.lease !== lease) {
		return cell('not read yet', 'dim');
	}

	const present = leaseLeft(cluster, lease, now);
	if (present === undefined) {
		// The holder may have renewed the lease since, so the present rest is unknown.
		const {ttl, grantedTtl} = known.value;
		return cell(
			`${ttl} s? of ${grantedTtl} s,${short ? '' : ' as read'} ${age(Math.max(0, now - known.at))} ago`,
			'dim',
		);
	}

	const {ttl: left, grantedTtl} = present;
	if (left < 0) {
		// etcd reports 0 s granted for an unknown lease.
		return cell(grantedTtl > 0 ? `EXPIRED (granted ${grantedTtl} s)` : 'EXPIRED: gone from etcd', 'bad');
	}

	// A lease that is renewed in time stays above half: until then coarse steps avoid a redraw each second.
	return left > grantedTtl / 2
		? cell(`≥ ${left - (left % leaseStepSeconds)} s left of ${grantedTtl} s`)
		: cell(`${left} s left of ${grantedTtl} s`, left < grantedTtl / 3 ? 'warn' : 'plain');
}
