/** Runs a program in this one's place at the terminal, with its keys, signals and exit. */
import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import process from 'node:process';

export type Foreground = {
	/** Its exit code, or as a shell says it, 128 and the number of the signal that ended it. */
	ended: Promise<number>;
	signal: (signal: NodeJS.Signals) => void;
};

export const passedOn: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

export function startInForeground(
	{file, args, env}: {file: string; args: readonly string[]; env: NodeJS.ProcessEnv},
	stdio: SpawnOptions['stdio'] = 'inherit',
): Foreground {
	// Should we be killed outright, the kernel hangs up on the program as a closed terminal would.
	const child = spawn('setpriv', ['--pdeathsig', 'HUP', '--', file, ...args], {env, stdio});
	return {
		ended: codeOf(child),
		signal: signal => {
			// What the keyboard sends has reached the program already, with everything else at this terminal.
			const fromKeyboard = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
			if (!fromKeyboard) child.kill(signal);
		},
	};
}

async function codeOf(child: ChildProcess): Promise<number> {
	const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
	return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
