/** Kinds of settings and of sections, each with the error for what it refuses. Values of YAML come as text or as `YamlScalar`. */
import * as z from 'zod';
import {isMapping} from './layers.ts';
import {endpointUrl, hostList} from './origin.ts';
import {templateIn} from './template.ts';
import {YamlScalar} from './yaml-scalar.ts';

/** A value without quotes that is a number, date or word to YAML, as it stands in the file. */
export function asWritten(value: unknown): unknown {
	return value instanceof YamlScalar ? value.source : value;
}

/** The same value as Patroni formats it: `0123` is 83, `yes` is True. */
function asPatroni(value: unknown): unknown {
	return value instanceof YamlScalar ? value.text : value;
}

export function asValue(value: unknown): unknown {
	return value instanceof YamlScalar && value.value !== undefined ? value.value : value;
}

export const text = z.preprocess(asWritten, z.string('must be text'));
export const formatted = z.preprocess(asPatroni, z.string('must be text'));
export const name = z.preprocess(asWritten, z.string('must be a name').min(1, 'must be a name'));
export const file = z.preprocess(
	asWritten,
	z.string('must be the name of a file').min(1, 'must be the name of a file'),
);

/** Of a node's own patroni.yml: used where it is usable, never a reason to refuse the file. */
export const ofNode = z
	.unknown()
	.transform(value => {
		const text = asWritten(value);
		return typeof text === 'string' && templateIn(text) === undefined ? text : undefined;
	})
	.optional();

/** Patroni's environment also accepts these words. */
export const yesOrNo = z.preprocess(
	asValue,
	z.union(
		[
			z.boolean(),
			z.union([z.literal(0), z.literal(1)]).transform(Boolean),
			z
				.string()
				.regex(/^(?:on|true|yes|1|off|false|no|0)$/i)
				.transform(word => /^(?:on|true|yes|1)$/i.test(word)),
		],
		'must be true or false',
	),
);

/** An integer; the environment has numbers as text. */
export function whole(from: number, to: number, message: string) {
	const number = z.number(message).int(message).min(from, message).max(to, message);
	return z.preprocess(
		asValue,
		z.union([number, z.string().regex(/^\d+$/).transform(Number).pipe(number)], message),
	);
}

export const port = whole(1, 65_535, 'must be a port, 1 to 65535');
const hostsMessage = 'must be HOST:PORT, several with commas, or a list of them';
export const hosts = z
	.union([z.string(), z.array(z.string())], hostsMessage)
	.refine(
		value =>
			hostList(value).length > 0 && hostList(value).every(host => endpointUrl(host, false) !== undefined),
		hostsMessage,
	);
const urlMessage = 'must be http://HOST:PORT or https://HOST:PORT';
export const url = z
	.string(urlMessage)
	.refine(value => value.includes('://') && endpointUrl(value, false) !== undefined, urlMessage);

export function section<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.preprocess(withoutScalar, z.object(shape, 'must be a mapping of settings'));
}

/** A number, a word or a date in place of a section: as an object it would look like one with unknown settings. */
function withoutScalar(value: unknown): unknown {
	return asWritten(asValue(value));
}

/** For pgha-top's own sections, in which an unknown key is a typo. */
export function strictSection<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.preprocess(
		withoutScalar,
		z.strictObject(shape, {
			error: issue =>
				issue.code === 'unrecognized_keys'
					? `unknown setting; allowed: ${Object.keys(shape).join(', ')}`
					: 'must be a mapping of settings',
		}),
	);
}

/** A section that `false` turns off. Without a message of its own, so that each error in the section is reported. */
export function sectionOrFalse<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.union([strictSection(shape), z.preprocess(asValue, z.literal(false))]);
}

/** A section of a node's own file, whose settings are `ofNode`. */
export function nodeSection<Shape extends z.ZodRawShape>(shape: Shape) {
	return z.preprocess(value => (isMapping(value) ? value : {}), z.object(shape)).optional();
}

/** systemd allows more characters; these are safe in a shell command. */
export const unit = z
	.string()
	.regex(
		/^[A-Za-z0-9@_][A-Za-z0-9@._-]*$/,
		'must be the name of a systemd unit (letters, digits and @ . _ -)',
	);
export const logFile = z
	.string()
	.regex(
		/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]+)+$/,
		'must be an absolute path (letters, digits and @ . _ + , : = -)',
	);
export const logSources = z.array(
	z.union(
		[strictSection({name: name.optional(), unit}), strictSection({name: name.optional(), file: logFile})],
		'must be {unit: NAME} (letters, digits and @ . _ -) or {file: /ABSOLUTE/PATH}, with a name: if you like',
	),
	'must be a list of {unit: NAME} or {file: /ABSOLUTE/PATH}',
);
