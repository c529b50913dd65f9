/** After the build: man pages and completions, into dist/man and dist/completions. */
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {bashCompletion} from './bash.ts';
import {fishCompletion} from './fish.ts';
import {manPages} from './man-page.ts';
import {zshCompletion} from './zsh.ts';

const root = path.join(import.meta.dirname, '..', '..');
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {version: string};
/** https://reproducible-builds.org/specs/source-date-epoch */
const seconds = Number(process.env.SOURCE_DATE_EPOCH);
const date = new Date(seconds > 0 ? seconds * 1000 : Date.now()).toISOString().slice(0, 10);

write('man', manPages(version, date));
write(
	'completions',
	new Map([
		['pgha-top.bash', bashCompletion()],
		['_pgha-top', zshCompletion()],
		['pgha-top.fish', fishCompletion()],
	]),
);

function write(name: string, files: ReadonlyMap<string, string>): void {
	const folder = path.join(root, 'dist', name);
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	for (const [file, text] of files) {
		writeFileSync(path.join(folder, file), text);
	}
}
