/** A folder of configuration files for one test. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {temporaryFolder} from './folder.ts';

/** @returns the folder; `files` by their paths in it. */
export function home(files: Readonly<Record<string, string>>): string {
	const folder = temporaryFolder('home');
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
		writeFileSync(path.join(folder, name), content);
	}

	return folder;
}

export const minimal = 'scope: main\netcd3: {hosts: "a:2379, b"}\n';
