/** The lab's lock, one change at a time: a kernel lock, released when its holder ends for any reason. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {LabError} from './failure.ts';
import {labDir} from './paths.ts';

const removedMeanwhile = 9;
/** Whether the locked file is still the one at this path. */
const script = `
for fd in /proc/$PPID/fd/*; do
  if [ "$fd" -ef "$1" ]; then echo held; exec cat >/dev/null; fi
done
exit ${removedMeanwhile}`;
const waitMaxSeconds = 900; // a first `up` on a slow line takes minutes

/** Runs `change` under the lab's lock, after waiting for other commands; waiting commands show `what`. */
export async function whileLocked<Result>(
	what: string,
	onProgress: (line: string) => void,
	change: () => Promise<Result>,
): Promise<Result> {
	const file = join(labDir, 'lock');
	let release = await acquire(file, onProgress);
	// `down --purge` may have removed the file meanwhile; a lock on a removed file protects nothing.
	while (!release) release = await acquire(file, onProgress);
	try {
		writeFileSync(file, `${what}, process ${process.pid}, since ${new Date().toISOString()}\n`);
		return await change();
	} finally {
		await release();
	}
}

async function acquire(
	file: string,
	onProgress: (line: string) => void,
): Promise<(() => Promise<void>) | undefined> {
	mkdirSync(labDir, {recursive: true});
	// flock(1) holds the lock until its standard input closes, which the kernel ensures even after a SIGKILL of this
	// process. A process group of its own, so that Ctrl-C does not release the lock before this process ends.
	const holder = spawn(
		'flock',
		['--exclusive', '--wait', String(waitMaxSeconds), file, 'sh', '-c', script, 'sh', file],
		{
			stdio: ['pipe', 'pipe', 'ignore'],
			detached: true,
		},
	);
	const ended = once(holder, 'exit');
	const waiting = setTimeout(() => {
		onProgress(`waiting for another lab command to end: ${holderOf(file)}`);
	}, 1000);
	const [answer] = await Promise.race([once(holder.stdout, 'data'), ended]);
	clearTimeout(waiting);
	if (Buffer.isBuffer(answer)) {
		return async () => {
			holder.stdin.destroy();
			await ended;
		};
	}

	if (answer === removedMeanwhile) return undefined;
	throw new LabError(
		`another lab command did not end within ${waitMaxSeconds / 60} minutes: ${holderOf(file)}; ` +
			'see what it waits for, or end it, then try again',
	);
}

function holderOf(file: string): string {
	return readFileSync(file, 'utf8').trim() || 'it has not said which';
}
