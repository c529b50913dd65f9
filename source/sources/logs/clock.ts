/** A node's clock beside the session's time, over SSH. */
import {SshError} from '../../connections/ssh/prompts.ts';
import type {Ssh} from '../../connections/ssh/ssh.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import {clockCommand} from './command.ts';

/** `offset`: how far it is ahead, ms, ± `uncertainMs`; `zone`: of its local time from UTC, minutes. */
export type AskedClock = {offset: number; zone: number; user: string; uncertainMs: number};

/**
 * The lead of the node's clock over the session's time (ms), its zone, and the login's user. The fastest of three
 * answers is the most exact.
 */
export async function askClock(ssh: Ssh, host: string): Promise<AskedClock> {
	const answers: {offset: number; took: number; zone: number; user: string}[] = [];
	for (let round = 0; round < 3; round++) {
		const began = sessionClock.now();
		const text = await ssh.run(host, clockCommand);
		const ended = sessionClock.now();
		const match = /^(\d+)(?:\.(\d{1,9})\d*)? ([+-])(\d\d)(\d\d)\n(\S+)/.exec(text);
		if (!match) {
			throw new SshError('unexpected output of "date"');
		}

		const [, seconds, fraction = '', sign, hours, minutes, user = ''] = match;
		const theirs = Number(seconds) * 1000 + Number(`0.${fraction || '0'}`) * 1000;
		answers.push({
			offset: theirs - (began + ended) / 2,
			took: ended - began,
			zone: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)),
			user: sanitize(user),
		});
	}

	const [quickest] = answers.sort((a, b) => a.took - b.took);
	if (quickest === undefined) {
		return {offset: 0, zone: 0, user: '', uncertainMs: 0};
	}

	// The node read its clock between request and answer: an offset below half of that time counts as none.
	const {offset, took, zone, user} = quickest;
	return {offset: Math.abs(offset) <= took / 2 ? 0 : offset, zone, user, uncertainMs: took / 2};
}
