/** Fills the placeholders in the nodes' configuration files: `@{name}`. */
import {LabError} from './failure.ts';
import {type Inventory, type Node, networkOf, nodesOf, postgresqlOf, type Release} from './inventory.ts';

export type Values = Readonly<Record<string, string>>;

/** `@{` has no meaning in shell, YAML or systemd syntax, so a placeholder is unambiguous. */
const placeholder = /@\{([^}\n]*)\}?/g;

export function fill(text: string, values: Values, file: string): string {
	return text.replace(placeholder, (whole, name: string, offset: number) => {
		const value = Object.hasOwn(values, name) ? values[name] : undefined;
		if (value === undefined || !whole.endsWith('}')) {
			const line = text.slice(0, offset).split('\n').length;
			throw new LabError(
				`${file}, line ${line}: unknown placeholder ${whole}; ` +
					`known here: ${Object.keys(values).sort().join(', ')}`,
			);
		}

		return value;
	});
}

/** All placeholders of this node's configuration files. */
export function valuesFor(node: Node, inventory: Inventory, release: Release, profile: string): Values {
	const timings = inventory.profiles[profile];
	if (!timings) throw new LabError(`the inventory has no profile ${profile}`);
	const values: Record<string, string> = {
		name: node.name,
		address: node.address,
		scope: inventory.scope,
		namespace: inventory.namespace,
		vip: inventory.vip,
		prefix: String(inventory.prefix),
		network: networkOf(inventory.operator, inventory.prefix),
		postgresql: String(postgresqlOf(inventory, release)),
	};
	if (node.priority !== undefined) values.priority = String(node.priority);
	for (const other of nodesOf(inventory)) values[other.name] = other.address;
	for (const [part, settings] of Object.entries(timings)) {
		if (typeof settings === 'number') continue;
		for (const [name, value] of Object.entries(settings)) values[`${part}.${name}`] = String(value);
	}

	return values;
}
