/** What the first picture of the console waits for. */
import {existsSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

/** Notes in the file that SEGMENTERS names that a segmenter was made, which takes 10 ms. */
const notingSegmenters = `
const {Segmenter} = Intl;
Intl.Segmenter = class extends Segmenter {
	constructor(...options) {
		super(...options);
		require('node:fs').writeFileSync(process.env.SEGMENTERS, '');
	}
};`;

it.each([
	['main', false],
	['データ', true],
] as const)('draws a cluster that is called %s; with a segmenter of Intl: %s', async (scope, isMade) => {
	const folder = temporaryFolder('first-picture');
	const [configFile, hook, segmenters] = ['patronictl.yaml', 'hook.cjs', 'segmenters'].map(name =>
		path.join(folder, name),
	) as [string, string, string];
	writeFileSync(configFile, `scope: ${scope}\netcd3: {hosts: "127.0.0.1:1"}\n`);
	writeFileSync(hook, notingSegmenters);
	const terminal = new Terminal(node, ['--require', hook, program, '-c', configFile], {
		env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: folder, SEGMENTERS: segmenters},
	});
	onTestFinished(async () => terminal.kill());
	await terminal.until('the panes', text => text.includes(scope) && /▸ Members .*└─+┘\n[^┌]*$/s.test(text));
	expect(existsSync(segmenters)).toBe(isMade);
});
