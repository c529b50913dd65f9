/**
 * The log settings in a node's patroni.yml, if the login may read it. Nothing else of the file leaves this module: it has
 * passwords.
 */
import {isMapping, type Mapping} from '../../config/layers.ts';
import {ConfigError} from '../../config/origin.ts';
import {yamlText} from '../../config/yaml-file.ts';
import {YamlScalar} from '../../config/yaml-scalar.ts';
import {prefixMaxLength} from '../../domain/logs/line-prefix.ts';
import type {LogSettings, PatroniLogSettings, PostgresLogSettings} from '../../domain/logs/settings.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {checkArgument, fullUnit} from './command.ts';

/** Bytes that are read; a real file has a few KiB. */
const fileMaxBytes = 65_536;

/** After the file of the unit's command line. */
const usualFiles =
	'/etc/patroni/config.yml /etc/patroni/patroni.yml /etc/patroni.yml /etc/patroni/patroni.yaml /etc/patroni.yaml';

/** Prints `file PATH` and the file, or `unreadable PATH`, or nothing without a file. */
export function patroniFileCommand(unit: string): string {
	const given = `systemctl show --property=ExecStart --value -- ${checkArgument('unit', fullUnit(unit))} 2>/dev/null | tr " ;" "\\n\\n" | grep -E "^/[A-Za-z0-9@._+,:=/-]+[.]ya?ml$" | head -n 1`;
	return `sh -c '${[
		`for F in $(${given}) ${usualFiles}; do if [ -f "$F" ]; then if [ -r "$F" ]; then echo "file $F"; head -c ${fileMaxBytes + 1} -- "$F"; else echo "unreadable $F"; fi; break; fi; done`,
		'exit 0',
	].join('; ')}'`;
}

export type PatroniFile = {
	/** Undefined: none was found. */
	file: string | undefined;
	settings: LogSettings;
	/** Why the settings of the file are unknown. */
	problem?: 'unreadable' | 'invalid';
};

/** @param answer what `patroniFileCommand` prints */
export function parsePatroniFile(answer: string): PatroniFile {
	const end = answer.indexOf('\n');
	const [, kind, name = ''] = /^(file|unreadable) (\/.*)$/.exec(answer.slice(0, Math.max(0, end))) ?? [];
	if (kind === undefined) {
		return {file: undefined, settings: {}};
	}

	const file = sanitize(name);
	const text = answer.slice(end + 1);
	if (kind === 'unreadable') {
		return {file, settings: {}, problem: 'unreadable'};
	}

	if (Buffer.byteLength(text) > fileMaxBytes) {
		return {file, settings: {}, problem: 'invalid'};
	}

	try {
		return {file, settings: settingsOf(yamlText(file, text).content)};
	} catch (error) {
		if (error instanceof ConfigError) {
			// Its message may quote the file.
			return {file, settings: {}, problem: 'invalid'};
		}

		throw error;
	}
}

function settingsOf(content: Mapping): LogSettings {
	const {postgresql, log} = content;
	const section = isMapping(postgresql) ? postgresql : {};
	const dataDirectory = textOf(section.data_dir);
	return {
		postgresql: postgresLogSettings(postgresql),
		patroni: patroniLogSettings(log),
		...(dataDirectory === undefined ? {} : {dataDirectory}),
	};
}

/** The log settings of the section `postgresql`, of patroni.yml or the dynamic configuration. */
export function postgresLogSettings(section: unknown): PostgresLogSettings {
	const parameters = isMapping(section) ? section.parameters : undefined;
	if (!isMapping(parameters)) {
		return {};
	}

	const [linePrefix, timezone, destination, directory] = [
		textOf(parameters.log_line_prefix),
		textOf(parameters.log_timezone),
		textOf(parameters.log_destination),
		textOf(parameters.log_directory),
	];
	return {
		...(linePrefix === undefined ? {} : {linePrefix}),
		...(timezone === undefined ? {} : {timezone}),
		...(destination === undefined ? {} : {destination}),
		...(directory === undefined ? {} : {directory}),
	};
}

function patroniLogSettings(section: unknown): PatroniLogSettings {
	if (!isMapping(section)) {
		return {};
	}

	const [format, dateFormat, directory] = [
		textOf(section.format),
		textOf(section.dateformat),
		textOf(section.dir),
	];
	const fields = fieldsOf(section.format);
	return {
		...(section.type === 'json' ? {json: true} : {}),
		...(format === undefined ? {} : {format}),
		...(fields === undefined ? {} : {fields}),
		...(dateFormat === undefined || dateFormat === '' ? {} : {dateFormat}),
		...(directory === undefined || directory === '' ? {} : {directory}),
	};
}

/** A list of fields, some with other names: `[message, {levelname: level}]`. */
function fieldsOf(format: unknown): Record<string, string> | undefined {
	if (!Array.isArray(format)) {
		return undefined;
	}

	const renamed = format.slice(0, 100).flatMap((one: unknown) => (isMapping(one) ? Object.entries(one) : []));
	return Object.fromEntries(
		renamed.flatMap(([field, name]) => {
			const text = textOf(name);
			return text === undefined ? [] : [[sanitize(field).slice(0, prefixMaxLength), text]];
		}),
	);
}

/** A text of a bounded length; a number, boolean or date as Patroni writes it into postgresql.conf: Python's `str()`. */
function textOf(value: unknown): string | undefined {
	const text =
		value instanceof YamlScalar
			? value.value === null
				? undefined
				: value.text
			: typeof value === 'boolean'
				? // From the dynamic configuration, which is JSON.
					value
					? 'True'
					: 'False'
				: typeof value === 'string' || typeof value === 'number'
					? String(value)
					: undefined;
	return text === undefined || text.length > prefixMaxLength ? undefined : sanitize(text);
}
