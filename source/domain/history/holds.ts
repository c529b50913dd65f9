/** What a node took, and has not given up since, as its logs say. Pure. */
import {vipsOf} from '../cluster/roles.ts';
import type {Hold, Holds} from '../events.ts';
import type {Target} from '../target.ts';
import type {Collected} from './collect.ts';
import {vipGiven, vipTaken} from './kinds.ts';
import type {LogEvent, SaidKind} from './said.ts';

/** After these it is not known what a node still has. */
const breaks: ReadonlySet<SaidKind> = new Set<SaidKind>(['node.silent', 'node.shutdown', 'kernel.boot']);

const leaderGiven: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'patroni.demoted',
	'patroni.lock-lost',
	'patroni.dcs-lost',
	'patroni.stopped',
	'patroni.follows',
	'patroni.waits',
]);
const unitEnds: ReadonlySet<SaidKind> = new Set<SaidKind>(['unit.stopped', 'unit.failed', 'unit.stopping']);

/** @param target says which program moves which address */
export function holdsOf({before, events}: Pick<Collected, 'before' | 'events'>, target: Target): Holds {
	const all = [...before, ...events];
	const leader = leaderOf(all);
	return {
		vips: [...Map.groupBy(all, ({node}) => node)].flatMap(([node, own]) => vipsOn(node, own, target)),
		...(leader === undefined ? {} : {leader}),
	};
}

function vipsOn(node: string, events: readonly LogEvent[], target: Target): (Hold & {ip: string})[] {
	return vipsOf(target).flatMap(({address, manager}) => {
		const service = manager === 'other' ? 'keepalived' : manager;
		const own = events.filter(event => event.service === service || breaks.has(event.said.kind));
		const instances = new Set(
			own.flatMap(({said}) => (said.kind === 'vrrp.master' ? [said.object ?? ''] : [])),
		);
		let since: LogEvent | undefined;
		for (const event of own) {
			const {kind, object} = event.said;
			const isOther = kind.startsWith('vip.') && object?.replace(/\/.*$/, '') !== address;
			if (breaks.has(kind) || unitEnds.has(kind) || (vipGiven.has(kind) && !isOther)) {
				since = undefined;
			} else if (
				vipTaken.has(kind) &&
				!isOther &&
				// Which instance has the address, the lines of several do not say.
				(kind === 'vip.added' || instances.size === 1)
			) {
				since ??= event;
			}
		}

		return since === undefined ? [] : [{node, ip: address, at: since.at, uncertainMs: since.uncertainMs}];
	});
}

function leaderOf(events: readonly LogEvent[]): Hold | undefined {
	let since: LogEvent | undefined;
	for (const event of events) {
		const {kind} = event.said;
		const isOwn = since?.node === event.node;
		const ends =
			leaderGiven.has(kind) || breaks.has(kind) || (unitEnds.has(kind) && event.service === 'patroni');
		if (kind === 'patroni.promoted') {
			since = isOwn ? since : event;
		} else if (isOwn && ends) {
			since = undefined;
		}
	}

	return since === undefined ? undefined : {node: since.node, at: since.at, uncertainMs: since.uncertainMs};
}
