/** Runs a program in the foreground of the terminal, and passes on its signals and its exit code. */
import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import process from 'node:process';

export type Foreground = {
	/** The exit code; as in a shell, 128 and the signal's number if a signal ended it. */
	ended: Promise<number>;
	signal: (signal: NodeJS.Signals) => void;
};

export const passedOn: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

export function startInForeground(
	{file, args, env}: {file: string; args: readonly string[]; env: NodeJS.ProcessEnv},
	stdio: SpawnOptions['stdio'] = 'inherit',
): Foreground {
	// If this process is killed, the kernel sends SIGHUP to the program, as a closed terminal would.
	const child = spawn('setpriv', ['--pdeathsig', 'HUP', '--', file, ...args], {env, stdio});
	return {
		ended: codeOf(child),
		signal: signal => {
			// The terminal already sends the keyboard's signals to its whole foreground process group.
			const fromKeyboard = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
			if (!fromKeyboard) child.kill(signal);
		},
	};
}

async function codeOf(child: ChildProcess): Promise<number> {
	const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
	return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
