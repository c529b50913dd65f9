/** One snapshot of the state in each format: sanitized, without secrets. */
import {sanitize, sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import type {State} from '../state/state.ts';
import type {SnapshotFormat} from './format-names.ts';
import {snapshotJson} from './json.ts';
import type {Snapshot} from './schema.ts';
import {snapshotText} from './text.ts';

/** @param width of the terminal; undefined: lines are not wrapped */
export async function formatSnapshot(
	state: State,
	format: SnapshotFormat,
	width: number | undefined,
): Promise<string> {
	if (format === 'text') {
		return withoutKnownSecrets(await snapshotText(state, width));
	}

	const snapshot = safeSnapshot(state);
	switch (format) {
		case 'json': {
			return `${JSON.stringify(snapshot, undefined, 2)}\n`;
		}

		case 'yaml': {
			return yamlText(snapshot);
		}

		case 'tsv': {
			return (await import('./tsv.ts')).snapshotTsv(snapshot);
		}

		case 'nagios': {
			return (await import('./nagios.ts')).snapshotNagios(snapshot);
		}

		case 'openmetrics': {
			return (await import('./openmetrics.ts')).snapshotOpenmetrics(snapshot);
		}

		default: {
			return format satisfies never;
		}
	}
}

export function safeSnapshot(state: State): Snapshot {
	return sanitizeJson(snapshotJson(state), text => sanitize(withoutKnownSecrets(text))) as Snapshot;
}

export async function yamlText(value: unknown): Promise<string> {
	const {stringify} = await import('yaml');
	// Quoted texts are texts to every parser, of YAML 1.1, too.
	return stringify(value, {
		version: '1.1',
		defaultKeyType: 'PLAIN',
		defaultStringType: 'QUOTE_DOUBLE',
		lineWidth: 0,
	});
}
