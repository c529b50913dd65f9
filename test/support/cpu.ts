/** CPU time in ms that this thread takes for some work; unlike wall-clock time it does not grow while others have the CPU. */
export function cpuMsOf(work: () => unknown): number {
	const before = process.threadCpuUsage();
	work();
	const {user, system} = process.threadCpuUsage(before);
	return (user + system) / 1000;
}
