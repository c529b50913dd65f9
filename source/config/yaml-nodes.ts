/** The values of a YAML document as Patroni's parser builds them: aliases, merge keys, repeated keys, tags. */
import {isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap} from 'yaml';
import type {Mapping, Path} from './layers.ts';
import {resolveScalar, ScalarError, YamlScalar} from './yaml-scalar.ts';

/** Values, those of aliases counted where they are used; a configuration has some hundreds. */
const valuesMax = 100_000;

/** What Patroni's parser refuses; the message is the problem and its fix, without the text. */
export class YamlError extends Error {
	override name = 'YamlError';
	readonly offset: number;

	constructor(offset: number, message: string) {
		super(message);
		this.offset = offset;
	}
}

/** A key that occurs twice in one mapping: the last one counts. */
export type Repeated = {path: Path; first: number; last: number};

export type Read = {value: unknown; repeated: readonly Repeated[]};

/** @throws YamlError */
export function readNodes(contents: Node | null, text: string): Read {
	const reader = new Reader(text);
	return {value: contents === null ? null : reader.read(contents, []), repeated: reader.repeated};
}

class Reader {
	readonly repeated: Repeated[] = [];
	readonly #text: string;
	readonly #anchors = new Map<string, Node>();
	/** Of anchored nodes; undefined while a node is being read. */
	readonly #values = new Map<Node, {value: unknown; count: number} | undefined>();
	#count = 0;

	constructor(text: string) {
		this.#text = text;
	}

	read(node: Node, path: Path): unknown {
		if (isAlias(node)) {
			return this.#valueOf(node);
		}

		const before = this.#count;
		this.#add(1, node);
		if (hasAnchor(node)) {
			if (this.#anchors.has(node.anchor)) {
				throw new YamlError(offset(node), `the anchor (&) of this name exists already: rename one`);
			}

			this.#anchors.set(node.anchor, node);
			this.#values.set(node, undefined);
		}

		const value = isMap(node)
			? this.#mapping(node, path)
			: isSeq(node)
				? this.#sequence(node.items, path, node)
				: isScalar(node)
					? scalarOf(node)
					: null;
		if (this.#values.has(node)) {
			this.#values.set(node, {value, count: this.#count - before});
		}

		return value;
	}

	#sequence(items: readonly unknown[], path: Path, node: Node): unknown[] {
		checkTag(node, 'seq');
		return items.map((item, index) => (isNode(item) ? this.read(item, [...path, String(index)]) : null));
	}

	#mapping(node: YAMLMap, path: Path): unknown {
		checkTag(node, 'map');
		const own: Mapping = {};
		const merged: Mapping = {};
		const keys = new Map<string, number>();
		for (const {key, value} of node.items) {
			const at = isNode(key) ? offset(key) : offset(node);
			if (isNode(key) && !isScalar(key)) {
				const template = this.#template(node);
				if (template !== undefined) {
					return template;
				}

				throw new YamlError(at, 'a mapping or list is used as a key: put it in quotes');
			}

			if (isScalar(key)) {
				this.#add(1, undefined, at);
				// Refuses a tag that Patroni does not know.
				scalarOf(key, true);
				if (key.anchor !== undefined) {
					this.#anchors.set(key.anchor, key as Node);
					this.#values.set(key as Node, {value: scalarOf(key, true), count: 1});
				}
			}

			const name = isScalar(key) ? String(key.value) : '';
			const isMerge = name === '<<' && isScalar(key) && isPlain(key);
			const below = isNode(value) ? this.read(value, isMerge ? path : [...path, name]) : null;
			if (isMerge) {
				this.#merge(merged, below, at);
				continue;
			}

			const first = keys.get(name);
			if (first !== undefined) {
				this.repeated.push({path: [...path, name], first, last: at});
			}

			keys.set(name, at);
			put(own, name, below);
		}

		for (const [name, value] of Object.entries(merged)) {
			if (!Object.hasOwn(own, name)) {
				put(own, name, value);
			}
		}

		return own;
	}

	/** `<<`: of several mappings in a list the first one counts, of several `<<` the last one. */
	#merge(merged: Mapping, value: unknown, at: number): void {
		const sources = Array.isArray(value) ? [...value].reverse() : [value];
		for (const source of sources) {
			if (
				typeof source !== 'object' ||
				source === null ||
				Array.isArray(source) ||
				source instanceof YamlScalar
			) {
				throw new YamlError(at, '<< needs a mapping, or a list of mappings');
			}

			for (const [name, one] of Object.entries(source)) {
				this.#add(1, undefined, at);
				put(merged, name, one);
			}
		}
	}

	/** `{{ name }}` without quotes, which YAML takes for a mapping within a mapping. */
	#template(node: YAMLMap): string | undefined {
		const [from = 0, to = 0] = node.range ?? [];
		const source = this.#text.slice(from, to);
		return /^\{\{[^{}\n]*\}\}$/.test(source) ? source : undefined;
	}

	#valueOf(alias: Node & {source: string}): unknown {
		const target = this.#anchors.get(alias.source);
		if (target === undefined) {
			throw new YamlError(
				offset(alias),
				'* at the beginning of a value refers to an anchor (&), and there is none: put the value in quotes',
			);
		}

		const known = this.#values.get(target);
		if (known === undefined) {
			throw new YamlError(offset(alias), 'an alias (*) within its own anchor (&)');
		}

		this.#add(known.count, alias);
		return known.value;
	}

	#add(count: number, node: Node | undefined, at = node === undefined ? 0 : offset(node)): void {
		this.#count += count;
		if (this.#count > valuesMax) {
			throw new YamlError(at, `more than ${valuesMax} values, aliases counted where they are used`);
		}
	}
}

function hasAnchor(node: Node): node is Node & {anchor: string} {
	return 'anchor' in node && typeof node.anchor === 'string';
}

function isPlain(scalar: Scalar): boolean {
	return scalar.type === undefined || scalar.type === 'PLAIN';
}

function scalarOf(node: Scalar, isKey = false): string | YamlScalar {
	const text = String(node.value ?? '');
	if (node.tag !== undefined) {
		if (node.tag === 'tag:yaml.org,2002:str' || (node.tag === '!' && text !== '')) {
			return text;
		}

		if (node.tag === '!') {
			return resolveScalar('');
		}

		throw new YamlError(
			offset(node),
			node.tag.startsWith('tag:yaml.org,2002:')
				? 'a tag (!!) that is not supported: write the value without it'
				: '! at the beginning of a value is a tag, and Patroni knows no such tag: put the value in quotes',
		);
	}

	if (!isPlain(node) || isKey) {
		return text;
	}

	try {
		return resolveScalar(text);
	} catch (error) {
		throw error instanceof ScalarError ? new YamlError(offset(node), error.message) : error;
	}
}

function checkTag(node: Node, kind: 'map' | 'seq'): void {
	if (node.tag !== undefined && node.tag !== `tag:yaml.org,2002:${kind}`) {
		throw new YamlError(offset(node), `a tag (!) on a ${kind === 'map' ? 'mapping' : 'list'}: remove it`);
	}
}

/** Assigning a key `__proto__` would silently lose it. */
function put(mapping: Mapping, key: string, value: unknown): void {
	Object.defineProperty(mapping, key, {value, enumerable: true, writable: true, configurable: true});
}

function offset(node: Node): number {
	return node.range?.[0] ?? 0;
}

/** The offset of the value, or of its deepest existing parent. */
export function offsetOf(root: Node | null, path: Path): number | undefined {
	let node: unknown = root;
	let found: number | undefined;
	for (const key of path) {
		const pair = isMap(node)
			? node.items.findLast(one => String(isScalar(one.key) ? one.key.value : one.key) === key)
			: undefined;
		node = isSeq(node) ? node.items[Number(key)] : pair?.value;
		const mark = pair?.key ?? node;
		if (!isNode(mark)) {
			break;
		}

		found = mark.range?.[0] ?? found;
	}

	return found;
}
