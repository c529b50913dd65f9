/**
 * A map by names from outside with one entry more or less; the map that was given stays as it is. Maps, not objects: a member
 * may be called `constructor` or `__proto__`.
 */

/** @returns a copy in which the name has this value, in its old place where it was there */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, name: K, value: V): ReadonlyMap<K, V> {
	return copyOf(map).set(name, value);
}

/** @returns a copy without the name; the map itself where it was not there */
export function withoutEntry<K, V>(map: ReadonlyMap<K, V>, name: K): ReadonlyMap<K, V> {
	if (!map.has(name)) {
		return map;
	}

	const copy = copyOf(map);
	copy.delete(name);
	return copy;
}

/** The value of that name in data as it is written down: an object with names from outside, as its own properties. */
export function ownValue<V>(data: Readonly<Record<string, V>>, name: string): V | undefined {
	return Object.hasOwn(data, name) ? data[name] : undefined;
}

/** A third quicker than `new Map(map)`, and each event takes one. */
function copyOf<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
	const copy = new Map<K, V>();
	map.forEach((value, name) => {
		copy.set(name, value);
	});
	return copy;
}
