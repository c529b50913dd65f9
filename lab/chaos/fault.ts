/** The type of a fault: how to inject and revert it, its place, and what it requires. */
import type {Setup} from '../disk.ts';
import type {Inventory} from '../inventory.ts';

/** The role or node that a fault is injected on, resolved when the fault begins. */
export type Place = 'leader' | 'replica' | 'holder' | 'backup' | 'third' | 'console';

export type Scene = {
	/** The node at the place; empty for the console. */
	node: string;
	leader: string;
	replica: string;
	/** etcd's third member. */
	third: string;
	strength: number;
	inventory: Inventory;
	setup: Setup;
	/** Process id of the console. */
	consolePid: number | undefined;
	/** The file with the console clock's offset for libfaketime; undefined if the console runs without it. */
	consoleClock: string | undefined;
	/** Values that `do` passes to `undo`. */
	memory: Map<string, string>;
};

export type Fault = {
	kind: string;
	places: readonly Place[];
	/** Relative frequency; default 2. */
	weight?: number;
	holdSeconds: readonly [number, number];
	/** Why the fault is not possible now; undefined if it is. */
	needs?: (scene: Scene) => string | undefined;
	do: (scene: Scene) => Promise<void>;
	/** Safe if `do` did only a part, or nothing. */
	undo: (scene: Scene) => Promise<void>;
	/** The strength, in words for the log. */
	detail?: (scene: Scene) => string;
};
