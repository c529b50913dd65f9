/** The notice of bundled packages: the program contains every licence text, and an unknown licence stops the build. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {bundledPackages, legalComments, noticeText} from '../../tools/package/notice.ts';
import {temporaryFolder} from '../support/folder.ts';

const mit = 'MIT License\n\nCopyright (c) 2026 us\n\nPermission is hereby granted, free of charge, …\n';

/** Installs packages. @returns the path of a module of each */
function installed(packages: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
	const folder = temporaryFolder('notice');
	return Object.entries(packages).map(([name, files]) => {
		const own = path.join(folder, 'node_modules', name);
		for (const [file, content] of Object.entries({'index.js': '', ...files})) {
			mkdirSync(path.dirname(path.join(own, file)), {recursive: true});
			writeFileSync(path.join(own, file), content);
		}

		return path.join(own, 'index.js');
	});
}

const manifest = (more: object) => JSON.stringify({name: 'a', version: '1.2.3', license: 'MIT', ...more});

it('takes all licence and notice files, also of code that a package took from others', () => {
	const modules = installed({
		a: {
			'package.json': manifest({}),
			LICENSE: 'licence of a',
			'NOTICE.txt': 'notice of a',
			'lib/b/LICENCE.md': 'licence of b',
			'build/licenses.md': 'licences of c and d',
			'node_modules/e/LICENSE': 'licence of e, which is not bundled',
			'licensing.js': 'no licence',
		},
	});
	expect(bundledPackages(modules, mit)).toEqual([
		{
			name: 'a',
			version: '1.2.3',
			licence: 'MIT',
			texts: ['licence of a', 'notice of a', 'licences of c and d', 'licence of b'],
			comments: [],
		},
	]);
});

it.each<[string, Record<string, string>, string]>([
	[
		'the section of the readme',
		{
			'package.json': manifest({}),
			'README.md':
				'# a\ntext\n## License\nCopyright 2014 B\n\nPermission is hereby granted, …\n\n## More\nmore',
		},
		'Copyright 2014 B\n\nPermission is hereby granted, …',
	],
	[
		"the licence's own text with the author",
		{'package.json': manifest({author: {name: 'B'}}), 'README.md': '# a\n## License\nMIT'},
		'MIT License\n\nCopyright (c) B\n\nPermission is hereby granted, free of charge, …',
	],
	[
		'the same with several authors',
		{'package.json': manifest({author: ['B <b@example.com>', 'C']})},
		'MIT License\n\nCopyright (c) B <b@example.com>, C\n\nPermission is hereby granted, free of charge, …',
	],
])('without a licence file takes %s', (_, files, text) => {
	expect(bundledPackages(installed({a: files}), mit)[0]?.texts).toEqual([text]);
});

it.each<[string, object, string]>([
	['another licence', {license: 'GPL-3.0-only'}, 'a 1.2.3 has the licence GPL-3.0-only'],
	['no licence', {license: undefined}, 'a 1.2.3 has the licence none'],
	['an older form of it', {license: undefined, licenses: [{type: 'WTFPL'}]}, 'a 1.2.3 has the licence WTFPL'],
	['no text and no author', {}, 'a 1.2.3 has no text of its licence (MIT)'],
	[
		'no text of a licence that needs its own',
		{license: 'ISC', author: 'B'},
		'a 1.2.3 has no text of its licence',
	],
])('refuses a package with %s', (_, more, message) => {
	expect(() => bundledPackages(installed({a: {'package.json': manifest(more)}}), mit)).toThrow(message);
});

it('names one package at two places once, two versions of it twice', () => {
	const files = {'package.json': manifest({}), LICENSE: 'x'};
	const modules = installed({
		a: {...files, 'index.js': '// Copyright 1'},
		'b/node_modules/a': {...files, 'index.js': '// Copyright 1\n\n// Copyright 2'},
		'c/node_modules/a': {...files, 'package.json': manifest({version: '2.0.0'})},
	});
	expect(bundledPackages(modules, mit)).toMatchObject([
		{name: 'a', version: '1.2.3', comments: ['Copyright 1', 'Copyright 2']},
		{name: 'a', version: '2.0.0'},
	]);
});

it('leaves out modules of pgha-top and of the bundler', () => {
	expect(bundledPackages(['/project/source/main.ts', '\0rolldown/runtime.js'], mit)).toEqual([]);
});

it.each([
	['/*! kept */ code()', ['kept']],
	['/**\n * @license X\n *\n * Copyright (c) B\n */', ['@license X\n\nCopyright (c) B']],
	['\t// Copyright B\r\n\t// line two\r\ncode()', ['Copyright B\nline two']],
	['/* licensed under the Apache License */\n/* other */', ['licensed under the Apache License']],
	['// a comment\ncode() // Copyright in passing', []],
])('finds the licence comments of %j', (code, comments) => {
	expect(legalComments(code)).toEqual(comments);
});

it('lists the packages before their texts', () => {
	const one = {name: 'a', version: '1', licence: 'MIT', texts: ['text of a'], comments: ['Copyright B']};
	expect(noticeText([one, {...one, name: 'c', comments: []}]).replaceAll(/=+/g, '=')).toBe(
		`pgha-top contains these packages, in this order:

a 1: MIT
c 1: MIT

=
a 1

text of a

Copyright B

=
c 1

text of a

`,
	);
});
