/** All that follows from the logs of a cluster, as events with their times: facts, what was said, outages. Pure. */
import type {Target} from '../target.ts';
import type {Collected, Coverage} from './collect.ts';
import {OutageFinder} from './outage.ts';
import {type Reconstructed, Reconstruction} from './reconstruct.ts';
import type {LogEvent} from './said.ts';

/** A node is quiet for this long between two lines, ms. */
const quietMs = 20_000;

/** The configuration as far as logs can fill it: what was not read is not configured. */
export function targetOfLogs(target: Target): Target {
	const {haproxy: _, probe: __, monitor: ___, ...rest} = target;
	return {
		...rest,
		endpoints: [],
		rest: {...(target.rest ?? {store: 'etcd3'}), seeds: []},
		isByLogs: true,
		operations: 'disabled',
		notices: [],
		warnings: [],
	};
}

/** Unix ms. */
export type PastSpan = {since: number; until: number};

/** The end of what is known of a node, until its logs begin again. */
export type EndOfLogs = {at: number; isLast: boolean; lose: () => Reconstructed[]};

export class LogFacts {
	readonly #collected: Collected;
	readonly #span: PastSpan;
	readonly #reconstruction: Reconstruction;
	readonly #finder: OutageFinder;

	/** @param target as configured: what of it no log can fill only names things */
	constructor(target: Target, collected: Collected, span: PastSpan) {
		this.#collected = collected;
		this.#span = span;
		this.#reconstruction = new Reconstruction(target, (node, at) => endOf(collected.coverage.get(node), at));
		this.#finder = new OutageFinder(target.haproxy?.backends.primary);
	}

	/** What was said before is how things were, not news: only the last of each. */
	standing(): Reconstructed[] {
		const {since} = this.#span;
		const standing = new Map<string, Reconstructed>();
		for (const event of this.#collected.before) {
			this.#finder.take(event);
			for (const one of this.#reconstruction.take({...event, at: since})) {
				if ('source' in one.event) {
					standing.set(`${one.event.type} ${one.event.source}`, one);
				}
			}
		}

		this.#finder.begin();
		return [...standing.values()];
	}

	/** @param event in the order of time */
	take(event: LogEvent): Reconstructed[] {
		const at = Math.max(event.at, this.#span.since);
		const facts = this.#reconstruction.take({...event, at});
		const outage = this.#finder.take(event);
		return outage === undefined ? facts : [...facts, {at, event: {type: 'history.outage', outage}}];
	}

	/** In the order of time. */
	ends(): EndOfLogs[] {
		const {until} = this.#span;
		return [...this.#collected.coverage]
			.flatMap(([node, spans]) =>
				spans.flatMap(({to}, index): EndOfLogs[] => {
					const isLast = spans[index + 1] === undefined;
					const reason = isLast
						? 'its logs that were read end here'
						: 'its logs end here, and begin again with a boot';
					return isLast && until - to < quietMs
						? []
						: [{at: to, isLast, lose: () => this.#reconstruction.lose(node, to, reason)}];
				}),
			)
			.toSorted((a, b) => a.at - b.at);
	}

	/** The outage that no line ends. */
	close(): Reconstructed[] {
		const open = this.#finder.close().at(-1);
		return open === undefined || open.to !== undefined
			? []
			: [{at: this.#span.until, event: {type: 'history.outage', outage: open}}];
	}
}

/** End of the part of the node's logs that `at` is in, Unix ms. */
function endOf(spans: readonly Coverage[] | undefined, at: number): number {
	return (spans?.findLast(({from}) => from <= at) ?? spans?.[0])?.to ?? at;
}
