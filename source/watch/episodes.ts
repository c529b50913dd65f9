/** When findings begin, get worse and end, from what holds at each moment; pure. */
import {keyOfFinding, type Severity} from '../domain/findings/finding.ts';

/** From the least to the worst. */
const severities: readonly Severity[] = ['notice', 'unknown', 'degraded', 'critical'];

export type Phase = 'began' | 'worsened' | 'ended';

type NamedFinding = Parameters<typeof keyOfFinding>[0] & {severity: Severity; cause?: string};

export type Change<F> = {
	phase: Phase;
	key: string;
	/** As it held last. */
	finding: F;
	/** Since when it held, Unix ms. */
	since: number;
	/** When it was last seen to hold, Unix ms. */
	until: number;
};

export type EpisodeOptions = {
	/** The least severity that counts. */
	severity: Severity;
	/** A finding must hold, and be gone, this long, ms. */
	afterMs: number;
	/** Also findings that follow from others that count. */
	consequences: boolean;
};

type Known<F> = {
	finding: F;
	since: number;
	until: number;
	/** The worst severity that was announced; undefined before it began. */
	announced: Severity | undefined;
};

export class Episodes<F extends NamedFinding> {
	readonly #options: EpisodeOptions;
	readonly #known = new Map<string, Known<F>>();

	constructor(options: EpisodeOptions) {
		this.#options = options;
	}

	/** @param findings all that hold at `now`, Unix ms, which does not go back */
	take(findings: readonly F[], now: number): Change<F>[] {
		const counting = new Map(
			findings
				.filter(({severity}) => rank(severity) >= rank(this.#options.severity))
				.map(finding => [keyOfFinding(finding), finding]),
		);
		return [
			...[...this.#known].flatMap(([key, known]) => (counting.has(key) ? [] : this.#gone(key, known, now))),
			...[...counting].flatMap(([key, finding]) => this.#holds(key, finding, counting, now)),
		];
	}

	#holds(key: string, finding: F, counting: ReadonlyMap<string, F>, now: number): Change<F>[] {
		const {afterMs, consequences} = this.#options;
		const before = this.#known.get(key);
		const known = {since: now, announced: undefined, ...before, finding, until: now};
		const {since, announced} = known;
		const isConsequence = finding.cause !== undefined && counting.has(finding.cause);
		const begins = announced === undefined && now - since >= afterMs && (consequences || !isConsequence);
		const worsens = announced !== undefined && rank(finding.severity) > rank(announced);
		this.#known.set(key, begins || worsens ? {...known, announced: finding.severity} : known);
		return begins || worsens ? [{phase: begins ? 'began' : 'worsened', key, finding, since, until: now}] : [];
	}

	#gone(key: string, {finding, since, until, announced}: Known<F>, now: number): Change<F>[] {
		if (announced === undefined) {
			this.#known.delete(key);
			return [];
		}

		if (now - until < this.#options.afterMs) {
			return [];
		}

		this.#known.delete(key);
		return [{phase: 'ended', key, finding, since, until}];
	}
}

function rank(severity: Severity): number {
	return severities.indexOf(severity);
}
