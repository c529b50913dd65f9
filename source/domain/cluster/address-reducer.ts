/** A node's addresses after an event: since when each is there, and which it had before. */
import type {Event} from '../events.ts';
import type {Address} from '../facts.ts';
import type {Cluster, KnownAddress, KnownAddresses} from './cluster.ts';
import {latenessOf} from './freshness.ts';

type AddressEvent = Event & {type: `addresses.${'snapshot' | 'added' | 'removed'}`};

export function foldAddresses(before: Cluster, event: AddressEvent, at: number): KnownAddresses {
	const known = before.addresses.get(event.node);
	const value = addressesAfter(before, event, at);
	const former = formerOf(known, value, at);
	return {
		value,
		at: at - latenessOf(event),
		source: event.source,
		...(former.length === 0 ? {} : {former}),
	};
}

function addressesAfter(before: Cluster, event: AddressEvent, at: number): readonly KnownAddress[] {
	const known = before.addresses.get(event.node)?.value ?? [];
	const same = (a: Address) => (b: Address) => a.ip === b.ip && a.interface === b.interface;
	switch (event.type) {
		case 'addresses.added': {
			return known.some(same(event.address)) ? known : [...known, {...event.address, since: at, live: true}];
		}

		case 'addresses.removed': {
			return known.filter(address => !same(event.address)(address));
		}

		case 'addresses.snapshot': {
			// After a gap in the watch an address may have left and returned, so its `since` starts again, as "at
			// least".
			const unbroken = before.sourceStatuses.get(event.source)?.state === 'seen';
			return event.addresses.map(
				address =>
					(unbroken ? known.find(same(address)) : undefined) ?? {...address, since: at, live: unbroken},
			);
		}
	}
}

/** Limit of former addresses for each node; on a node with many containers the latest are kept. */
const formerMax = 100;

function formerOf(
	before: KnownAddresses | undefined,
	now: readonly KnownAddress[],
	at: number,
): NonNullable<KnownAddresses['former']> {
	const has = new Set(now.map(({ip}) => ip));
	const left = (before?.value ?? []).flatMap(({ip}) => (has.has(ip) ? [] : [{ip, at}]));
	const former = before?.former ?? [];
	return left.length === 0
		? former
		: [...former.filter(({ip}) => !left.some(one => one.ip === ip)), ...left].slice(-formerMax);
}
