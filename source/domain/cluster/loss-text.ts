/** What a change of leader has cost, in words: for the timeline, findings, drills and reports. */
import {bytes, clockMs} from '../../lib/format.ts';
import type {LeaderChange, Loss, Proof} from './loss.ts';

/** How long `history` may take before its absence is reported, ms. */
export const historyWaitMs = 60_000;

/** `pgdb1 → pgdb2`. */
export function nameOfChange({from, to}: Pick<LeaderChange, 'from' | 'to'>): string {
	return `${from.leader} → ${to}`;
}

/** @param now the day of times is left out if it is this one's, Unix ms */
export function describeLoss(change: LeaderChange, now: number): string {
	const {loss, from} = change;
	switch (loss?.kind) {
		case 'nothing': {
			return `nothing acknowledged is lost: ${proofText(loss.proof, change)}`;
		}

		case 'at-most': {
			return `at most ${bytes(loss.bytes)} of WAL lost`;
		}

		case 'lost': {
			const from = clockMs(loss.from, now);
			const first =
				loss.since === undefined ? `at ${from} or before` : `between ${clockMs(loss.since, now)} and ${from}`;
			const size =
				loss.bytes === undefined ? '' : `, ${loss.isAll ? '' : 'at least '}${bytes(loss.bytes)} of WAL`;
			return `acknowledged writes are lost, the first ${first}, the last at ${clockMs(loss.to, now)} or later${size}`;
		}

		case 'unknown': {
			return `not known what was lost: ${whyUnknown(loss, change)}${limits(loss, change, now)}`;
		}

		case undefined: {
			return `not known yet what was lost: \`history\` has no end of timeline ${from.timeline}`;
		}
	}
}

function proofText(proof: Proof, {from, to}: LeaderChange): string {
	switch (proof) {
		case 'sync': {
			const ifSo = from.synchronousCommit === undefined ? ', if commits waited for it' : '';
			return `${to} was a synchronous standby${ifSo}`;
		}

		case 'stop': {
			return `${from.leader} was shut down, and ${to} has all of its WAL`;
		}

		case 'own': {
			return `${from.leader} led again with all of its WAL`;
		}
	}
}

function whyUnknown({why}: Loss & {kind: 'unknown'}, {from, to, fork}: LeaderChange): string {
	return why === 'timeline'
		? `the timeline of ${from.leader} was not seen`
		: fork?.kind === 'left'
			? `the timeline of ${to} does not descend from timeline ${from.timeline} of ${from.leader}`
			: from.synchronousCommit === 'off'
				? `commits on ${from.leader} did not wait for its disk (synchronous_commit is off)`
				: fork?.kind === 'own'
					? `${from.leader} began its next timeline before the end of what it had written`
					: `${from.leader} does not say where its WAL ended`;
}

function limits({beyond, since}: Loss & {kind: 'unknown'}, {from}: LeaderChange, now: number): string {
	return [
		...(beyond === undefined ? [] : [`; at least ${bytes(beyond)} that ${from.leader} had written are gone`]),
		...(since === undefined ? [] : [`; all acknowledged before ${clockMs(since, now)} is there`]),
	].join('');
}

/** Whether it is still not known what was lost, after `history` should have shown it. */
export function isHistoryLate({loss, at}: LeaderChange, now: number): boolean {
	return loss === undefined && now - at > historyWaitMs;
}
