/** Who could change a file or a folder, other than this user and root: as OpenSSH checks its own files. */
import {statSync} from 'node:fs';

export type Owned = {uid: number; gid: number; mode: number};

/** `owner`: it belongs to another user; `writers`: others may write. */
export type Stranger = 'owner' | 'writers';

/** The user that this process runs as; undefined where there are none, as on Windows. */
export const user: number | undefined = process.geteuid?.();

/**
 * Undefined if only this user and root can change it. The sticky bit, with which others create files in a folder and
 * rename only their own, is left to the caller.
 * @param trusted other users that may
 */
export function strangerOf({uid, gid, mode}: Owned, trusted: readonly number[] = []): Stranger | undefined {
	if (user === undefined) {
		return undefined;
	}

	// Where root has no number of this user namespace, the owner of / is as mighty.
	if (![0, user, statSync('/').uid, ...trusted].includes(uid)) {
		return 'owner';
	}

	// A group of its owner alone has the owner's number.
	return (mode & (gid === uid ? 0o002 : 0o022)) === 0 ? undefined : 'writers';
}

export function isSticky({mode}: Owned): boolean {
	return (mode & 0o1000) !== 0;
}
