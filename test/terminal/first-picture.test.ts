/** What the first picture of the console waits for. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

/** Notes in the file that MADE names each picture, and what takes time to make: a segmenter 10 ms, a compiled validator 1 ms. */
const notingWhatIsMade = `
const note = line => require('node:fs').appendFileSync(process.env.MADE, line + '\\n');
Intl.Segmenter = class extends Intl.Segmenter {
	constructor(...options) {
		super(...options);
		note('segmenter');
	}
};
globalThis.Function = new Proxy(Function, {
	construct(target, args) {
		note('function');
		return new target(...args);
	},
});
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (data, ...more) => {
	if (String(data).includes('▸ Members')) note('picture');
	return write(data, ...more);
};`;

it.each([
	['main', []],
	// Its letters may join.
	['データ', ['segmenter']],
] as const)('draws a cluster that is called %s, after it has made %j', async (scope, wanted) => {
	const folder = temporaryFolder('first-picture');
	const [configFile, hook, made] = ['patronictl.yaml', 'hook.cjs', 'made'].map(name =>
		path.join(folder, name),
	) as [string, string, string];
	writeFileSync(
		configFile,
		`scope: ${scope}\netcd3: {hosts: "127.0.0.1:1"}\npgha-top: {vip: 127.0.0.2, nodes: {pgdb1: {host: 127.0.0.1}}}\n`,
	);
	writeFileSync(hook, notingWhatIsMade);
	writeFileSync(made, '');
	const terminal = new Terminal(node, ['--require', hook, program, '-c', configFile], {
		env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: folder, MADE: made},
	});
	onTestFinished(async () => terminal.kill());
	await terminal.until('the panes', text => text.includes(scope) && /▸ Members .*└─+┘\n[^┌]*$/s.test(text));
	const notes = readFileSync(made, 'utf8').split('\n');
	expect(notes.slice(0, notes.indexOf('picture'))).toEqual(wanted);
});
