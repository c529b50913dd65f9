/** Fills the placeholders in the nodes' configuration files: `@{name}`. */
import {LabError} from './failure.ts';

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
