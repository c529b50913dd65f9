/** Where drills are kept, to be compared with: read before one, written after it. */
import path from 'node:path';
import {figuresOf} from '../domain/drill/history.ts';
import type {DrillKind, EarlierDrills} from '../domain/drill/types.ts';
import {auditFile, whoIsThere} from '../effects/audit-log.ts';
import type {Ended} from './outcome.ts';
import {earlierIn, keepDrill, pastDrills} from './past.ts';

export function drillsFile(): string {
	return path.join(path.dirname(auditFile()), 'drills.ndjson');
}

export async function earlierDrills(
	scope: string,
	kind: DrillKind,
): Promise<{earlier: EarlierDrills; unreadable: number}> {
	const {drills, unreadable} = await pastDrills(drillsFile());
	return {earlier: earlierIn(drills, {scope, kind}), unreadable};
}

/** One that did not even begin is not kept. */
export async function saveDrill(
	{result, drill, measures}: Ended,
	{scope, recording, reason}: {scope: string; recording: string; reason: string | undefined},
): Promise<void> {
	if (drill !== undefined) {
		await keepDrill(drillsFile(), {
			version: 1,
			at: new Date().toISOString(),
			scope,
			kind: drill.kind,
			target: drill.target,
			goal: drill.goal ?? null,
			...(drill.goals === undefined ? {} : {goals: drill.goals}),
			result,
			reason: reason ?? null,
			user: whoIsThere().user,
			recording: path.resolve(recording),
			measures: figuresOf(measures),
		});
	}
}
