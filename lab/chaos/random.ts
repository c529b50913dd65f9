/** A deterministic pseudo-random generator (splitmix32). */

export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** An integer from 0 to `end`, exclusive. */
	below(end: number): number {
		this.#state = (this.#state + 0x9e_37_79_b9) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21_f0_aa_ad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97);
		return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * end);
	}

	pick<T>(list: readonly T[]): T {
		const picked = list[this.below(list.length)];
		if (picked === undefined) throw new Error('nothing to pick from');
		return picked;
	}
}
