/** Values that a template engine was to replace: `${NAME}`, `{{ name }}`, `$(NAME)`, `<NAME>`. */
import {isMapping, type Layers, type Mapping, type Path} from './layers.ts';
import {YamlScalar} from './yaml-scalar.ts';

/** The settings that are checked; elsewhere (`archive_command`, say) such text may be a value. */
const sections = ['scope', 'namespace', 'etcd3', 'citus', 'ctl', 'restapi', 'pgha-top'];

/** Of a node's own file, and not needed: a template there is no reason to refuse the file. */
const unneeded = new Set(['restapi.listen', 'restapi.connect_address', 'restapi.certfile']);

const anywhere = /\$\{[A-Za-z_]\w*(?::?[-=?+][^}]{0,100})?\}|\{\{.{0,200}\}\}|\{%.{0,200}%\}|<%.{0,200}%>/;
/** A whole value in angle brackets or with a dollar sign; hosts and scopes have no such characters. */
const whole = /^(?:<[A-Za-z][\w .-]{0,60}>|\$\([A-Za-z_]\w*\)|\$[A-Z_][A-Z0-9_]*)$/;

/** The template in a value; undefined if there is none. */
export function templateIn(text: string): string | undefined {
	return anywhere.exec(text)?.[0] ?? whole.exec(text)?.[0];
}

/** Without the default of a variable, which may be a secret. */
function shown(template: string): string {
	const [, name] = /^\$\{(\w+)/.exec(template) ?? [];
	return name !== undefined
		? `\${${name}}`
		: /^(?:\{\{ ?[\w.-]+ ?\}\}|[^{%]+)$/.test(template)
			? template
			: 'a template';
}

/** A password may look like a template by chance: only the forms that cannot be one count. */
function isSurely(template: string, text: string): boolean {
	return (
		template === text && /^(?:\$\{[A-Z_][A-Z0-9_]{2,}(?::?[-=?+].*)?\}|\{\{.*\}\}|<%.*%>)$/.test(template)
	);
}

/** The settings that hold a template, with a line for each. */
export function templateProblems(layers: Layers, isSecret: (path: Path) => boolean): string[] {
	return sections.flatMap(section =>
		problemsIn(layers, {value: layers.content[section], path: [section]}, isSecret),
	);
}

function problemsIn(
	layers: Layers,
	{value, path}: {value: unknown; path: Path},
	isSecret: (path: Path) => boolean,
): string[] {
	if (Array.isArray(value) || isMapping(value)) {
		return Object.entries(value as Mapping | readonly unknown[]).flatMap(([key, one]) =>
			problemsIn(layers, {value: one, path: [...path, key]}, isSecret),
		);
	}

	const text = value instanceof YamlScalar ? value.source : value;
	if (typeof text !== 'string' || unneeded.has(path.join('.'))) {
		return [];
	}

	const template = templateIn(text);
	if (template === undefined || (isSecret(path) && !isSurely(template, text))) {
		return [];
	}

	const what = isSecret(path) ? 'a template' : shown(template);
	return [
		layers.complaint(path, `${what} was not filled in: write the value, or fill the template in first`),
	];
}
