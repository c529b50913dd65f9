/** Reads one YAML file and validates it; every error names file, line and key, what was found and what is allowed. */
import {readFileSync} from 'node:fs';
import {type Document, LineCounter, parseDocument} from 'yaml';
import type * as z from 'zod';
import {ConfigError} from './error.ts';

export type YamlFile = {path: string; document: Document.Parsed; lines: LineCounter};

/** @throws ConfigError when the file can't be read or is not YAML. */
export function readYaml(path: string): YamlFile {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		throw new ConfigError(
			`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
		);
	}

	const lines = new LineCounter();
	const document = parseDocument(text, {lineCounter: lines});
	const [problem] = document.errors;
	if (problem) {
		const line = problem.linePos?.[0].line;
		throw new ConfigError(
			`${path}${line === undefined ? '' : `, line ${line}`}: not valid YAML: ${problem.message.split('\n')[0]}`,
		);
	}

	return {path, document, lines};
}

/**
 * The file's content, or what stands below `section`, in the schema's shape; undefined when the section is not there.
 * @throws ConfigError with one line for each thing that is wrong.
 */
export function validate<T extends z.ZodType>(
	file: YamlFile,
	schema: T,
	section: readonly string[] = [],
): z.infer<T> | undefined {
	const content: unknown = section.length === 0 ? (file.document.toJS() ?? {}) : undefined;
	const value = section.length === 0 ? content : plain(file.document.getIn(section, true), file.document);
	if (value === undefined || value === null) {
		return undefined;
	}

	const result = schema.safeParse(value, {reportInput: true});
	if (result.success) {
		return result.data;
	}

	throw new ConfigError(
		result.error.issues
			.map(issue => {
				const path = [...section, ...issue.path.map(String)];
				const key = issue.code === 'unrecognized_keys' ? [...path, ...issue.keys.slice(0, 1)] : path;
				const line = lineOf(file, key);
				const where = `${file.path}${line === undefined ? '' : `, line ${line}`}`;
				const found =
					isSecret(path.at(-1)) || issue.code === 'unrecognized_keys'
						? ''
						: `, found ${describe(issue.input)}`;
				return `${where}: ${key.join('.') || 'the file'}: ${issue.message}${found}`;
			})
			.join('\n'),
	);
}

function plain(node: unknown, document: Document.Parsed): unknown {
	return typeof node === 'object' && node !== null && 'toJS' in node && typeof node.toJS === 'function'
		? node.toJS(document)
		: node;
}

function lineOf(file: YamlFile, path: readonly string[]): number | undefined {
	for (let length = path.length; length > 0; length--) {
		const node = file.document.getIn(path.slice(0, length), true);
		if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
			return file.lines.linePos(Number(node.range[0])).line;
		}
	}

	return undefined;
}

function isSecret(key: string | undefined): boolean {
	return key !== undefined && /pass|secret|token|key/i.test(key);
}

function describe(value: unknown): string {
	if (value === undefined) {
		return 'nothing';
	}

	const text = JSON.stringify(value);
	return typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'a mapping') : text;
}
