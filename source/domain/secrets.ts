/** What must be read by nobody but the cluster, told by the name it stands under or by how it is written; hidden wherever it would be shown or written down. */
import {ownValue} from './entries.ts';
import type {Json} from './operations/operation.ts';

export const hidden = '•••';
const changed = `${hidden} (changed)`;

const names = /passw(or)?d|passphrase|secret|token|credential|private_?key|conninfo/i;
/** They sound like it, and say only how something is done. */
const harmless = new Set(['password_encryption', 'ssl_passphrase_command_supports_reload']);

/** `password=…` of a connection string or a command, and the one in a URL. */
const written: readonly [RegExp, string][] = [
	[/((?:passw(?:or)?d|passphrase|secret|token)\s*[=:]\s*)('[^']*'|"[^"]*"|\S+)/gi, `$1${hidden}`],
	[/(:\/\/[^\s:/@]+:)[^\s@/]+(?=@)/g, `$1${hidden}`],
];

function isSecret(name: string): boolean {
	return names.test(name) && !harmless.has(name);
}

/** The value of a setting as it may be shown. */
export function withoutSecret(name: string, value: string): string {
	return isSecret(name)
		? hidden
		: written.reduce((text, [form, shown]) => text.replaceAll(form, shown), value);
}

/** @param before what was there before: a secret that differs from it says so. */
export function withoutSecrets(value: Json, before?: Json, name = ''): Json {
	// Null takes a setting away, and tells nothing of it.
	if (isSecret(name) && value !== null) {
		return before === undefined || JSON.stringify(before) === JSON.stringify(value) ? hidden : changed;
	}

	if (typeof value === 'string') {
		const shown = withoutSecret(name, value);
		return shown !== value && before !== undefined && before !== value ? `${shown} (changed)` : shown;
	}

	if (isList(value)) {
		return value.map(one => withoutSecrets(one));
	}

	return isMapping(value)
		? Object.fromEntries(
				Object.entries(value).map(([key, one]) => [
					key,
					withoutSecrets(one, isMapping(before) ? ownValue(before, key) : undefined, key),
				]),
			)
		: value;
}

function isList(value: Json | undefined): value is readonly Json[] {
	return Array.isArray(value);
}

function isMapping(value: Json | undefined): value is {readonly [key: string]: Json} {
	return typeof value === 'object' && value !== null && !isList(value);
}
