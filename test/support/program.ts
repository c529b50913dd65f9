/** The built program as npm installs it; `npm test` builds it first. */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const node = process.execPath;

export const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Flags of Node.js; with them the program writes the names of the files that it loads to the file that IMPORTS names. */
export const recordingImports = ['--import', new URL('record-imports.js', import.meta.url).href] as const;

/** The packages that the program loaded: the build names them at the end of each file. */
export function loadedPackages(importsFile: string): string[] {
	const chunks = readFileSync(importsFile, 'utf8').match(/^file:.*\/dist\/.*$/gm) ?? [];
	return chunks.flatMap(
		chunk =>
			/^\/\/ (.*)$/m
				.exec(readFileSync(new URL(chunk), 'utf8').trim().split('\n').at(-1) ?? '')?.[1]
				?.split(' ') ?? [],
	);
}
