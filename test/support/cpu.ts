/** CPU time of this thread for some work, ms; other than wall-clock time it does not grow on a busy machine. */
export function cpuMsOf(work: () => unknown): number {
	const before = process.threadCpuUsage();
	work();
	const {user, system} = process.threadCpuUsage(before);
	return (user + system) / 1000;
}
