/** Reads a recording into a report, and writes it as Markdown, a page or JSON. */
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Goals} from '../domain/drill/types.ts';
import {errnoWords} from '../lib/errno.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import {RecordingError} from '../recording/format.ts';
import {openRecording} from '../recording/read/open.ts';
import {buildReport} from './build.ts';
import type {Report} from './schema.ts';

export const formats = ['md', 'html', 'json'] as const;

export type Format = (typeof formats)[number];

/** Overwrites nothing. @throws RecordingError */
export async function writeReport(file: string, text: string): Promise<void> {
	try {
		// It has a cluster's addresses and incidents: only its owner may read it.
		await writeFile(file, text, {mode: 0o600, flag: 'wx'});
	} catch (error) {
		throw new RecordingError(`${file}: ${errnoWords(error)}`);
	}
}

/** @throws RecordingError where not even its beginning can be read */
export async function readReport(file: string, goals: Goals = {}): Promise<Report> {
	const recording = await openRecording(file);
	try {
		const {header, cutShort, endedAt, events, places} = recording;
		return buildReport({
			file: path.basename(file),
			header,
			cutShort,
			endedAt,
			events,
			first: places.length === 0 ? undefined : recording.segment(0).state,
			moments: recording.replay(),
			goals,
		});
	} finally {
		recording.close();
	}
}

export async function textOf(report: Report, format: Format): Promise<string> {
	// A recording may have been made before a kind of secret was known.
	const safe = sanitizeJson(report, redact) as Report;
	switch (format) {
		case 'md': {
			const {markdownOf} = await import('./markdown.ts');
			return markdownOf(safe);
		}

		case 'html': {
			const {htmlOf} = await import('./html.tsx');
			return htmlOf(safe);
		}

		case 'json': {
			return `${JSON.stringify(safe, undefined, 2)}\n`;
		}
	}
}
