/** How much of etcd is read: beyond that it is not what Patroni keeps there. */

/** Of keys whose values are not read. */
export const namesMax = 10_000;
/** A scope has some ten keys, and one for each member. */
export const keysMax = 2000;
/** Bytes: Patroni's keys and the member list are some tens of KiB. */
export const answerMaxBytes = 16 * 1024 * 1024;

/** etcd advises seven; learners come on top. */
export const membersMax = 100;
/** Three kinds of alarm there are. */
const alarmsMax = 3 * membersMax;

/** More than is ever asked for: it is not read in part, since that would be shown as the whole. */
export class TooMany extends Error {
	override name = 'TooMany';
}

/** @throws TooMany */
export function checkMembers(members: readonly unknown[], alarms: readonly unknown[]): void {
	if (members.length > membersMax) {
		throw new TooMany(`etcd names more than ${membersMax} members`);
	}

	if (alarms.length > alarmsMax) {
		throw new TooMany(`etcd reports more than ${alarmsMax} alarms`);
	}
}

/** @throws where there are more keys than are read: the rest of them was not asked for */
export function checkKeys(count: number, prefix: string): void {
	if (count > keysMax) {
		throw new Error(`more than ${keysMax} keys below ${prefix}`);
	}
}
