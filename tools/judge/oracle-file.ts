/** Reads the files of the oracle and of chaos; errors name the line. */
import {readFileSync} from 'node:fs';
import {constants, gunzipSync} from 'node:zlib';
import type {ChaosHeader, ChaosLine} from '../../lab/chaos/log.ts';
import {type Header, type Look, oracleVersion} from '../../lab/oracle/look.ts';

/** A file is invalid: the error, and its line. */
export class InputError extends Error {
	override name = 'InputError';
}

export type Oracle = {header: Header; looks: readonly Look[]};
export type Chaos = {header: ChaosHeader; lines: readonly ChaosLine[]};

export function readOracle(file: string): Oracle {
	const [header, ...looks] = readLines(file);
	if (!isRecord(header) || header.oracle === undefined) {
		throw new InputError(
			`${file}, line 1: not the header of an oracle's file; npm run lab -- oracle writes one`,
		);
	}

	if (header.oracle !== oracleVersion) {
		throw new InputError(
			`${file}, line 1: version ${String(header.oracle)}; this judge reads ${oracleVersion}`,
		);
	}

	for (const [index, look] of looks.entries()) {
		if (!isRecord(look) || typeof look.node !== 'string' || typeof look.at !== 'number') {
			throw new InputError(`${file}, line ${index + 2}: not a look: it has no node and time`);
		}
	}

	return {header: header as Header, looks: looks as Look[]};
}

export function readChaos(file: string): Chaos {
	const [header, ...lines] = readLines(file);
	if (!isRecord(header) || header.chaos === undefined) {
		throw new InputError(
			`${file}, line 1: not the header of faults; npm run lab -- chaos --record writes them`,
		);
	}

	return {header: header as ChaosHeader, lines: lines as ChaosLine[]};
}

function readLines(file: string): unknown[] {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
		// A file that is still being written or was truncated is read up to its end.
		if (bytes[0] === 0x1f && bytes[1] === 0x8b)
			bytes = gunzipSync(bytes, {finishFlush: constants.Z_SYNC_FLUSH});
	} catch (error) {
		throw new InputError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
	}

	// The last line may be incomplete.
	const lines = bytes.toString().split('\n').slice(0, -1);
	return lines.map((line, index) => {
		try {
			return JSON.parse(line);
		} catch {
			throw new InputError(`${file}, line ${index + 1}: invalid JSON`);
		}
	});
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
