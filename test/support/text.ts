/** Arbitrary text, for property tests. */
import fc from 'fast-check';

/** From all code points, including lone surrogates. fast-check's own `binary` first enumerates a million of them. */
export const anyText: fc.Arbitrary<string> = fc
	.array(fc.integer({min: 0, max: 0x10_ff_ff}))
	.map(points => String.fromCodePoint(...points));
