/** Finds import cycles and imports that the rooms forbid; type imports count. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {cruise, type IConfiguration, type ICruiseResult} from 'dependency-cruiser';
import {impure, type Room, rooms} from './rooms.ts';

const top = ['cli.tsx', 'source', 'bench', 'lab', 'test', 'tools'];

export type Checked = {
	/** One line per problem: the rule, the file, the import. */
	problems: string[];
	modules: number;
	imports: number;
};

/** @param base the folder that contains source/, lab/ … */
export async function checkRooms(base: string, folders: readonly string[] = top): Promise<Checked> {
	const {output} = await cruise([...folders], {
		baseDir: base,
		validate: true,
		ruleSet: {forbidden: forbidden()},
		// TypeScript 7 has no API for dependency-cruiser.
		parser: 'swc',
		tsPreCompilationDeps: true,
		doNotFollow: {path: 'node_modules'},
		enhancedResolveOptions: {
			extensions: ['.ts', '.tsx', '.js', '.json'],
			exportsFields: ['exports'],
			conditionNames: ['import', 'node', 'default'],
		},
	});
	if (typeof output === 'string') {
		throw new Error(`dependency-cruiser returned text: ${output}`);
	}

	return {
		problems: [
			...upwardInRules(),
			...violationsIn(output),
			...roomlessIn(output),
			...inlineTypesIn(output, base),
			...(folders === top ? unusedIn(output) : []),
		],
		modules: output.summary.totalCruised,
		imports: output.summary.totalDependenciesCruised ?? 0,
	};
}

function upwardInRules(): string[] {
	const names = rooms.map(({name}) => name);
	return rooms.flatMap(({name, imports}, index) =>
		imports
			.filter(below => names.indexOf(below) <= index)
			.map(below => `upwards: tools/rooms/rooms.ts lets ${name} import ${below}, which is not below it`),
	);
}

function violationsIn({summary}: ICruiseResult): string[] {
	return summary.violations.map(({rule, from, to, cycle}) => {
		const way = cycle === undefined ? [to] : cycle.map(({name}) => name);
		return `${rule.name}: ${[from, ...way].join(' → ')}`;
	});
}

function roomlessIn({modules}: ICruiseResult): string[] {
	return modules
		.filter(({source}) => source.startsWith('source/') && roomOf(source) === undefined)
		.map(({source}) => `no room: ${source}; add its folder to tools/rooms/rooms.ts`);
}

/** Finds `import('./x.ts').Y` as a type, which the parser does not see: an import statement is required. */
function inlineTypesIn({modules}: ICruiseResult, base: string): string[] {
	return modules
		.filter(({source}) => /^(?:source|cli\.tsx|lab)\b.*\.tsx?$/.test(source))
		.flatMap(({source, dependencies}) => {
			const written = readFileSync(path.join(base, source), 'utf8').matchAll(/\bimport\(\s*'([^']+)'/g);
			const seen = new Set(dependencies.filter(({dynamic}) => dynamic).map(({module}) => module));
			return [...written]
				.filter(([, module = '']) => !seen.has(module))
				.map(([, module]) => `no-inline-type-import: ${source} → ${module}; use import type`);
		});
}

/** Finds unused permissions, which would let new dependencies appear unnoticed. */
function unusedIn({modules}: ICruiseResult): string[] {
	const used = new Set(
		modules.flatMap(({source, dependencies}) =>
			dependencies.map(({resolved}) => `${roomOf(source)?.name} ${roomOf(resolved)?.name}`),
		),
	);
	return rooms.flatMap(({name, imports}) =>
		imports
			.filter(below => !used.has(`${name} ${below}`))
			.map(below => `unused: tools/rooms/rooms.ts lets ${name} import ${below}, and it does not`),
	);
}

export function roomOf(file: string): Room | undefined {
	return rooms.find(room => new RegExp(patternOf(room)).test(file));
}

type Forbidden = NonNullable<IConfiguration['forbidden']>;

function forbidden(): Forbidden {
	return [
		{name: 'no-cycle', severity: 'error', from: {}, to: {circular: true}},
		...rooms.map((room): Forbidden[number] => ({
			name: `${room.name} may import ${room.imports.length === 0 ? 'no room' : room.imports.join(', ')}`,
			severity: 'error',
			from: {path: patternOf(room)},
			to: {
				path: '^(?:source|lab|test|tools|bench)/|^cli\\.tsx$',
				pathNot: [room, ...rooms.filter(({name}) => room.imports.includes(name))].map(patternOf),
			},
		})),
		{
			name: 'pure: no I/O, no clock, no screen',
			severity: 'error',
			from: {path: rooms.filter(({pure}) => pure).map(patternOf)},
			to: {
				path: [
					`^(?:node:)?(?:${impure.modules.join('|')})(?:/|$)`,
					`node_modules/(?:${impure.packages.join('|')})/`,
				],
			},
		},
		{
			name: 'lab imports nothing of the program',
			severity: 'error',
			from: {path: '^lab/'},
			to: {path: '^(?:source|test|tools|bench)/|^cli\\.tsx$'},
		},
	];
}

/** Matches all files of a room, but not of rooms within its folders. */
function patternOf({name, paths}: Room): string {
	const others = rooms.filter(room => room.name !== name).flatMap(room => room.paths);
	const patterns = paths.map(own => {
		const inner = others.filter(other => own.endsWith('/') && other.startsWith(own));
		const without = inner.map(other => `(?!${escaped(other.slice(own.length))})`).join('');
		return own.endsWith('/') ? `${escaped(own)}${without}` : `${escaped(own)}$`;
	});
	return `^(?:${patterns.join('|')})`;
}

function escaped(place: string): string {
	return place.replaceAll('.', '\\.');
}
