/** Runs inputs and sessions from a seed, and shrinks each failure within a budget. */
import {isFault} from '../../source/lib/faults.ts';
import {storyOf} from './happenings.ts';
import {Broken} from './laws.ts';
import {bounds, type Cost, isOver, leastCostOf} from './measure.ts';
import {mutate} from './mutators.ts';
import type {Parser} from './parser.ts';
import {parsers} from './parsers.ts';
import {Random} from './random.ts';
import {type FrameOf, type Played, play} from './session.ts';
import {shrink} from './shrink.ts';

export type Options = {
	seed: number;
	/** Number of parser inputs. */
	inputs: number;
	/** Minimum number of events in sessions. */
	events: number;
	frameOf: FrameOf;
	/** Called with each failure when it is found. */
	onFailure?: (failure: Failure) => void;
	onProgress?: (totals: Totals) => void;
};

export type Failure = {
	/** `input:17` or `session:3`, which replays it together with the seed. */
	at: string;
	/** Name of the parser, or `session`. */
	of: string;
	/** Mutators that were applied to a valid input. */
	kinds: readonly string[];
	/** The shrunk input as a JSON string, or its events as JSON lines. */
	input: string;
	error: Error;
};

export type Slow = {at: string; of: string; cost: Cost; length: number};

export type Totals = {
	/** Number of inputs by parser. */
	inputs: Map<string, number>;
	refused: number;
	sessions: number;
	events: number;
	frames: number;
	failures: number;
	/** The highest cost of each parser and kind of event, sorted. */
	slowest: Slow[];
};

/** Happenings in a session, approximately. */
const sessionLength = 150;
const shownSlow = 10;
/** Further failures of the same kind add nothing. */
const failuresPerKindMax = 1;

const names = Object.keys(parsers);

export function simulate({seed, inputs, events, frameOf, onFailure, onProgress}: Options): {
	totals: Totals;
	failures: Failure[];
} {
	const totals: Totals = {
		inputs: new Map(names.map(name => [name, 0])),
		refused: 0,
		sessions: 0,
		events: 0,
		frames: 0,
		failures: 0,
		slowest: [],
	};
	const failures: Failure[] = [];
	const kinds = new Map<string, number>();
	const take = (failure: Failure) => {
		totals.failures++;
		const kind = `${failure.of} ${kindOf(failure.error)}`;
		const count = (kinds.get(kind) ?? 0) + 1;
		kinds.set(kind, count);
		if (count <= failuresPerKindMax) {
			failures.push(failure);
			onFailure?.(failure);
		}
	};
	for (let index = 0; index < inputs; index++) {
		const failure = runInput(seed, index, totals);
		if (failure !== undefined) {
			take(failure);
		}

		if (index % 10_000 === 9999) {
			onProgress?.(totals);
		}
	}

	for (let index = 0; totals.events < events; index++) {
		const failure = runSession(seed, index, totals, frameOf);
		if (failure !== undefined) {
			take(failure);
		}

		if (index % 100 === 99) {
			onProgress?.(totals);
		}
	}

	return {totals, failures};
}

/** @param at the place in the failure */
export function replay(seed: number, at: string, frameOf: FrameOf): Failure | undefined {
	const [, kind, digits] = /^(input|session):(\d{1,9})$/.exec(at) ?? [];
	if (kind === undefined) {
		throw new Error(`--at ${JSON.stringify(at)}: must be input:INDEX or session:INDEX`);
	}

	return kind === 'input'
		? runInput(seed, Number(digits))
		: runSession(seed, Number(digits), undefined, frameOf);
}

function runInput(seed: number, index: number, totals?: Totals): Failure | undefined {
	const of = names[index % names.length] ?? '';
	const parser = parsers[of];
	if (parser === undefined) {
		throw new Error(`no parser ${of}`);
	}

	const random = new Random(seed, 1, index);
	const {text, kinds} = mutate(random.pick(parser.seeds), random);
	const {error, cost, isRefused} = read(parser, text);
	const at = `input:${index}`;
	if (totals !== undefined) {
		totals.inputs.set(of, (totals.inputs.get(of) ?? 0) + 1);
		totals.refused += isRefused ? 1 : 0;
		keepSlow(totals, {at, of, cost, length: text.length});
	}

	if (error === undefined) {
		return undefined;
	}

	const kind = kindOf(error);
	const least = shrink([...text], parts => {
		const again = read(parser, parts.join('')).error;
		return again !== undefined && kindOf(again) === kind;
	});
	return {at, of, kinds, input: JSON.stringify(least.join('')), error};
}

type Read = {error: Error | undefined; cost: Cost; isRefused: boolean};

function read(parser: Parser, text: string): Read {
	let refusal: unknown;
	let cost: Cost = {milliseconds: 0, bytes: 0};
	cost = leastCostOf(() => {
		refusal = undefined;
		try {
			parser.read(text);
		} catch (error) {
			refusal = error;
		}
	}, parser.milliseconds);
	const error =
		refusal instanceof Broken || isFault(refusal)
			? (refusal as Error)
			: refusal !== undefined && !(refusal instanceof Error)
				? new Broken('what is thrown is an error', String(refusal))
				: tooDear(cost, 'the input', parser.milliseconds);
	return {error, cost, isRefused: refusal !== undefined};
}

function runSession(
	seed: number,
	index: number,
	totals: Totals | undefined,
	frameOf: FrameOf,
): Failure | undefined {
	const story = storyOf(new Random(seed, 2, index), sessionLength);
	const at = `session:${index}`;
	let dear: Error | undefined;
	const played = play(story, frameOf, (cost, what) => {
		dear ??= tooDear(cost, what);
		if (totals !== undefined) {
			keepSlow(totals, {at, of: what, cost, length: 0});
		}
	});
	if (totals !== undefined) {
		totals.sessions++;
		totals.events += played.events.length;
		totals.frames += played.frames;
	}

	const error = errorOf(played) ?? dear;
	if (error === undefined) {
		return undefined;
	}

	const kind = kindOf(error);
	const again = (happenings: typeof story.happenings) => {
		let costly: Error | undefined;
		const other = play({...story, happenings}, frameOf, (cost, what) => {
			costly ??= tooDear(cost, what);
		});
		return {other, error: errorOf(other) ?? costly};
	};
	const least = shrink(story.happenings, happenings => {
		const {error: same} = again(happenings);
		return same !== undefined && kindOf(same) === kind;
	});
	const input = again(least)
		.other.events.map(event => JSON.stringify(event))
		.join('\n');
	return {at, of: 'session', kinds: [], input, error};
}

function errorOf({error}: Played): Error | undefined {
	return error === undefined || error instanceof Error ? error : new Error(String(error));
}

function tooDear(cost: Cost, what: string, most = bounds.milliseconds): Error | undefined {
	return isOver(cost, most)
		? new Broken(
				`${what} is taken within ${most} ms and ${Math.round(bounds.bytes / 2 ** 20)} MiB`,
				`it took ${cost.milliseconds.toFixed(0)} ms and ${Math.round(cost.bytes / 2 ** 20)} MiB`,
			)
		: undefined;
}

/** Failures are of one kind if the same source line threw them, or the same law is violated. */
function kindOf(error: Error): string {
	return error instanceof Broken
		? error.law
		: `${error.name} ${/\n\s+at .*/.exec(error.stack ?? '')?.[0] ?? error.message}`;
}

function keepSlow(totals: Totals, one: Slow): void {
	const same = totals.slowest.findIndex(({of}) => of === one.of);
	const known = totals.slowest[same];
	if (known !== undefined) {
		if (known.cost.milliseconds < one.cost.milliseconds) {
			totals.slowest.splice(same, 1);
		} else {
			return;
		}
	}

	totals.slowest.push(one);
	totals.slowest.sort((a, b) => b.cost.milliseconds - a.cost.milliseconds);
	totals.slowest.length = Math.min(totals.slowest.length, shownSlow * 3);
}
