/** Runs the command of a notification: without a shell, in a group of processes that ends as a whole. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {errnoWords, errorCode} from '../lib/faults.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import {DeliveryError} from './delivery.ts';
import {type Message, variablesOf} from './message.ts';

/** Characters of its errors that are shown. */
const shownMax = 200;

/** @throws DeliveryError if it cannot be run, or does not exit with 0 */
export async function runNotifyCommand(
	[program = '', ...args]: readonly string[],
	message: Message,
	signal: AbortSignal,
): Promise<void> {
	signal.throwIfAborted();
	// Those of this service's manager are for this process alone.
	const {NOTIFY_SOCKET: _, WATCHDOG_USEC: __, WATCHDOG_PID: ___, ...environment} = process.env;
	const child = spawn(program, args, {
		detached: true,
		stdio: ['pipe', 'ignore', 'pipe'],
		env: {...environment, ...variablesOf(message)},
	});
	const end = () => {
		killGroup(child.pid);
	};
	signal.addEventListener('abort', end, {once: true});
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		errors = (errors + text).slice(0, 10 * shownMax);
	});
	// A command need not read.
	child.stdin.on('error', () => undefined).end(`${JSON.stringify(message)}\n`);
	try {
		// What the command leaves running may keep its pipes: its own end counts.
		const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
		signal.throwIfAborted();
		if (code !== 0) {
			const [line = ''] = errors.trim().split('\n');
			const said = line === '' ? '' : `: ${sanitize(redact(line)).slice(0, shownMax)}`;
			throw new DeliveryError(`${by === null ? `exit code ${code}` : `ended by ${by}`}${said}`, {
				isFinal: false,
			});
		}
	} catch (error) {
		if (errorCode(error) !== undefined) {
			throw new DeliveryError(errnoWords(error), {isFinal: errorCode(error) === 'ENOENT'});
		}

		throw error;
	} finally {
		signal.removeEventListener('abort', end);
		child.stderr.destroy();
	}
}

function killGroup(pid: number | undefined): void {
	if (pid === undefined) {
		return;
	}

	try {
		process.kill(-pid, 'SIGKILL');
	} catch (error) {
		if (errorCode(error) !== 'ESRCH') {
			throw error;
		}
	}
}
