/** Cuts a small recording around each verdict, which replays like any other. */
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {Recording} from '../../source/recording/read/reader.ts';
import {Recorder} from '../../source/recording/write/recorder.ts';
import type {State} from '../../source/state/state.ts';
import type {Verdict} from './compare.ts';
import {oracleTime} from './judge.ts';

/** ms before the verdict's begin, and after its end. */
const beforeMs = 20_000;
const afterMs = 10_000;

type Cut = {file: string; from: number; to: number; reason: string};

/** @returns the files, one per verdict */
export async function cut(
	recording: Recording,
	verdicts: readonly Verdict[],
	folder: string,
): Promise<string[]> {
	await mkdir(folder, {recursive: true});
	const cuts = verdicts.map(
		({kind, subject, from, to, changedAt}, index): Cut => ({
			file: path.join(
				folder,
				`${String(index + 1).padStart(3, '0')}-${kind.replace(' ', '-')}-${subject.replaceAll(/[^\w.-]+/g, '_')}.ndjson.gz`,
			),
			from: Math.min(from, changedAt ?? from) - beforeMs,
			to: Math.min(to, from + 60_000) + afterMs,
			reason: `${kind}: ${subject}`,
		}),
	);
	const open = new Map<Cut, {recorder: Recorder; last: State}>();
	const timeOf = oracleTime();
	for (const {stamped, before, after} of recording.replay()) {
		const at = timeOf(stamped);
		for (const one of cuts) {
			if (at < one.from || at > one.to) continue;
			let writing = open.get(one);
			if (writing === undefined) {
				writing = {recorder: await begin(recording, one), last: before};
				open.set(one, writing);
			}

			writing.recorder.take(stamped, before);
			writing.last = after;
		}

		for (const [one, {recorder, last}] of open) {
			if (at <= one.to) continue;
			open.delete(one);
			await recorder.stop(last);
		}
	}

	for (const {recorder, last} of open.values()) await recorder.stop(last);
	return cuts.map(({file}) => file);
}

async function begin({header}: Recording, {file, from, reason}: Cut): Promise<Recorder> {
	return Recorder.begin({
		file,
		header: {...header, startedAt: from, reason},
		onLost(why) {
			throw new Error(`${file}: ${why}`);
		},
	});
}
