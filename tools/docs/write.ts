/** `npm run readme`: writes the made parts of readme.md anew. */
import {readFileSync, writeFileSync} from 'node:fs';
import {fillSections} from './sections.ts';

const file = new URL('../../readme.md', import.meta.url);
writeFileSync(file, fillSections(readFileSync(file, 'utf8')));
