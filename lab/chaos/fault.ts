/** What a fault is: how it is done and undone, to whom, and what it needs. */
import type {Setup} from '../disk.ts';
import type {Inventory} from '../inventory.ts';

/** Who a fault is done to, by what it is when the fault comes. */
export type Place = 'leader' | 'replica' | 'holder' | 'backup' | 'third' | 'console';

export type Scene = {
	/** The one that the place stands for; empty for the console. */
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
	/** Where libfaketime reads how far the console's clock is off; undefined where it has no clock of its own. */
	consoleClock: string | undefined;
	/** What `do` leaves for `undo`. */
	memory: Map<string, string>;
};

export type Fault = {
	kind: string;
	places: readonly Place[];
	/** How often, beside the others: 2 unless given. */
	weight?: number;
	holdSeconds: readonly [number, number];
	/** Why it cannot be done now; undefined where it can. */
	needs?: (scene: Scene) => string | undefined;
	do: (scene: Scene) => Promise<void>;
	/** Harmless where `do` did only a part, or nothing. */
	undo: (scene: Scene) => Promise<void>;
	/** How hard, in words for the log. */
	detail?: (scene: Scene) => string;
};
