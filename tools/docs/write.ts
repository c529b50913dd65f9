/** `npm run docs`: writes the generated sections of the documentation. */
import {readFileSync, writeFileSync} from 'node:fs';
import {fillSections, pages} from './sections.ts';

for (const page of Object.keys(pages)) {
	const file = new URL(`../../${page}`, import.meta.url);
	writeFileSync(file, fillSections(page, readFileSync(file, 'utf8')));
}
