/** A session that is recorded as the runtime does it, with each of its states. */
import type {Event, Stamped} from '../../source/domain/events.ts';
import {formatVersion, type Header} from '../../source/recording/schema.ts';
import {Recorder} from '../../source/recording/write/recorder.ts';
import type {State} from '../../source/state/state.ts';
import {update} from '../../source/state/update.ts';
import type {Happening} from './random-events.ts';
import {start, target} from './session.ts';

export function header(changed: Partial<Header> = {}): Header {
	return {
		recording: 'pgha-top',
		version: formatVersion,
		program: '0.1.0',
		startedAt: start,
		timeZone: 'UTC',
		scope: target.scope,
		target,
		config: 'scope: postgres-cluster\n',
		versions: {node: process.version, patroni: [], postgresql: [], etcd: []},
		who: {user: 'dba', host: 'ops'},
		reason: undefined,
		logs: false,
		...changed,
	};
}

export type Live = {before: State; stamped: Stamped; after: State};

/** The events of a console, one after the other. */
export function* live(first: State, storm: readonly Happening[], from = start): Generator<Live> {
	let state = first;
	let now = from;
	let revision = 100_000;
	for (const {seconds, event: make} of storm) {
		now += seconds * 1000 + 10;
		revision++;
		const stamped = {at: now, event: make(state, revision)};
		const before = state;
		[state] = update(before, stamped);
		yield {before, stamped, after: state};
	}
}

/** Records these moments in the file; resolves when it is closed. */
export async function record(
	file: string,
	moments: readonly Live[],
	changed: Partial<Header> = {},
): Promise<void> {
	const recorder = await Recorder.begin({
		file,
		header: header(changed),
		onLost(reason) {
			throw new Error(reason);
		},
	});
	for (const {stamped, before} of moments) {
		recorder.take(stamped, before);
	}

	const last = moments.at(-1)?.after;
	if (last !== undefined) {
		await recorder.stop(last);
	}
}

export const happening = (event: Event, seconds = 0): Happening => ({seconds, event: () => event});
