/** Reads a YAML file as a layer of settings, with the line of each. */
import {
	type Document,
	isMap,
	isNode,
	isScalar,
	isSeq,
	Lexer,
	LineCounter,
	type Node,
	parseDocument,
} from 'yaml';
import {errnoWords} from '../lib/faults.ts';
import {readFileOrPipe} from '../lib/files.ts';
import {isMapping, type Layer, type Mapping, type Path} from './layers.ts';
import {ConfigError} from './origin.ts';

/** Bytes; a configuration has some KiB, and parsing 16 MiB of YAML takes minutes. */
const yamlMaxBytes = 1024 * 1024;

/** Limits on input that takes much time or stack, far above any real configuration. */
const depthMax = 64;
const aliasesMax = 1000;
const itemsMax = 10_000;
/** Token of the library's lexer: the next token is the text of a scalar. */
const scalarMark = '\u001F';

/** @throws ConfigError if the file cannot be read, is invalid YAML, or is not a mapping */
export function yamlFile(path: string, under: Path = []): Layer {
	let text: string;
	try {
		text = readFileOrPipe(path, {maxBytes: yamlMaxBytes});
	} catch (error) {
		throw new ConfigError(`${path}: cannot be read: ${errnoWords(error)}`);
	}

	return yamlText(path, text, under);
}

/**
 * @param name the file's name in messages
 * @param under path of the content within all settings
 */
export function yamlText(name: string, text: string, under: Path = []): Layer {
	const excess = excessOf(text);
	if (excess !== undefined) {
		throw new ConfigError(`${name}: not valid YAML: ${excess}`);
	}

	const lines = new LineCounter();
	// As Patroni's YAML 1.1: supports `<<`, and the last of two equal keys counts.
	const document = parseDocument(text, {
		lineCounter: lines,
		merge: true,
		uniqueKeys: false,
		// A warning would go to the terminal, and quote the text.
		logLevel: 'error',
		// Pretty errors quote the text: their time grows with the square of the line's length.
		prettyErrors: false,
	});
	const content = contentOf(name, document, lines);
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

/** Why the text is refused: nesting, items, anchors and aliases over the limits; undefined if it is within them. */
function excessOf(text: string): string | undefined {
	/** Depth of open brackets. */
	let flow = 0;
	/** Nested keys and items on one line, without brackets. */
	let beside = 0;
	/** Indentation of the present line and of those that enclose it. */
	const indents: number[] = [];
	let indent: number | undefined = 0;
	let items = 0;
	let aliases = 0;
	let isScalarNext = false;
	for (const token of new Lexer().lex(text)) {
		const first = isScalarNext ? '' : token.charAt(0);
		isScalarNext = token === scalarMark;
		if (indent !== undefined && first === ' ') {
			indent = token.length;
		} else if (indent !== undefined && !/^[#\r\n]/.test(first)) {
			while ((indents.at(-1) ?? -1) >= indent) {
				indents.pop();
			}

			indents.push(indent);
			indent = undefined;
		}

		switch (first) {
			case '[':
			case '{': {
				flow++;
				break;
			}

			case ']':
			case '}': {
				flow--;
				break;
			}

			case '-':
			case '?':
			case ':': {
				beside++;
				break;
			}

			case ',': {
				items++;
				beside = 0;
				break;
			}

			case '\n':
			case '\r': {
				beside = flow > 0 ? beside : 0;
				indent = 0;
				break;
			}

			case '*':
			case '&': {
				aliases++;
				break;
			}
		}

		if (flow > depthMax || beside > depthMax || indents.length > depthMax) {
			return `nested deeper than ${depthMax} levels`;
		}

		if (aliases > aliasesMax) {
			return `more than ${aliasesMax} anchors (&name) and aliases (*name)`;
		}

		if (items > itemsMax) {
			return `more than ${itemsMax} items in brackets`;
		}
	}

	return undefined;
}

function contentOf(name: string, document: Document.Parsed, lines: LineCounter): Mapping {
	const [problem] = document.errors;
	if (problem) {
		const {line} = lines.linePos(problem.pos[0]);
		// The parser's message quotes the text, which may be a password.
		const what = problem.code.toLowerCase().replaceAll('_', ' ');
		throw new ConfigError(`${name}, line ${line}: not valid YAML: ${what}`);
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

/** The offset of the value, or of its deepest existing parent. */
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
