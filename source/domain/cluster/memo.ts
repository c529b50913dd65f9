/** Memoizes results by cluster: many callers ask for the same result at one moment. */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';

/** Calls the function once for each cluster, target, moment and further arguments. The result must not be changed. */
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

/** The same for what depends on no moment, by the cluster or by a part of it. */
export function memoByTarget<K extends object, T>(
	compute: (key: K, target: Target) => T,
): (key: K, target: Target) => T {
	const known = new WeakMap<K, {target: Target; value: T}>();
	return (key, target) => {
		const before = known.get(key);
		if (before?.target === target) {
			return before.value;
		}

		const value = compute(key, target);
		known.set(key, {target, value});
		return value;
	};
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
	return some.length === others.length && some.every((one, index) => one === others[index]);
}
