/** One YAML file as a layer of settings that knows the line of each. */
import {type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument} from 'yaml';
import {readFileOrPipe, whyNotRead} from '../read-file.ts';
import {ConfigError} from './error.ts';
import {isMapping, type Layer, type Mapping, type Path} from './layers.ts';

/** A configuration has some KiB; YAML of 16 MiB would be read for minutes. */
const yamlMaxBytes = 1024 * 1024;

/** @throws ConfigError when the file can't be read, is not YAML, or is not a mapping. */
export function yamlFile(path: string, under: Path = []): Layer {
	let text: string;
	try {
		text = readFileOrPipe(path, {maxBytes: yamlMaxBytes});
	} catch (error) {
		throw new ConfigError(`${path}: cannot be read: ${whyNotRead(error)}`);
	}

	return yamlText(path, text, under);
}

/**
 * @param name stands for the file in messages.
 * @param under where the content belongs among all settings.
 */
export function yamlText(name: string, text: string, under: Path = []): Layer {
	const lines = new LineCounter();
	// Patroni reads YAML 1.1: it knows `<<`, and takes the last of two equal keys.
	const document = parseDocument(text, {
		lineCounter: lines,
		merge: true,
		uniqueKeys: false,
		// A warning would go to the terminal, and quotes the text.
		logLevel: 'error',
	});
	const content = contentOf(name, document);
	return {
		content: under.reduceRight<Mapping>((below, key) => ({[key]: below}), content),
		originOf(path) {
			const own = path.slice(under.length);
			const offset = offsetOf(document.contents, own);
			const line = offset === undefined ? undefined : lines.linePos(offset).line;
			return {file: name, line, key: own.join('.')};
		},
	};
}

function contentOf(name: string, document: Document.Parsed): Mapping {
	const [problem] = document.errors;
	if (problem) {
		const line = problem.linePos?.[0].line;
		// The parser's own words quote the text, which may be a password.
		const what = problem.code.toLowerCase().replaceAll('_', ' ');
		throw new ConfigError(`${name}${line === undefined ? '' : `, line ${line}`}: not valid YAML: ${what}`);
	}

	let content: unknown;
	try {
		content = document.toJS() ?? {};
	} catch {
		throw new ConfigError(
			`${name}: not valid YAML: an alias (*name) without its anchor (&name), or too many`,
		);
	}

	if (!isMapping(content)) {
		throw new ConfigError(`${name}: must be a mapping of settings (key: value)`);
	}

	return content;
}

/** Where the value stands in the text, or the deepest part of the way to it that is there. */
function offsetOf(root: Node | null, path: Path): number | undefined {
	let node: unknown = root;
	let offset: number | undefined;
	for (const key of path) {
		const pair = isMap(node)
			? node.items.findLast(one => String(isScalar(one.key) ? one.key.value : one.key) === key)
			: undefined;
		node = isSeq(node) ? node.items[Number(key)] : pair?.value;
		const mark = pair?.key ?? node;
		if (!isNode(mark)) {
			break;
		}

		offset = mark.range?.[0] ?? offset;
	}

	return offset;
}
