/**
 * Which modules of the build share a file. By itself the bundler makes a file for each set of commands that share some modules, some
 * ninety of them for `--once`: each costs Node.js half a millisecond to find, read and link.
 */
import type {ChunkingContext, CodeSplittingNameFunction} from 'rolldown';

type Stages = readonly (readonly [name: string, roots: readonly string[]])[];

const look = ['look', ['source/snapshot/look.ts', 'source/sources/manager.ts']] as const;

/** What is loaded together, in the order in which it is loaded: a module belongs to the first that needs it. */
export const stages: Stages = [['start', ['cli.tsx']], ['connect', ['source/cli/once.ts']], look];

/** The same for the scripts of `--once` alone. */
export const stagesOfOnce: Stages = [['start', ['source/cli/once.ts']], look];

/**
 * In the order of their priority: with a module a file takes what the module imports.
 *
 * @param thread the entry of another thread, which must not load what only the screen's thread needs
 */
export function stageChunks(
	stages: Stages,
	thread?: string,
): {name: CodeSplittingNameFunction; priority: number}[] {
	let names: ReadonlyMap<string, string> | undefined;
	return [...stages.map(([name]) => both(name)), ...stages.map(([name]) => name)].map(
		(name, index, {length}) => ({
			name: (id, context) => {
				names ??= namesIn(context, stages, thread);
				return names.get(id) === name ? name : null;
			},
			debugName: name,
			priority: length - index,
		}),
	);
}

function namesIn(
	context: ChunkingContext,
	stages: Stages,
	thread: string | undefined,
): ReadonlyMap<string, string> {
	const inThread = imported(thread === undefined ? [] : [thread], context);
	const names = new Map<string, string>();
	for (const [name, roots] of stages) {
		for (const id of imported(roots, context)) {
			// The entry waits for what it loads, which must not wait for the entry.
			if (!names.has(id) && !id.endsWith('/cli.tsx')) {
				names.set(id, inThread.has(id) ? both(name) : name);
			}
		}
	}

	return names;
}

function both(name: string): string {
	return `${name}-both-threads`;
}

/** The modules, and all that they import at once. @throws if there is no such module */
function imported(files: readonly string[], context: ChunkingContext): ReadonlySet<string> {
	const waiting = files.map(file => `${process.cwd()}/${file}`);
	const found = new Set<string>();
	for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
		if (!found.has(id)) {
			const module = context.getModuleInfo(id);
			if (module === null) {
				throw new Error(`${id} is not in the build`);
			}

			found.add(id);
			waiting.push(...module.importedIds);
		}
	}

	return found;
}
