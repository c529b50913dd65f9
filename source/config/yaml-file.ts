/** Reads a YAML file as a layer of settings, with the line of each. */
import {Lexer, LineCounter, parseDocument} from 'yaml';
import {errnoWords} from '../lib/faults.ts';
import {readFileOrPipe} from '../lib/files.ts';
import {isMapping, type Layer, type Mapping, type Path} from './layers.ts';
import {ConfigError} from './origin.ts';
import {hintFor} from './yaml-hint.ts';
import {offsetOf, readNodes, YamlError} from './yaml-nodes.ts';
import {YamlScalar} from './yaml-scalar.ts';

/** Bytes; a configuration has some KiB, and parsing 16 MiB of YAML takes minutes. */
const yamlMaxBytes = 1024 * 1024;

/** Patroni's parser refuses control characters, and takes U+0085, U+2028 and U+2029 for the end of a line. */
const unprintable = /[^\t\n\r -~\u00A0-\u2027\u202A-\uFFFD]/;

/** Limits on input that takes much time or stack, far above any real configuration. */
const depthMax = 64;
const aliasesMax = 1000;
const itemsMax = 10_000;
/** Token of the library's lexer: the next token is the text of a scalar. */
const scalarMark = '\u001F';
/** Tokens without text. */
const documentMark = '\u0002';
const flowEndMark = '\u0018';

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
	const {value, originOf, repeated} = documentIn(name, text);
	const content = value === null || (value instanceof YamlScalar && value.value === null) ? {} : value;
	if (!isMapping(content)) {
		throw new ConfigError(`${name}: must be a mapping of settings (key: value)`);
	}

	return {
		content: under.reduceRight<Mapping>((below, key) => ({[key]: below}), content),
		originOf: path => originOf(path.slice(under.length)),
		repeated: repeated.map(one => ({...one, path: [...under, ...one.path]})),
	};
}

/** The value of a text of YAML, such as a variable; undefined if it is not valid. */
export function yamlValue(text: string): unknown {
	try {
		return documentIn('', text).value;
	} catch (error) {
		if (error instanceof ConfigError) {
			return undefined;
		}

		throw error;
	}
}

/** @throws ConfigError */
function documentIn(
	name: string,
	text: string,
): {value: unknown; originOf: Layer['originOf']; repeated: NonNullable<Layer['repeated']>} {
	const excess = excessOf(text);
	if (excess !== undefined) {
		throw new ConfigError(`${name}: not valid YAML: ${excess}`);
	}

	const lines = new LineCounter();
	// Every value as text: what Patroni's YAML 1.1 makes of it is decided in yaml-scalar.ts.
	const document = parseDocument(text, {
		lineCounter: lines,
		schema: 'failsafe',
		uniqueKeys: false,
		// A warning would go to the terminal, and quote the text.
		logLevel: 'error',
		// Pretty errors quote the text: their time grows with the square of the line's length.
		prettyErrors: false,
	});
	const lineAt = (offset: number) => lines.linePos(offset).line;
	const invalid = (offset: number, problem: string) =>
		new ConfigError(`${name}, line ${lineAt(offset)}: not valid YAML: ${problem}`);
	const [problem] = document.errors;
	if (problem) {
		// The parser's message quotes the text, which may be a password.
		throw invalid(problem.pos[0], hintFor(problem.code, text, problem.pos[0]));
	}

	const control = text.search(unprintable);
	if (control !== -1) {
		throw invalid(control, 'a control character: remove it, or write it with \\ in double quotes');
	}

	const tab = tabIn(text);
	if (tab !== undefined) {
		throw invalid(tab, 'a tab, which Patroni refuses outside of quotes: use spaces');
	}

	try {
		const {value, repeated} = readNodes(document.contents, text);
		return {
			value,
			repeated: repeated.map(({path, first, last}) => ({path, first: lineAt(first), last: lineAt(last)})),
			originOf(path) {
				const offset = offsetOf(document.contents, path);
				return {file: name, line: offset === undefined ? undefined : lineAt(offset), key: path.join('.')};
			},
		};
	} catch (error) {
		throw error instanceof YamlError ? invalid(error.offset, error.message) : error;
	}
}

/** The offset of a tab between words: Patroni's parser allows tabs only in quotes, comments and blocks of text. */
function tabIn(text: string): number | undefined {
	let offset = 0;
	let isScalar = false;
	let isBlock = false;
	for (const token of text.includes('\t') ? new Lexer().lex(text) : []) {
		if (token === scalarMark || token === documentMark || token === flowEndMark) {
			isScalar = token === scalarMark;
			continue;
		}

		const tab = token.indexOf('\t');
		if (tab !== -1 && !(isScalar ? isBlock : /^["'#]/.test(token))) {
			return offset + tab;
		}

		isBlock = isScalar ? false : /^[|>]/.test(token) || (isBlock && /^[\s#]/.test(token));
		isScalar = false;
		offset += token.length;
	}

	return undefined;
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
