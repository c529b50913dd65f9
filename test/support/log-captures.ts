/** Journals of real incidents, by `tools/log-incidents/cli.ts`, as the console reads them. */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {serviceIds} from '../../source/domain/cluster/services.ts';
import {JournalReader} from '../../source/domain/logs/journal.ts';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';

const folder = path.join(import.meta.dirname, '../captures/logs');

export type CapturedJournal = {suite: string; incident: string; node: string; lines: LogLine[]};

/** As without any configuration of units. */
const names: ReadonlyMap<string, string> = new Map(serviceIds.map(name => [`${name}.service`, name]));

export function readLogCaptures(): CapturedJournal[] {
	return readdirSync(folder, {withFileTypes: true})
		.filter(entry => entry.isDirectory())
		.flatMap(({name: suite}) =>
			readdirSync(path.join(folder, suite)).flatMap(incident =>
				readdirSync(path.join(folder, suite, incident)).map(file => ({
					suite,
					incident,
					node: path.basename(file, '.json.gz'),
					lines: linesOf(path.join(folder, suite, incident, file)),
				})),
			),
		);
}

function linesOf(file: string): LogLine[] {
	const node = path.basename(file, '.json.gz');
	const reader = new JournalReader(node, {correction: 0, zone: 0}, names);
	return gunzipSync(readFileSync(file))
		.toString()
		.split('\n')
		.filter(Boolean)
		.map(json => {
			const read = reader.read(json);
			if (read === undefined) {
				throw new Error(`${file}: not an entry of a journal: ${json}`);
			}

			return read.line;
		});
}
