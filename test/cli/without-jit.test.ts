import {readFileSync} from 'node:fs';
import {expect, it, vi} from 'vitest';
import '../../source/cli/without-jit.ts';
import * as z from 'zod';

it('settings are checked without compiled validators, and what is loaded later with them', async () => {
	const {settingsSchema} = await import('../../source/config/schema.ts');
	z.config({jitless: false});
	const compiled = vi.spyOn(globalThis, 'Function');
	expect(settingsSchema.safeParse({scope: 'main', etcd3: {host: 'a:2379'}}).success).toBe(true);
	expect(compiled).not.toHaveBeenCalled();
	expect(z.object({name: z.string()}).safeParse({name: 'main'}).success).toBe(true);
	expect(compiled).toHaveBeenCalled();
	compiled.mockRestore();
});

it('the entry says so before it loads anything else', () => {
	const [first] = readFileSync('cli.tsx', 'utf8').match(/^import .*$/m) ?? [];
	expect(first).toBe("import './source/cli/without-jit.ts';");
});
