/** Outputs of `--once`, and what differs between two of them: whole outputs are compared in a few lines. */
import type {Event} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {SnapshotFormat} from '../../source/snapshot/format-names.ts';
import {formatSnapshot} from '../../source/snapshot/formats.ts';
import type {State} from '../../source/state/state.ts';

export function lost(...sources: readonly SourceId[]): Event[] {
	return sources.map(source => ({type: 'source.lost', source, reason: 'no route to host'}));
}

export async function print(state: State, format: SnapshotFormat): Promise<string> {
	return formatSnapshot(state, format, undefined);
}

/** What JSON has by its path, without findings and the time. */
export async function valuesOf(state: State): Promise<ReadonlyMap<string, string>> {
	return new Map(
		[...flat(JSON.parse(await print(state, 'json')))].filter(
			([path]) => !/^(at$|verdict|findings|lost)|^store\.beliefs.*\.at$/.test(path),
		),
	);
}

/** The samples of OpenMetrics by their series, without findings and the time. */
export async function samplesOf(state: State): Promise<ReadonlyMap<string, string>> {
	return new Map(
		(await print(state, 'openmetrics'))
			.split('\n')
			.filter(line => !/^(#|$|pgha_(finding|verdict|snapshot|source_lost))/.test(line))
			.map(line => [
				line.slice(0, line.lastIndexOf(' ')).replace('scope="postgres-cluster",', ''),
				line.slice(line.lastIndexOf(' ') + 1),
			]),
	);
}

/** A pane of the text, by the beginning of its title. */
export async function paneOf(state: State, title: string): Promise<string | undefined> {
	return (await print(state, 'text')).split('\n\n').find(pane => pane.startsWith(title));
}

/** The fields that identify an element of a list; without them its position does. */
const identifying = ['node', 'name', 'backend', 'server', 'unit', 'mount'];

/** Each value of a JSON document by its path: `members[pgdb1].state`. */
function flat(value: unknown, path = ''): ReadonlyMap<string, string> {
	if (typeof value !== 'object' || value === null) {
		return new Map([[path, JSON.stringify(value)]]);
	}

	const place = (name: string, one: unknown) =>
		Array.isArray(value) ? `${path}[${nameOf(one) || name}]` : path === '' ? name : `${path}.${name}`;
	return new Map(Object.entries(value).flatMap(([name, one]) => [...flat(one, place(name, one))]));
}

function nameOf(one: unknown): string {
	const fields = new Map(typeof one === 'object' && one !== null ? Object.entries(one) : []);
	return identifying.flatMap(field => fields.get(field) ?? []).join(' ');
}

/** `path: before → after` of each value that is not the same; a dash where there is none. */
export function changes(
	before: ReadonlyMap<string, string>,
	after: ReadonlyMap<string, string>,
): readonly string[] {
	return [...new Set([...before.keys(), ...after.keys()])]
		.filter(path => before.get(path) !== after.get(path))
		.map(path => `${path}: ${before.get(path) ?? '-'} → ${after.get(path) ?? '-'}`);
}
