/** A user's folders, by the XDG base directory specification. */
import {homedir} from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export function homeFolder(environment: Environment = process.env): string {
	return environment.HOME || homedir();
}

/** `$XDG_CONFIG_HOME`, by default `~/.config`, as patronictl finds it. */
export function configFolder(environment: Environment = process.env): string {
	return environment.XDG_CONFIG_HOME || path.join(homeFolder(environment), '.config');
}

/** `$XDG_STATE_HOME/pgha-top`, by default below `~/.local/state`: audit log, recordings, drills, saved logs. */
export function stateFolder(environment: Environment = process.env): string {
	const state = environment.XDG_STATE_HOME;
	const base =
		state !== undefined && path.isAbsolute(state)
			? state
			: path.join(homeFolder(environment), '.local', 'state');
	return path.join(base, 'pgha-top');
}

/** Expands `~` and `~/…`; other paths are unchanged. */
export function expandHome(file: string): string {
	return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file;
}
