import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {fillSections} from '../tools/readme/sections.ts';

it('has the readme as the code is; npm run readme writes it', () => {
	const text = readFileSync(new URL('../readme.md', import.meta.url), 'utf8');
	expect(text).toBe(fillSections(text));
});
