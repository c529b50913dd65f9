/** The history of drills: one JSON line per drill, appended, never rewritten. */
import {appendFile, mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type {EarlierDrills} from '../domain/drill/types.ts';
import {type DrillKind, drillKinds, goalIds} from '../domain/drill/types.ts';
import {figuresOf, summarizeEarlier} from '../domain/drill/verdict.ts';
import {whoIsThere} from '../effects/audit-log.ts';
import {isMissing} from '../lib/faults.ts';
import {stateFolder} from '../lib/files.ts';
import type {DrillEnd} from './runner.ts';

const figure = z.number().nullable();

const pastDrill = z.object({
	version: z.literal(1),
	at: z.string(),
	scope: z.string(),
	kind: z.enum(drillKinds),
	target: z.string(),
	goal: figure,
	/** Goals of the other measures; missing in lines of old versions. */
	goals: z.partialRecord(z.enum(goalIds), z.number()).optional(),
	result: z.string(),
	reason: z.string().nullable(),
	user: z.string(),
	recording: z.string(),
	/** ms; `lost` counts writes, `wal` bytes; the latter is missing in lines of old versions. */
	measures: z.object({
		writes: figure,
		leaderless: figure,
		leader: figure,
		vip: figure,
		redundancy: figure,
		lost: figure,
		wal: figure.default(null),
	}),
});

export type PastDrill = z.infer<typeof pastDrill>;

/** Earlier completed drills of the same cluster and kind; aborted ones are not comparable. */
export function compareWith(
	drills: readonly PastDrill[],
	{scope, kind}: Pick<PastDrill, 'scope' | 'kind'>,
): EarlierDrills {
	const same = drills.filter(
		one => one.scope === scope && one.kind === kind && ['met', 'not met'].includes(one.result),
	);
	return summarizeEarlier(
		same.map(({measures, goal, goals}) => ({
			measures,
			goals: {...(goal === null ? {} : {writes: goal}), ...goals},
		})),
	);
}

/** Oldest first; unreadable lines are counted. */
export async function readDrills(file: string): Promise<{drills: readonly PastDrill[]; unreadable: number}> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		if (isMissing(error)) {
			return {drills: [], unreadable: 0};
		}

		throw error;
	}

	const lines = text.split('\n').filter(Boolean).map(parseLine);
	const drills = lines.filter(one => one !== undefined);
	return {drills, unreadable: lines.length - drills.length};
}

export async function appendDrill(file: string, drill: PastDrill): Promise<void> {
	await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
	await appendFile(file, `${JSON.stringify(drill)}\n`, {mode: 0o600, flush: true});
}

function parseLine(line: string): PastDrill | undefined {
	try {
		return pastDrill.safeParse(JSON.parse(line)).data;
	} catch {
		// A truncated or edited line; the caller reports the count.
		return undefined;
	}
}

export function drillsFile(): string {
	return path.join(stateFolder(), 'drills.ndjson');
}

export async function readEarlierDrills(
	scope: string,
	kind: DrillKind,
): Promise<{earlier: EarlierDrills; unreadable: number}> {
	const {drills, unreadable} = await readDrills(drillsFile());
	return {earlier: compareWith(drills, {scope, kind}), unreadable};
}

export async function saveDrill(
	{result, drill, measures}: DrillEnd,
	{scope, recording, reason}: {scope: string; recording: string; reason: string},
): Promise<void> {
	await appendDrill(drillsFile(), {
		version: 1,
		at: new Date().toISOString(),
		scope,
		kind: drill.kind,
		target: drill.target,
		goal: drill.goal ?? null,
		...(drill.goals === undefined ? {} : {goals: drill.goals}),
		result,
		reason: reason === '' ? null : reason,
		user: whoIsThere().user,
		recording: path.resolve(recording),
		measures: figuresOf(measures),
	});
}
