/** Unquoted values of YAML 1.1 as Patroni's parser (PyYAML, `safe_load`) reads them. */

/** What Python reads instead of text, in words for the operator. */
type Kind =
	| 'a number'
	| 'a number in octal'
	| 'a number in hexadecimal'
	| 'a number in binary'
	| 'a number in base 60'
	| 'a number without its underscores'
	| 'true or false'
	| 'nothing'
	| 'a date';

/** An unquoted value that Patroni does not read as text. */
export class YamlScalar {
	/** As it stands in the file. */
	readonly source: string;
	readonly kind: Kind;
	/** Undefined for a date. */
	readonly value: number | boolean | null | undefined;
	/** What Python makes of it where it needs text: `str()`. */
	readonly text: string;

	constructor(source: string, kind: Kind, value: number | boolean | null | undefined, text: string) {
		this.source = source;
		this.kind = kind;
		this.value = value;
		this.text = text;
	}
}

/** A value that Python's parser refuses; the message is the problem and its fix, without the value. */
export class ScalarError extends Error {
	override name = 'ScalarError';
}

const integer = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const float =
	/^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const boolean = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const date =
	/^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?)?$/;
const dateOnly = /^\d{4}-\d\d-\d\d$/;

/** Digits of a number that are kept; Python refuses numbers of more than 4300. */
const digitsMax = 4300;

/**
 * Text, or what Python reads instead of it.
 * @throws ScalarError for what Python's parser refuses
 */
export function resolveScalar(source: string): string | YamlScalar {
	if (source === '' || /^(?:~|null|Null|NULL)$/.test(source)) {
		return new YamlScalar(source, 'nothing', null, 'None');
	}

	if (boolean.test(source)) {
		const value = /^(?:yes|true|on)$/i.test(source);
		return new YamlScalar(source, 'true or false', value, value ? 'True' : 'False');
	}

	if (integer.test(source)) {
		return integerOf(source);
	}

	if (float.test(source)) {
		return floatOf(source);
	}

	if (date.test(source) && (dateOnly.test(source) || /[Tt \t]/.test(source))) {
		return new YamlScalar(source, 'a date', undefined, dateText(source));
	}

	if (source === '=' || source === '<<') {
		throw new ScalarError(`${source} alone has a meaning of its own in YAML: put it in quotes`);
	}

	return source;
}

function integerOf(source: string): YamlScalar {
	const text = source.replaceAll('_', '').replace(/^[-+]/, '');
	if (text.length > digitsMax) {
		throw new ScalarError(`a number of more than ${digitsMax} digits: put it in quotes`);
	}

	const parts = text.split(':');
	const [kind, size]: [Kind, bigint] =
		parts.length > 1
			? ['a number in base 60', parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n)]
			: text.startsWith('0x')
				? ['a number in hexadecimal', bigint(text, source)]
				: text.startsWith('0b')
					? ['a number in binary', bigint(text, source)]
					: /^0\d/.test(text)
						? ['a number in octal', bigint(`0o${text.slice(1)}`, source)]
						: [source.includes('_') ? 'a number without its underscores' : 'a number', BigInt(text)];
	const value = source.startsWith('-') ? -size : size;
	return new YamlScalar(source, kind, Number(value), String(value));
}

/** `0x_` and `0b_` match the pattern of numbers, but have no digits. */
function bigint(text: string, source: string): bigint {
	if (/^0[xb]$/.test(text)) {
		throw new ScalarError(`${source} is a number without digits: put it in quotes`);
	}

	return BigInt(text);
}

function floatOf(source: string): YamlScalar {
	const text = source.replaceAll('_', '').toLowerCase().replace(/^[-+]/, '');
	const size =
		text === '.inf'
			? Number.POSITIVE_INFINITY
			: text === '.nan'
				? Number.NaN
				: text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
	const value = source.startsWith('-') ? -size : size;
	const kind = text.includes(':')
		? 'a number in base 60'
		: source.includes('_')
			? 'a number without its underscores'
			: 'a number';
	return new YamlScalar(source, kind, value, floatText(value));
}

/** Python's `repr` of a float: an exponent below 1e-4 and from 1e16, `.0` on whole numbers. */
function floatText(value: number): string {
	if (!Number.isFinite(value)) {
		return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
	}

	const [digits = '0', exponent = '0'] = value.toExponential().split('e');
	const power = Number(exponent);
	if (value !== 0 && (power < -4 || power >= 16)) {
		return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
	}

	const text = Object.is(value, -0) ? '-0' : String(value);
	return text.includes('.') ? text : `${text}.0`;
}

/** `2026-11-26`, or `2026-11-26 12:00:00.500000+01:00`. */
function dateText(source: string): string {
	const [, year = '', month = '', day = '', hour, minute, second, fraction, zone, sign, hours, minutes] =
		date.exec(source) ?? [];
	const two = (text: string) => text.padStart(2, '0');
	const days = new Date(Date.UTC(2000, Number(month), 0)).getUTCDate();
	const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
	const daysMax = Number(month) === 2 && !isLeap ? 28 : days;
	const isDay =
		Number(year) > 0 &&
		Number(month) >= 1 &&
		Number(month) <= 12 &&
		Number(day) >= 1 &&
		Number(day) <= daysMax;
	const isTime = Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
	const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
	if (!isDay || !isTime || offset >= 24 * 60) {
		throw new ScalarError('a date that does not exist: put it in quotes');
	}

	const written = `${year}-${two(month)}-${two(day)}`;
	if (hour === undefined) {
		return written;
	}

	const micros = (fraction ?? '').slice(0, 6).padEnd(6, '0');
	const at =
		zone === undefined
			? ''
			: `${sign === '-' && offset > 0 ? '-' : '+'}${two(String(Math.floor(offset / 60)))}:${two(String(offset % 60))}`;
	return `${written} ${two(hour)}:${minute}:${second}${Number(micros) === 0 ? '' : `.${micros}`}${at}`;
}
