/** Reads the files of each node once, as soon as it can be reached: also of nodes that are known, or come back, later. */
import type {NodeReading, ReadNode} from './read-node.ts';

/** ms for other nodes after the first one has answered: one that is off must not delay the rest. */
const othersMs = 1500;

/** A node as it is read: `isSeen` while it answers over SSH. */
export type Readable = {name: string; host: string; isSeen: boolean};

type Attempt = {
	/** Undefined while it is being read. */
	reading: NodeReading | undefined;
	/** The node has not answered since the attempt failed. */
	wasLost: boolean;
	/** The others were read in the meantime. */
	isLate: boolean;
};

export class NodeReadings {
	readonly #read: (host: string) => Promise<NodeReading>;
	readonly #onRead: () => void;
	readonly #onFault: (error: unknown) => void;
	/** By host: a node may get another name once the members are known. */
	readonly #attempts = new Map<string, Attempt>();
	#nodes: readonly Readable[] = [];
	/** The reading of the first node that answered. */
	readonly #first = Promise.withResolvers<void>();
	readonly #pending = new Set<Promise<void>>();

	/** @param onRead called after each reading, also a failed one */
	constructor(
		read: (host: string) => Promise<NodeReading>,
		onRead: () => void,
		onFault: (error: unknown) => void,
	) {
		this.#read = read;
		this.#onRead = onRead;
		this.#onFault = onFault;
	}

	/** Starts to read nodes that are new, and those that answer again after they could not be read. */
	take(nodes: readonly Readable[]): void {
		this.#nodes = nodes;
		for (const {host, isSeen} of nodes) {
			const attempt = this.#attempts.get(host);
			if (attempt === undefined) {
				this.#begin(host);
			} else if (attempt.reading !== undefined && 'problem' in attempt.reading) {
				if (!isSeen) {
					attempt.wasLost = true;
				} else if (attempt.wasLost) {
					this.#begin(host);
				}
			}
		}
	}

	/** Resolves when all nodes are read, or a while after the first one. */
	async untilMostAreRead(): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const enough = this.#first.promise.then(
			async () =>
				new Promise<void>(resolve => {
					timer = setTimeout(resolve, othersMs);
				}),
		);
		await Promise.race([Promise.all(this.#pending), enough]);
		clearTimeout(timer);
		for (const attempt of this.#attempts.values()) {
			attempt.isLate = attempt.reading === undefined;
		}
	}

	/** Those that were read, in the order of the nodes, and why others were not; one that is being read is in neither. */
	get(): {read: ReadNode[]; problems: string[]} {
		const read: ReadNode[] = [];
		const problems: string[] = [];
		for (const {name, host} of this.#nodes) {
			const {reading, isLate} = this.#attempts.get(host) ?? {};
			if (reading !== undefined && 'facts' in reading) {
				read.push({name, facts: reading.facts});
			} else if (reading !== undefined || isLate) {
				problems.push(`${name}: its files were not read: ${reading?.problem ?? 'no answer in time'}`);
			}
		}

		return {read, problems};
	}

	#begin(host: string): void {
		const reading = this.#attempt(host)
			.catch(this.#onFault)
			.finally(() => {
				this.#pending.delete(reading);
			});
		this.#pending.add(reading);
	}

	async #attempt(host: string): Promise<void> {
		const attempt: Attempt = {reading: undefined, wasLost: false, isLate: false};
		this.#attempts.set(host, attempt);
		attempt.reading = await this.#read(host);
		if ('facts' in attempt.reading) {
			this.#first.resolve();
		}

		this.#onRead();
	}
}
