/** Limits for etcd's answers, above all that Patroni stores. */

/** Keys of which only the names are read. */
export const namesMax = 10_000;
/** Keys per scope: Patroni has some ten, and one per member. */
export const keysMax = 2000;
/** Bytes; Patroni's keys and the member list have some tens of KiB. */
export const answerMaxBytes = 16 * 1024 * 1024;

/**
 * Changes in one message of a watch, and between two reads, two seconds apart: Patroni writes a few keys a second. Beyond the limit
 * the keys are read again.
 */
const changesMax = 5000;

/** etcd recommends at most seven voting members; learners come on top. */
export const membersMax = 100;
/** etcd has three types of alarms. */
const alarmsMax = 3 * membersMax;

/** Over a limit nothing is read, since a part would appear as the whole. */
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

/** @throws TooMany */
export function checkKeys(count: number, prefix: string): void {
	if (count > keysMax) {
		throw new TooMany(`etcd has more than ${keysMax} keys below ${prefix}`);
	}
}

/** @throws TooMany */
export function checkChanges(count: number): void {
	if (count > changesMax) {
		throw new TooMany(`the watch reports more than ${changesMax} changes at once`);
	}
}
