/** The true values of one subject over time. */

export type Sample = {
	at: number;
	/** Undefined if unknown. */
	value: string | undefined;
};

export type Change = {at: number; from: string; to: string};

export class Series {
	/** By time; neighbours differ. */
	readonly #samples: Sample[] = [];

	add(at: number, value: string | undefined): void {
		const last = this.#samples.at(-1);
		if (last === undefined || last.value !== value) this.#samples.push({at, value});
	}

	/** All true values between two times, including undefined if the truth was unknown in between. */
	between(from: number, to: number): ReadonlySet<string | undefined> {
		const values = new Set<string | undefined>();
		const first = this.#indexAt(from);
		if (first < 0) values.add(undefined);
		for (let index = Math.max(0, first); index < this.#samples.length; index++) {
			const sample = this.#samples[index];
			if (sample === undefined || sample.at > to) break;
			values.add(sample.value);
		}

		return values;
	}

	at(time: number): string | undefined {
		return this.#samples[this.#indexAt(time)]?.value;
	}

	/** Changes from one known value directly to another, which then lasts for `staysMs`. */
	changes(staysMs: number): Change[] {
		return this.#samples.flatMap(({at, value}, index) => {
			const before = this.#samples[index - 1]?.value;
			const next = this.#samples[index + 1];
			return value === undefined || before === undefined || (next !== undefined && next.at < at + staysMs)
				? []
				: [{at, from: before, to: value}];
		});
	}

	/** The samples that hold between two times, e.g. for a report. */
	samples(from: number, to: number): readonly Sample[] {
		return this.#samples.slice(Math.max(0, this.#indexAt(from))).filter(({at}) => at <= to);
	}

	/** Index of the sample at that time; -1 before the first. */
	#indexAt(time: number): number {
		let low = 0;
		let high = this.#samples.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#samples[middle]?.at ?? 0) <= time) low = middle + 1;
			else high = middle;
		}

		return low - 1;
	}
}
