/** The notice of bundled packages: their licences, and the licence comments that the minified build has no more. */
import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {Plugin} from 'rolldown';
import * as z from 'zod';

/** In dist/, so that each package of pgha-top has it. */
export const noticeFile = 'third-party.txt';

/** Licences that let a program be passed on with a notice; another one needs a decision. */
const accepted = new Set([
	...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT'],
	...['MIT-0', 'Unlicense'],
]);

export type BundledPackage = {
	name: string;
	version: string;
	/** SPDX identifier. */
	licence: string;
	/** Texts of its licence files. */
	texts: readonly string[];
	/** Copyright and licence comments of its modules. */
	comments: readonly string[];
};

const person = z.union([z.string(), z.object({name: z.string()}).transform(({name}) => name)]);
const manifest = z.object({
	name: z.string(),
	version: z.string(),
	license: z.string().optional(),
	/** Of older packages. */
	licenses: z.array(z.object({type: z.string()})).optional(),
	author: z.union([person, z.array(person).transform(all => all.join(', '))]).optional(),
});

/** Rolldown's plugin: writes the notice beside the program. */
export function notice(): Plugin {
	return {
		name: 'notice of bundled packages',
		generateBundle(_, bundle) {
			const modules = Object.values(bundle).flatMap(file => (file.type === 'chunk' ? file.moduleIds : []));
			const packages = bundledPackages(modules, readFileSync('license', 'utf8'));
			this.emitFile({type: 'asset', fileName: noticeFile, source: noticeText(packages)});
		},
	};
}

/**
 * @param mit the text of the MIT licence, for a package that names it and has no text of its own
 * @throws Error for a package without a licence, or with one that is not in `accepted`
 */
export function bundledPackages(moduleIds: readonly string[], mit: string): BundledPackage[] {
	const modules = Map.groupBy(new Set(moduleIds), id => packageFolder(id) ?? '');
	modules.delete('');
	const packages = [...modules].map(([folder, files]) => readPackage(folder, files, mit));
	return unique(packages).sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

/** The folder of the package that a module belongs to; undefined for modules of pgha-top and of the bundler. */
function packageFolder(moduleId: string): string | undefined {
	return (
		/^(?:\0)?(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.[1] ??
		/^(.*\/packages\/[^/]+)\/source\//.exec(moduleId)?.[1]
	);
}

/** One package may be installed at several places. */
function unique(packages: readonly BundledPackage[]): BundledPackage[] {
	const merged = Map.groupBy(packages, ({name, version}) => `${name}@${version}`).values();
	return [...merged].flatMap(([first, ...others]) =>
		first === undefined
			? []
			: [{...first, comments: [...new Set([first, ...others].flatMap(({comments}) => comments))]}],
	);
}

function readPackage(folder: string, modules: readonly string[], mit: string): BundledPackage {
	const {name, version, author, ...declared} = manifest.parse(
		JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
	);
	const licence = declared.license ?? declared.licenses?.map(({type}) => type).join(' OR ') ?? 'none';
	if (!accepted.has(licence)) {
		throw new Error(
			`${name} ${version} has the licence ${licence}; if it may be bundled, add it to accepted`,
		);
	}

	const texts = licenceTexts(folder);
	if (texts.length === 0) {
		if (licence !== 'MIT' || author === undefined) {
			throw new Error(`${name} ${version} has no text of its licence (${licence}), which must go with it`);
		}

		texts.push(mit.replace(/^Copyright .*$/m, `Copyright (c) ${author}`).trim());
	}

	const comments = [...new Set(modules.flatMap(file => legalComments(readFileSync(clean(file), 'utf8'))))];
	return {name, version, licence, texts, comments};
}

/** Without what rolldown and plugins put around the name of the file. */
function clean(moduleId: string): string {
	return moduleId.replace(/^\0/, '').replace(/\?.*$/, '');
}

/** Of all licence and notice files, also of code that a package took from others; else of its readme. */
function licenceTexts(folder: string): string[] {
	const files = globSync('**/*', {cwd: folder, exclude: name => name.endsWith('node_modules')});
	const read = (file: string) =>
		readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
	const named = files.filter(file => /(?:^|\/)(?:licen[cs]es?|copying|notice)(?:\.(?:md|txt))?$/i.test(file));
	if (named.length > 0) {
		return [...new Set(named.sort().map(read))];
	}

	return files
		.filter(file => /^readme(?:\.\w+)?$/i.test(file))
		.flatMap(file => /^#+ *licen[cs]e\s+([\s\S]*?)(?=^#|$(?![\s\S]))/im.exec(read(file))?.[1] ?? [])
		.filter(text => /permission is hereby granted/i.test(text))
		.map(text => text.trim());
}

const legal = /copyright|@licen[cs]e|@preserve|^\/\*!|spdx-|licen[cs]ed under/i;

/** Comments that hold a copyright or a licence, without their asterisks and slashes. */
export function legalComments(code: string): string[] {
	const comments = code.matchAll(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*(?:\r?\n|$))+/gm);
	return [...comments]
		.map(([comment]) => comment)
		.filter(comment => legal.test(comment))
		.map(comment =>
			comment
				.replace(/^\/\*[*!]?/, '')
				.replace(/\*\/$/, '')
				.split(/\r?\n/)
				.map(line => line.replace(/^\s*(?:\*|\/\/)?[ \t]?/, '').trimEnd())
				.join('\n')
				.trim(),
		);
}

export function noticeText(packages: readonly BundledPackage[]): string {
	const list = packages.map(({name, version, licence}) => `${name} ${version}: ${licence}`);
	const sections = packages.map(({name, version, texts, comments}) =>
		[`${'='.repeat(80)}\n${name} ${version}`, ...texts, ...comments].join('\n\n'),
	);
	return [`pgha-top contains these packages, in this order:\n\n${list.join('\n')}`, ...sections, ''].join(
		'\n\n',
	);
}
