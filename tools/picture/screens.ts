/** Renders the app's screen without a terminal. Node.js runs TypeScript but not JSX, so it is built first. */
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {build} from 'rolldown';

export type Screens = typeof import('../../test/support/screen.tsx');

export async function loadScreens(): Promise<Screens> {
	const root = path.join(import.meta.dirname, '../..');
	const file = path.join(root, 'node_modules/.cache/pgha-screens/screen.js');
	await build({
		input: path.join(root, 'test/support/screen.tsx'),
		platform: 'node',
		external: /^[^./]/,
		output: {file},
		logLevel: 'warn',
	});
	return (await import(pathToFileURL(file).href)) as Screens;
}
