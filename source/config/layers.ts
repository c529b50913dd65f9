/** Settings from several places laid over each other, as Patroni does it, each value with the place that it came from. */
import type * as z from 'zod';
import {ownValue} from '../lib/map-entries.ts';
import {ConfigError, type Origin, pointAt, shown} from './origin.ts';

export type Path = readonly string[];

/** One file, the environment, or the flags. */
export type Layer = {content: Mapping; originOf: (path: Path) => Origin};

export type Mapping = {[key: string]: unknown};

export function isMapping(value: unknown): value is Mapping {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Layers {
	readonly content: Mapping = {};
	readonly #givers = new Map<string, Layer>();

	/** @param layers later ones win: mappings are joined, all else is replaced, an empty value takes the key away. */
	constructor(layers: readonly Layer[]) {
		for (const layer of layers) {
			this.#lay(this.content, layer.content, layer, []);
		}
	}

	/** Where the value was given; undefined for a default. */
	given(path: Path): Origin | undefined {
		return this.#givers.get(path.join('\n'))?.originOf(path);
	}

	/** The place to point at for a fault at `path`: the value's own, else that of what it is missing from. */
	nearest(path: Path): Origin | undefined {
		for (let length = path.length; length > 0; length--) {
			const giver = this.#givers.get(path.slice(0, length).join('\n'));
			if (giver) {
				return giver.originOf(path);
			}
		}

		return undefined;
	}

	/** @throws ConfigError with one line for each thing that is wrong. */
	validate<T extends z.ZodType>(schema: T): z.infer<T> {
		const result = schema.safeParse(this.content, {reportInput: true});
		if (result.success) {
			return result.data;
		}

		throw new ConfigError(
			result.error.issues
				.flatMap(issue => {
					const path = issue.path.map(String);
					if (issue.code === 'unrecognized_keys') {
						return issue.keys.map(key => this.complaint([...path, key], issue.message));
					}

					return this.complaint(path, `${issue.message}, found ${shown(path, issue.input)}`);
				})
				.join('\n'),
		);
	}

	/** `FILE, line 4: ctl.insecure: must be true or false`. */
	complaint(path: Path, problem: string): string {
		const origin = this.nearest(path);
		return `${origin === undefined ? path.join('.') : pointAt(origin)}: ${problem}`;
	}

	#lay(onto: Mapping, content: Mapping, layer: Layer, path: Path): void {
		for (const [key, value] of Object.entries(content)) {
			const here = [...path, key];
			if (value === null || value === undefined) {
				delete onto[key];
				this.#forget(here);
				continue;
			}

			this.#givers.set(here.join('\n'), layer);
			const known = ownValue(onto, key);
			const laid = isMapping(value) ? (isMapping(known) ? known : {}) : value;
			// Assigned, a key `__proto__` would be lost without a word.
			Object.defineProperty(onto, key, {value: laid, enumerable: true, writable: true, configurable: true});
			if (isMapping(value) && isMapping(laid)) {
				this.#lay(laid, value, layer, here);
			}
		}
	}

	#forget(path: Path): void {
		const id = path.join('\n');
		for (const known of this.#givers.keys()) {
			if (known === id || known.startsWith(`${id}\n`)) {
				this.#givers.delete(known);
			}
		}
	}
}
