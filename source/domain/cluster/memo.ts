/** What was computed of a cluster is kept until another moment is asked for: many ask the same of one. */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';

/** The function, computed once for each cluster, target and moment. What it returns must not be changed. */
export function memoByCluster<T>(
	compute: (cluster: Cluster, target: Target, now: number) => T,
): (cluster: Cluster, target: Target, now: number) => T {
	const known = new WeakMap<Cluster, {target: Target; now: number; value: T}>();
	return (cluster, target, now) => {
		const before = known.get(cluster);
		if (before?.now === now && before.target === target) {
			return before.value;
		}

		const value = compute(cluster, target, now);
		known.set(cluster, {target, now, value});
		return value;
	};
}
