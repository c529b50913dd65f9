/** The names of Patroni's members, which need not be those of their nodes. Pure. */
import type {LogEvent} from './said.ts';

/** `no action. I am (pgdb1), …`, `Lock owner: pgdb2; I am pgdb1` */
const ownName = /\bI am \(?(?<name>[^()'" ,;]{1,255})/;

/** The member that Patroni's line names as itself; undefined: none. */
export function ownMember({service, text, said}: LogEvent): string | undefined {
	const isLoop =
		said.kind === 'patroni.leads' || said.kind === 'patroni.follows' || said.kind === 'patroni.lock-owner';
	return service === 'patroni' && isLoop ? ownName.exec(text)?.groups?.name : undefined;
}

/** The node of each member, by what the members say of themselves. */
export function nodesOfMembers(events: readonly LogEvent[]): ReadonlyMap<string, string> {
	return new Map(
		events.flatMap(event => {
			const member = ownMember(event);
			return member === undefined ? [] : [[member, event.node] as const];
		}),
	);
}
