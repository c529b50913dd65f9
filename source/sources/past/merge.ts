/** Merges the lines of several logs by their time. */

/** One line of several logs, with the one that it is from. */
export type Timed = {at: number};

/** In the order of time, as far as each log is in order itself; a log that breaks ends, and is reported. */
export async function* mergeByTime<T extends Timed>(
	logs: readonly AsyncIterable<T>[],
	onBroken: (index: number, error: unknown) => void,
): AsyncGenerator<T> {
	const readers = logs.map(log => log[Symbol.asyncIterator]());
	const next = async (index: number): Promise<T | undefined> => {
		try {
			const result = await readers[index]?.next();
			return result === undefined || result.done === true ? undefined : result.value;
		} catch (error) {
			onBroken(index, error);
			return undefined;
		}
	};
	const heads: (T | undefined)[] = await Promise.all(readers.map(async (_, index) => next(index)));
	try {
		for (;;) {
			let first = -1;
			for (const [index, head] of heads.entries()) {
				if (head !== undefined && (first < 0 || head.at < (heads[first]?.at ?? Infinity))) {
					first = index;
				}
			}

			const head = heads[first];
			if (head === undefined) {
				return;
			}

			yield head;
			heads[first] = await next(first);
		}
	} finally {
		await Promise.all(readers.map(async reader => reader.return?.()));
	}
}
