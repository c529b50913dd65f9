/** Formats a JSON Schema as a table: one row per field, in the schema's order. */
import {table} from './table.ts';

type Schema = {
	type?: string | string[];
	description?: string;
	properties?: Record<string, Schema>;
	items?: Schema;
	additionalProperties?: Schema | boolean;
	anyOf?: Schema[];
	enum?: unknown[];
	const?: unknown;
};

export function schemaTable(schema: unknown): string {
	return table(['field', 'type', 'meaning'], rows(schema as Schema, ''));
}

function rows(schema: Schema, path: string): string[][] {
	return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
		const here = path === '' ? name : `${path}.${name}`;
		const inner = withoutNull(field);
		return [
			[`\`${here}\``, typeOf(field), field.description ?? ''],
			...rows(inner.items ?? inner, inner.items ? `${here}[]` : here),
		];
	});
}

/** The schema of a nullable field without null. */
function withoutNull(schema: Schema): Schema {
	return schema.anyOf?.find(one => one.type === 'object' || one.type === 'array') ?? schema;
}

function typeOf(schema: Schema): string {
	if (schema.anyOf) {
		return schema.anyOf.map(typeOf).join(' or ');
	}

	if (schema.enum) {
		return schema.enum.map(value => `\`${String(value)}\``).join(', ');
	}

	if (schema.const !== undefined) {
		return `\`${String(schema.const)}\``;
	}

	if (schema.type === 'array') {
		return `list of ${typeOf(schema.items ?? {})}`;
	}

	return schema.type === 'object' && typeof schema.additionalProperties === 'object'
		? 'object by name'
		: [schema.type ?? 'any'].flat().join(' or ');
}
