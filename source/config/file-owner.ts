/**
 * Refuses settings of pgha-top that another user could change, as ssh refuses its own: they name files for `ssh -F`, which runs
 * commands, and hosts that get passwords.
 */
import {type Stats, statSync} from 'node:fs';
import path from 'node:path';
import {isSticky, strangerOf, user} from '../lib/owner.ts';
import type {Environment} from './environment.ts';
import {ConfigError} from './origin.ts';

/**
 * @param fix what else than another owner helps
 * @throws ConfigError
 */
export function checkOwner(file: string, {SUDO_UID: caller}: Environment, fix: string): void {
	// With sudo that keeps HOME, the files are those of the user who called it, who may do all that root may.
	const trusted = user === 0 && caller ? [Number(caller)] : [];
	for (const place of [path.dirname(file), file]) {
		const stat = statOf(place);
		const stranger = stat && strangerOf(stat, trusted);
		if (stat === undefined || stranger === undefined || (stranger === 'writers' && isSticky(stat))) {
			continue;
		}

		throw new ConfigError(
			stranger === 'owner'
				? `${place}: belongs to user ${stat.uid}, who could change the settings of pgha-top: chown it to root or to yourself${fix}`
				: `${place}: others could change the settings of pgha-top: chmod go-w ${place}${fix}`,
		);
	}
}

/** Undefined where there is nothing, or nothing that may be seen: reading it reports the reason. */
function statOf(place: string): Stats | undefined {
	try {
		return statSync(place);
	} catch {
		return undefined;
	}
}
