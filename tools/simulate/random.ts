/** A deterministic pseudo-random generator: everything in a simulation follows from its seed. */

export class Random {
	#state: number;

	/** @param seeds any numbers; their order matters */
	constructor(...seeds: readonly number[]) {
		this.#state = seeds.reduce((state, seed) => mix(state ^ mix(seed >>> 0)), 0x9e_37_79_b9);
	}

	/** An integer of 32 bits (splitmix32). */
	next(): number {
		this.#state = (this.#state + 0x9e_37_79_b9) >>> 0;
		return mix(this.#state);
	}

	/** An integer from 0 to `end`, exclusive. */
	below(end: number): number {
		return Math.floor((this.next() / 2 ** 32) * end);
	}

	/** True with a probability of 1 / `times`. */
	oneIn(times: number): boolean {
		return this.below(times) === 0;
	}

	pick<T>(list: readonly T[]): T {
		if (list.length === 0) {
			throw new Error('nothing to pick from');
		}

		return list[this.below(list.length)] as T;
	}
}

function mix(value: number): number {
	let mixed = value;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21_f0_aa_ad);
	mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97);
	return (mixed ^ (mixed >>> 15)) >>> 0;
}
