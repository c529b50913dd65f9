/** Limits of what is read from etcd: Patroni keeps less there. */

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

/** Over a limit nothing is read: a part would be shown as the whole. */
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

/** @throws if there are more keys than the limit of the request */
export function checkKeys(count: number, prefix: string): void {
	if (count > keysMax) {
		throw new Error(`more than ${keysMax} keys below ${prefix}`);
	}
}
