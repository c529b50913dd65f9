/** Collects what the lines of all logs say: events in the order of time, and of which time each node's logs are. Pure. */
import {withoutKnownSecrets} from '../../lib/secrets.ts';
import type {LogLine} from '../logs/log-buffer.ts';
import {placeOf} from './kinds.ts';
import {readLine} from './read-line.ts';
import type {LogEvent, Said} from './said.ts';
import {withUnsaidEnds} from './unsaid.ts';

/** A line with the time that it is believed to be of, Unix ms, ± `uncertainMs`. */
export type PastLine = {
	at: number;
	uncertainMs: number;
	/** `journal of pgdb1`, `postgresql-17-main.log of pgdb1` */
	from: string;
	/** Of the journal's lines: the boot that the line is of. */
	boot: string | undefined;
	/** Of the time before the one that is asked for: what a service had said last. */
	isBefore?: true;
	line: LogLine;
};

/** A time in which a node's logs have no break, Unix ms. `boot`: undefined where no line names one. */
export type Coverage = {from: number; to: number; boot: string | undefined};

export type Collected = {
	/** In the order of time. */
	events: readonly LogEvent[];
	/** What was said last before the time that is asked for, by services that hold a state for long. */
	before: readonly LogEvent[];
	/** By node. */
	coverage: ReadonlyMap<string, readonly Coverage[]>;
	counts: {lines: number; understood: number};
	/** More was said than is kept. */
	isCut: boolean;
};

const evidenceMaxLength = 1000;
/** ms between the two of one line. */
const twinMs = 50;

/** Events that are kept; routine ones leave room for the others. */
export type CollectorLimits = {all: number; routine: number};

export class LogCollector {
	readonly #limits: CollectorLimits;
	readonly #events: LogEvent[] = [];
	readonly #before: LogEvent[] = [];
	readonly #coverage = new Map<string, Coverage[]>();
	readonly #hasShutdown = new Set<Coverage>();
	/** Parts of the journals in which the machine itself speaks, not only the cluster's units. */
	readonly #isWhole = new Set<Coverage>();
	#lines = 0;
	#understood = 0;
	#isCut = false;

	constructor(limits: CollectorLimits) {
		this.#limits = limits;
	}

	get lines(): number {
		return this.#lines;
	}

	/** @param past of each log in the order of time; the logs may be taken together, or one after the other */
	take(past: PastLine): void {
		this.#lines++;
		const {at, uncertainMs, from, line} = past;
		const node = line.node ?? '';
		const said = readLine(line);
		if (past.isBefore) {
			if (said !== undefined) {
				this.#before.push(eventOf(past, node, said));
			}

			return;
		}

		const {present, before} = this.#cover(node, past);
		if (before !== undefined) {
			if (this.#isWhole.has(before) && !this.#hasShutdown.has(before)) {
				this.#add(silence(node, from, before, at, uncertainMs));
			}

			this.#add({...eventOf(past, node, {kind: 'kernel.boot'}), service: 'system'});
		}

		if (past.boot !== undefined && (line.service === 'system' || line.service === 'kernel')) {
			this.#isWhole.add(present);
		}

		if (/^Journal stopped$/.test(line.text) || said?.kind === 'node.shutdown') {
			this.#hasShutdown.add(present);
		}

		// The boot is known by its id, at its first line.
		if (said !== undefined && !(said.kind === 'kernel.boot' && past.boot !== undefined)) {
			this.#understood++;
			this.#add(eventOf(past, node, said));
		}
	}

	finish(): Collected {
		return {
			events: withUnsaidEnds(withoutTwins(this.#events.toSorted((a, b) => a.at - b.at))),
			before: this.#before.toSorted((a, b) => a.at - b.at),
			coverage: this.#coverage,
			counts: {lines: this.#lines, understood: this.#understood},
			isCut: this.#isCut,
		};
	}

	#add(event: LogEvent): void {
		if (this.#events.length < (placeOf(event) === 'routine' ? this.#limits.routine : this.#limits.all)) {
			this.#events.push(event);
		} else {
			this.#isCut = true;
		}
	}

	/** Extends what is covered of the node by this line. `before`: the time before a boot, of which this line is the first. */
	#cover(node: string, {at, boot}: PastLine): {present: Coverage; before: Coverage | undefined} {
		const known = this.#coverage.get(node) ?? [];
		this.#coverage.set(node, known);
		const last = known.at(-1);
		if (last !== undefined && (boot === undefined || last.boot === undefined || last.boot === boot)) {
			// A file's line is of the boot that was then.
			const present = (boot === undefined ? known.findLast(({from}) => from <= at) : undefined) ?? last;
			present.from = Math.min(present.from, at);
			present.to = Math.max(present.to, at);
			present.boot ??= boot;
			return {present, before: undefined};
		}

		const earlier = known.find(one => one.boot === boot);
		if (earlier !== undefined) {
			// The clock of another boot was wrong: its lines overlap.
			return {present: earlier, before: undefined};
		}

		const present = {from: at, to: at, boot};
		known.push(present);
		return {present, before: last};
	}
}

function eventOf({at, uncertainMs, from, line}: PastLine, node: string, said: Said): LogEvent {
	const text = withoutKnownSecrets(line.text).slice(0, evidenceMaxLength);
	return {at: Math.round(at), uncertainMs, node, service: line.service, from, said, text};
}

function silence(
	node: string,
	from: string,
	before: Coverage,
	bootAt: number,
	uncertainMs: number,
): LogEvent {
	return {
		at: before.to,
		uncertainMs,
		node,
		service: 'system',
		from,
		said: {kind: 'node.silent', why: 'power cut, reset or crash'},
		text: `the journal ends here without a shutdown, and begins again ${((bootAt - before.to) / 1000).toFixed(1)} s later with a boot`,
	};
}

/** A program may write the same line to two logs, as HAProxy to syslog and standard error. */
function withoutTwins(events: readonly LogEvent[]): LogEvent[] {
	const last = new Map<string, number>();
	return events.filter(({at, node, service, said}) => {
		const key = `${node} ${service} ${JSON.stringify(said)}`;
		const before = last.get(key);
		last.set(key, at);
		return before === undefined || at - before >= twinMs;
	});
}
