/** Job control: Ctrl-Z gives the terminal back as it was and stops the program; `fg` brings the screen back. */
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';

/** Without a shell that does job control the kernel ignores the stop; then the screen comes back by itself. */
const unstopped = 300;

/** Resolves when the shell has continued us. To be called while Ink has let go of the terminal. */
export async function stopUntilContinued(): Promise<void> {
	const continued = once(process, 'SIGCONT');
	// Process 0 is our own process group: whoever started us (npm, sudo, the lab) stops with us, and the shell goes on.
	process.kill(0, 'SIGTSTP');
	await Promise.race([continued, delay(unstopped)]);
}
