/** What was computed of a cluster is kept until another moment is asked for: many ask the same of one. */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';

/** The function, computed once for each cluster, target, moment and further arguments. What it returns must not be changed. */
export function memoByCluster<T, More extends readonly unknown[] = []>(
	compute: (cluster: Cluster, target: Target, now: number, ...more: More) => T,
): (cluster: Cluster, target: Target, now: number, ...more: More) => T {
	const known = new WeakMap<Cluster, {target: Target; now: number; more: More; value: T}>();
	return (cluster, target, now, ...more) => {
		const before = known.get(cluster);
		if (before?.now === now && before.target === target && areSame(before.more, more)) {
			return before.value;
		}

		const value = compute(cluster, target, now, ...more);
		known.set(cluster, {target, now, more, value});
		return value;
	};
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
	return some.length === others.length && some.every((one, index) => one === others[index]);
}
