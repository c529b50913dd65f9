/** Reports to systemd (sd_notify(3)) by its own program: Node.js has no datagram sockets of the file system. */
import {spawn} from 'node:child_process';
import {errnoWords} from '../lib/faults.ts';

export type ServiceManager = {
	ready: (status: string) => void;
	/** Once a second, while the session works. */
	alive: (now: number) => void;
	stopping: () => void;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** @param report why systemd cannot be reached */
export function serviceManager(environment: Environment, report: (text: string) => void): ServiceManager {
	const {NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid} = environment;
	if (!socket) {
		return {ready: () => undefined, alive: () => undefined, stopping: () => undefined};
	}

	const notify = (...assignments: readonly string[]) => {
		spawn('systemd-notify', assignments, {stdio: 'ignore'}).once('error', error => {
			report(`systemd-notify: ${errnoWords(error)}`);
		});
	};
	const isForUs = pid === undefined || pid === '' || Number(pid) === process.pid;
	const everyMs = isForUs ? Number(microseconds ?? 0) / 1000 / 3 : 0;
	let next = 0;
	return {
		ready: status => notify('READY=1', `STATUS=${status}`),
		alive: now => {
			if (everyMs > 0 && now >= next) {
				next = now + everyMs;
				notify('WATCHDOG=1');
			}
		},
		stopping: () => notify('STOPPING=1'),
	};
}
