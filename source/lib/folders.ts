/** The folders of a user, by the XDG base directories. */
import {homedir} from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export function homeFolder(environment: Environment = process.env): string {
	return environment.HOME || homedir();
}

/** `$XDG_CONFIG_HOME`, by default `~/.config`: as patronictl's library finds it. */
export function configFolder(environment: Environment = process.env): string {
	return environment.XDG_CONFIG_HOME || path.join(homeFolder(environment), '.config');
}

/** `$XDG_STATE_HOME/pgha-top`, by default below `~/.local/state`: the audit log, recordings, drills, written logs. */
export function stateFolder(environment: Environment = process.env): string {
	const state = environment.XDG_STATE_HOME;
	const base =
		state !== undefined && path.isAbsolute(state)
			? state
			: path.join(homeFolder(environment), '.local', 'state');
	return path.join(base, 'pgha-top');
}

/** `~` and `~/…` in the home folder of who runs this; others as they are. */
export function expandHome(file: string): string {
	return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file;
}
