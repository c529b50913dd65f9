/** The files of a watch: their names, in order, and the description of the watch beside them. */
import {chmodSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type {ClusterIdentity} from '../domain/target.ts';
import {errnoWords, isMissing} from '../lib/faults.ts';
import {readFileText} from '../lib/files.ts';
import {RecordingError} from './schema.ts';

/** `000042-20261127T114100Z.ndjson.gz`: in order also after the clock was set back. */
const fileName = /^(\d{6,})-\d{8}T\d{6}Z\.ndjson\.gz$/;

export type NumberedFile = {name: string; number: number};

/** In the order in which they were written; none if there is no folder. @throws system errors */
export function watchFiles(folder: string): NumberedFile[] {
	let names: string[];
	try {
		names = readdirSync(folder);
	} catch (error) {
		if (isMissing(error)) {
			return [];
		}

		throw error;
	}

	return names
		.flatMap(name => {
			const number = fileName.exec(name)?.[1];
			return number === undefined ? [] : [{name, number: Number(number)}];
		})
		.sort((a, b) => a.number - b.number);
}

/** The name of the file after all that the folder has. */
export function nextFile(folder: string, now: number): string {
	const number = (watchFiles(folder).at(-1)?.number ?? 0) + 1;
	const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
	return `${String(number).padStart(6, '0')}-${time}.ndjson.gz`;
}

export type WatchDescription = {
	version: 1;
	program: string;
	pid: number;
	cluster: ClusterIdentity;
	/** Unix ms. */
	startedAt: number;
	/** Set by an orderly end. */
	ended: {at: number; why: string} | null;
};

const description = z.object({
	version: z.literal(1),
	program: z.string(),
	pid: z.number(),
	cluster: z.object({
		scope: z.string(),
		namespace: z.string(),
		group: z.number().nullable(),
		addresses: z.array(z.string()),
	}),
	startedAt: z.number(),
	ended: z.object({at: z.number(), why: z.string()}).nullable(),
});

const descriptionName = 'watch.json';

/** Undefined where there is none, or one that cannot be understood. @throws system errors other than a missing file */
export function readDescription(folder: string): WatchDescription | undefined {
	let text: string;
	try {
		text = readFileText(path.join(folder, descriptionName));
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}

		throw error;
	}

	try {
		return description.safeParse(JSON.parse(text)).data;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}

		throw error;
	}
}

/** Who may read what a watch records. */
export type WatchModes = {folder: number; file: number};

export const privateModes: WatchModes = {folder: 0o700, file: 0o600};
/** For the group of the service's user. */
export const groupModes: WatchModes = {folder: 0o750, file: 0o640};

/** A reader sees the former one, or all of the new one. @throws RecordingError */
export function writeDescription(folder: string, content: WatchDescription, {file: mode}: WatchModes): void {
	const file = path.join(folder, descriptionName);
	try {
		writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, {mode});
		renameSync(`${file}.new`, file);
	} catch (error) {
		throw new RecordingError(`${file}: ${errnoWords(error)}`);
	}
}

/** @throws RecordingError if it cannot be made, or nothing can be written there */
export function makeWatchFolder(folder: string, {folder: mode}: WatchModes): void {
	try {
		mkdirSync(path.dirname(folder), {recursive: true, mode});
		mkdirSync(folder, {recursive: true, mode});
		if ((statSync(folder).mode & 0o777) !== mode) {
			chmodSync(folder, mode);
		}
	} catch (error) {
		throw new RecordingError(`${folder}: ${errnoWords(error)}`);
	}
}
