/** How much of etcd is read: beyond that it is not what Patroni keeps there. */

/** Of keys whose values nobody asks for. */
export const mostNames = 10_000;
/** A scope has some ten keys, and one for each member. */
export const mostKeys = 2000;
/** Bytes: Patroni's keys and the member list are some tens of KiB. */
export const answerMaxBytes = 16 * 1024 * 1024;

/** @throws where there are more keys than are read: the rest of them was not asked for */
export function checkKeys(count: number, prefix: string): void {
	if (count > mostKeys) {
		throw new Error(`more than ${mostKeys} keys below ${prefix}`);
	}
}
