/** Findings on what a change of leader has cost; each stays until an operator has acknowledged it. */
import {clockMs, lsn} from '../../../lib/format.ts';
import type {LeaderChange} from '../../cluster/loss.ts';
import {describeLoss, isHistoryLate, nameOfChange} from '../../cluster/loss-text.ts';
import type {FindingId} from '../advice.ts';
import type {FindingContext} from '../context.ts';
import type {Evidence, Finding, Severity} from '../finding.ts';

export function lossFindings({cluster, now}: FindingContext): Finding[] {
	return (cluster.leaders?.changes ?? []).flatMap(change => findingOf(change, now));
}

/** The change that a finding is about; undefined for other findings. */
export function changeOfFinding({id, part}: Pick<Finding, 'id' | 'part'>): number | undefined {
	return id.startsWith('wal.') && part !== undefined ? Number(part) : undefined;
}

function findingOf(change: LeaderChange, now: number): Finding[] {
	const found = kindOf(change, now);
	return found === undefined || change.acknowledged !== undefined
		? []
		: [
				{
					...found,
					text: `${nameOfChange(change)}: ${describeLoss(change, now)}`,
					part: String(change.id),
					since: change.at,
					evidence: evidenceOf(change, now),
				},
			];
}

function kindOf(change: LeaderChange, now: number): {id: FindingId; severity: Severity} | undefined {
	const {loss} = change;
	switch (loss?.kind) {
		case 'lost': {
			return {id: 'wal.lost', severity: 'critical'};
		}

		case 'at-most': {
			return {id: 'wal.at-most', severity: 'degraded'};
		}

		case 'unknown': {
			return {id: 'wal.unknown', severity: loss.beyond === undefined ? 'notice' : 'degraded'};
		}

		case 'nothing': {
			return undefined;
		}

		case undefined: {
			return isHistoryLate(change, now) ? {id: 'wal.unknown', severity: 'notice'} : undefined;
		}
	}
}

/** What was seen then does not become old. */
function evidenceOf({from, to, fork, servers, at}: LeaderChange, now: number): Evidence[] {
	const quote = (text: string, seenAt: number): Evidence => ({
		text,
		source: undefined,
		at: seenAt,
		fresh: true,
	});
	const last = servers
		.flatMap(({writes}) => writes)
		.toSorted((a, b) => a.location - b.location)
		.at(-1);
	const position = from.positions.at(-1);
	return [
		quote(`leader key: ${from.leader} → ${to}`, at),
		...(fork?.kind === 'line'
			? [quote(`history: timeline ${from.timeline} ended at ${lsn(fork.location)}`, at)]
			: fork?.kind === 'left'
				? [quote(`the timeline of ${to} does not descend from timeline ${from.timeline}`, at)]
				: []),
		...(last === undefined
			? []
			: [
					quote(
						`the last write at ${from.leader} was at ${lsn(last.location)}, acknowledged ${clockMs(last.at, now)}`,
						last.at,
					),
				]),
		...(position === undefined
			? []
			: [quote(`${from.leader} had written up to ${lsn(position.location)}`, position.at)]),
	];
}
