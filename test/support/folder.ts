/** A temporary folder for a test file, removed when its tests have ended. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll} from 'vitest';

const folders: string[] = [];

afterAll(() => {
	for (const folder of folders.splice(0)) {
		rmSync(folder, {recursive: true, force: true});
	}
});

export function temporaryFolder(what: string): string {
	const folder = mkdtempSync(path.join(tmpdir(), `pgha-top-${what}-`));
	folders.push(folder);
	return folder;
}
