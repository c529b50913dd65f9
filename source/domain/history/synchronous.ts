/**
 * Whether commits may have waited for a synchronous standby. Pure.
 *
 * While the primary names a standby that is gone, each commit waits: until Patroni takes the name out, in its next loop, or the
 * standby is back. PostgreSQL of the primary logs both; before that, the standby's own lines are the first sign.
 */
import type {LogEvent, SaidKind} from './said.ts';

/** After these a standby may not confirm any more. */
const losses: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'postgres.streaming-lost',
	'postgres.stop-requested',
	'postgres.stopped',
	'postgres.crashed',
	'postgres.panic',
	'postgres.disk-full',
	'node.silent',
	'kernel.link-down',
]);

/** Patroni takes out a standby that is gone sooner than that: an older sign is of one that no commit waits for, ms. */
export const takenOutMs = 60_000;

/** A loop that follows the leader this long after a sign says that the standby is back; one at once may have begun before it, ms. */
const backAfterMs = 3000;

/** `since`: the primary's last loop before the sign, Unix ms; undefined: no sign was before the line that shows the wait. */
export type Wait = {sign: LogEvent; since: number | undefined};

export class SynchronousWaits {
	/** Whether the primary names a standby; undefined: no line says. */
	#isAsked: boolean | undefined;
	/** Whom it names, where a line says. */
	#named: string | undefined;
	/** It names any standby, and none was there: Patroni's strict mode. */
	#isStarved = false;
	/** The first sign of each standby that is gone, by node. */
	readonly #lost = new Map<string, Wait>();
	/** A standby waits until it is not asked any more before it stops: then no commit waits for it. */
	#isReleasing = false;

	/** Commits wait, as far as the lines say, for a standby that is not there. */
	get isStarved(): boolean {
		return this.#isStarved;
	}

	/** What was gone before the time that is asked for is no news. */
	begin(): void {
		this.#lost.clear();
		this.#isReleasing = false;
	}

	/** Another primary: Patroni begins again with its standbys. */
	#restart(): void {
		this.begin();
		this.#isAsked = false;
		this.#named = undefined;
		this.#isStarved = false;
	}

	/**
	 * @param writer the primary's node
	 * @param okAt its last loop, Unix ms
	 * @returns a wait that this line ends, or shows
	 */
	take(event: LogEvent, writer: string | undefined, okAt: number | undefined): Wait | undefined {
		const {said, node, at} = event;
		switch (said.kind) {
			case 'patroni.promoted': {
				this.#restart();
				return undefined;
			}

			case 'patroni.waits': {
				this.#isReleasing ||= said.why === releasing;
				return undefined;
			}

			case 'postgres.sync-names': {
				return node === writer ? this.#names(event) : undefined;
			}

			case 'postgres.sync-joined': {
				return node === writer ? this.#joins(event) : undefined;
			}

			case 'patroni.follows': {
				// It is back, whatever a sign before said.
				const lost = this.#lost.get(node);
				if (said.why === undefined && lost !== undefined && at - lost.sign.at >= backAfterMs) {
					this.#lost.delete(node);
				}

				return undefined;
			}

			default: {
				if (losses.has(said.kind) && node !== writer && !this.#lost.has(node)) {
					const since = Math.min(okAt ?? at, at - event.uncertainMs);
					this.#lost.set(node, {sign: event, since});
				}

				return undefined;
			}
		}
	}

	#names(event: LogEvent): Wait | undefined {
		const names = event.said.object ?? '';
		const [wasAsked, isReleasing] = [this.#isAsked, this.#isReleasing];
		const first = isReleasing ? undefined : this.#first(event.at);
		this.#isAsked = names !== '';
		this.#named = names;
		this.#isStarved = names === '*';
		this.begin();
		if (this.#isStarved) {
			return first ?? withoutSign(event);
		}

		// Patroni took a standby out of which no line says why.
		const isUnexplained = names === '' && wasAsked === true && !isReleasing;
		return wasAsked === false ? undefined : (first ?? (isUnexplained ? withoutSign(event) : undefined));
	}

	#joins(event: LogEvent): Wait | undefined {
		const first = this.#first(event.at);
		const wasAsked = this.#isAsked;
		this.#isAsked = true;
		const wasStarved = this.#isStarved;
		this.#isStarved = false;
		this.begin();
		return wasStarved ? (first ?? withoutSign(event)) : wasAsked === false ? undefined : first;
	}

	/** The first sign of those that are named; where no line says who is, of those that went just before. */
	#first(at: number): Wait | undefined {
		const asked = this.#named === '*' ? undefined : askedOf(this.#named ?? '');
		const lost = [...this.#lost]
			.filter(([node, {sign}]) => asked?.names.includes(node) ?? at - sign.at < takenOutMs)
			.map(([, wait]) => wait)
			.toSorted((a, b) => a.sign.at - b.sign.at);
		// Commits wait from the one on whose loss leaves fewer than they need.
		return asked === undefined ? lost[0] : lost[asked.names.length - asked.needed];
	}
}

/** The standbys that `synchronous_standby_names` names, and how many of them must confirm; undefined: none are named. */
function askedOf(value: string): {names: readonly string[]; needed: number} | undefined {
	const [, count, listed] = /^\s*(?:(?:ANY|FIRST)\s+)?(\d+)\s*\((.*)\)\s*$/i.exec(value) ?? [];
	const names = (listed ?? value)
		.split(',')
		.map(name => name.trim().replace(/^"(.*)"$/, '$1'))
		.filter(name => name !== '');
	return names.length === 0 ? undefined : {names, needed: Math.min(names.length, Number(count ?? 1))};
}

const withoutSign = (sign: LogEvent): Wait => ({sign, since: undefined});

const releasing = 'Waiting for primary to release us from synchronous standby';
