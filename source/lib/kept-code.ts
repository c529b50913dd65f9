/**
 * Scripts of the build, with the code that V8 compiled for them in an earlier run. Node.js's own cache has only what is compiled when a
 * module is loaded; this one has the functions that were called, too, which else every start parses and compiles again.
 */
import {readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {constants, Script} from 'node:vm';
import {crc32} from 'node:zlib';
import {errorCode} from './faults.ts';

/** ms until the code is kept again: another run calls other functions. */
const keptMs = 3_600_000;
/** Bytes before the code: checksums of the source and of the code. V8 compares the length of the source only. */
const headBytes = 8;

/** The parameters of a script; `importMetaUrl`: what `import.meta.url` is in a module. */
const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'importMetaUrl'];

type Loaded = {exports: unknown; script: Script; source: Buffer; file: string; isKept: boolean};

export class KeptCode {
	/** Of the scripts. */
	readonly #folder: string;
	/** Of the code: in a folder that only this user can write, and of these versions and flags of Node.js and V8. */
	readonly #kept: string;
	readonly #loaded = new Map<string, Loaded>();

	constructor(folder: string, kept: string) {
		this.#folder = folder;
		this.#kept = kept;
	}

	/** Runs a script of the folder, once. */
	load(name: string): unknown {
		const file = path.join(this.#folder, name);
		const before = this.#loaded.get(file);
		if (before !== undefined) {
			return before.exports;
		}

		const source = readFileSync(file);
		const kept = this.#read(file, source);
		// The build is ASCII.
		const text = `(function (${parameters.join(', ')}) {${source.toString('latin1')}\n})`;
		const script = new Script(text, {
			filename: file,
			...(kept === undefined ? {} : {cachedData: kept.code}),
			importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
		});
		const isKept = kept?.isNew === true && script.cachedDataRejected === false;
		const module: Loaded = {exports: {}, script, source, file, isKept};
		this.#loaded.set(file, module);
		const others = createRequire(file);
		const require = (id: string) => (id.startsWith('./') ? this.load(id) : others(id));
		const run: unknown = script.runInThisContext();
		if (typeof run === 'function') {
			run(module.exports, require, module, file, this.#folder, pathToFileURL(file).href);
		}

		return module.exports;
	}

	/**
	 * Keeps the code of what has run. What cannot be written is compiled again by the next run.
	 *
	 * @returns whether there was something to keep
	 */
	keep(): boolean {
		let isNew = false;
		for (const {script, source, file, isKept} of this.#loaded.values()) {
			if (!isKept) {
				isNew = true;
				const code = script.createCachedData();
				const head = Buffer.alloc(headBytes);
				head.writeUInt32LE(crc32(source), 0);
				head.writeUInt32LE(crc32(code), 4);
				const place = this.#placeOf(file);
				const made = `${place}.${process.pid}`;
				const isWritten = ifPossible(() => {
					writeFileSync(made, Buffer.concat([head, code]), {mode: 0o600, flag: 'wx'});
					renameSync(made, place);
					return true;
				});
				if (isWritten !== true) {
					ifPossible(() => rmSync(made, {force: true}));
				}
			}
		}

		return isNew;
	}

	#read(file: string, source: Buffer): {code: Buffer; isNew: boolean} | undefined {
		return ifPossible(() => {
			const place = this.#placeOf(file);
			const kept = readFileSync(place);
			const code = kept.subarray(headBytes);
			const isWhole =
				kept.length > headBytes &&
				kept.readUInt32LE(0) === crc32(source) &&
				kept.readUInt32LE(4) === crc32(code);
			return isWhole ? {code, isNew: statSync(place).mtimeMs > Date.now() - keptMs} : undefined;
		});
	}

	#placeOf(file: string): string {
		return path.join(this.#kept, `${path.basename(file)}.code`);
	}
}

/** A system's error is no answer. */
function ifPossible<T>(act: () => T): T | undefined {
	try {
		return act();
	} catch (error) {
		if (errorCode(error) === undefined) {
			throw error;
		}

		return undefined;
	}
}
