import {expect, it} from 'vitest';
import {age, bytes, leastAge} from '../../source/state/words.ts';

it.each([
	[-5, '0s'],
	[999, '0s'],
	[12_345, '12s'],
	[200_000, '3m 20s'],
	[599_999, '9m 50s'],
	[1_199_999, '19m'],
	[7_530_000, '2h 5m'],
	[273_600_000, '3d 4h'],
])('%d ms ago is %s', (milliseconds, words) => {
	expect(age(milliseconds)).toBe(words);
});

it.each([
	[0, '0 B'],
	[1023, '1023 B'],
	[16 * 1024 * 1024, '16 MiB'],
	[10_331_784, '9.8 MiB'],
])('%d bytes are %s', (count, words) => {
	expect(bytes(count)).toBe(words);
});

it.each([
	[9999, '≥ 0s, start not seen'],
	[59_999, '≥ 50s, start not seen'],
	[200_000, '≥ 3m 20s, start not seen'],
])('%d ms at least are %s', (milliseconds, words) => {
	expect(leastAge(milliseconds)).toBe(words);
});
