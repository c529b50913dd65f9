/** Durations and sizes with their units, as people type them. */
import ms from 'ms';

/** Milliseconds of `5s`, `500ms` or `2m`; undefined if invalid. A number needs a unit. */
export function parseDuration(typed: string): number | undefined {
	const value = /^[\d.]+ ?[a-z]+$/i.test(typed) ? ms(typed as ms.StringValue) : undefined;
	return value !== undefined && value > 0 ? value : undefined;
}

/** Bytes of `1GiB`, `500 MiB` or `1G`, which is the same as `1GiB`; undefined if invalid. */
export function parseBytes(typed: string): number | undefined {
	const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT])(?:i?B)?$/i.exec(typed.trim()) ?? [];
	const power = 'KMGT'.indexOf(unit.toUpperCase()) + 1;
	return unit === '' ? undefined : Math.floor(Number(number) * 1024 ** power);
}
