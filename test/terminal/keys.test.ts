/** Read-only and dry run in a real terminal: by flag, by environment, by configuration. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, it} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {node, program} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

const open = new Set<Terminal>();

afterEach(async () => {
	await Promise.all([...open].map(async terminal => terminal.kill()));
	open.clear();
});

function start(args: readonly string[], env: Record<string, string>, own: string): Terminal {
	const file = path.join(temporaryFolder('keys'), 'patronictl.yaml');
	// The discard port is closed.
	writeFileSync(file, `scope: main\netcd3: {hosts: "127.0.0.1:9"}\npgha-top: {vip: 10.73.0.172${own}}\n`);
	const terminal = new Terminal(node, [program, '-c', file, ...args], {
		env: {XDG_CONFIG_HOME: '/nonexistent', ...env},
	});
	open.add(terminal);
	return terminal;
}

describe.each([
	['read-only', 'READ-ONLY', '--read-only', 'PGHA_TOP_READ_ONLY', ', read_only: true'],
	['a dry run', 'DRY RUN', '--dry-run', 'PGHA_TOP_DRY_RUN', ', dry_run: true'],
])('%s', (_, title, flag, variable, own) => {
	it.each<[string, readonly string[], Record<string, string>, string]>([
		['by flag', [flag], {}, ''],
		['by environment', [], {[variable]: 'true'}, ''],
		['by configuration', [], {}, own],
	])('%s is in the title', async (_way, args, env, settings) => {
		const terminal = start(args, env, settings);
		const text = await terminal.until('the panes', seen => seen.includes('q quit'), 25_000);
		expect(text.split('\n')[0]).toContain(title);
		expect(text.includes('m menu')).toBe(title === 'DRY RUN');
		terminal.press(title === 'DRY RUN' ? 'm' : '?');
		const over = await terminal.until(
			'what lies over the panes',
			seen => /━ (?:▸ )?(?:Operations|Help)/.test(seen),
			25_000,
		);
		expect(over).not.toContain('Menu:');
	});
});
