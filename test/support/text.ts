/** Arbitrary text, for property tests. */
import fc from 'fast-check';

/** Of all code points, halves of surrogate pairs among them. fast-check's own `binary` first lists a million of them. */
export const anyText: fc.Arbitrary<string> = fc
	.array(fc.integer({min: 0, max: 0x10_ff_ff}))
	.map(points => String.fromCodePoint(...points));
