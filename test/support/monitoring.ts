/** What monitoring programs read, by their own rules: the lines of node_exporter and Prometheus, and of Nagios and Icinga. */
import {expect} from 'vitest';

/** What promtool refuses in the name of a gauge: suffixes of other types, units that are not base units, abbreviations. */
const unwelcome =
	/_(?:total|count|sum|bucket|gauge|percent|bits|ms|sec|secs|(?:milli|micro|nano)seconds|minutes|hours|days|(?:kilo|mega|giga|kibi|mebi)bytes|kb|mb|gb)(?:_|$)/;

/** Samples by series. @throws for a line that is not valid in OpenMetrics and Prometheus' text format */
export function samplesOf(text: string): Map<string, number> {
	const lines = text.split('\n');
	expect(lines.slice(-2)).toEqual(['# EOF', '']);
	const series = new Map<string, number>();
	const families: string[] = [];
	for (const line of lines.slice(0, -2)) {
		const [, help, type] = /^# (?:HELP (\w+) [A-Z1].*\.|TYPE (\w+) gauge)$/.exec(line) ?? [];
		const [, name = '', labels = '', value = ''] =
			/^(pgha_[a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\}) (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(
				line,
			) ?? [];
		if (help !== undefined) {
			expect(families).not.toContain(help);
			expect(help).not.toMatch(unwelcome);
			families.push(help);
		} else if (type === undefined) {
			// A family's samples stand together, after its type.
			expect(name, line).toBe(families.at(-1));
			expect(series.has(name + labels)).toBe(false);
			series.set(name + labels, Number(value));
		} else {
			expect(type).toBe(families.at(-1));
		}
	}

	return series;
}

type CheckResult = {status: string; text: string; perfdata: Map<string, string>};

/**
 * What a plugin of Nagios printed. @throws for what its guidelines do not allow: one line, `'LABEL'=VALUE[UNIT];WARN;CRIT;MIN;MAX`,
 * labels in quotes where they have a space, without `'` and `=`, each once
 */
export function checkResultOf(output: string): CheckResult {
	const [, status = '', text = '', data = ''] =
		/^PGHA_TOP (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+?)(?: \| ([^|\n]+))?\n$/.exec(output) ?? [];
	expect(status, output).not.toBe('');
	const perfdata = new Map<string, string>();
	let rest = data;
	while (rest !== '') {
		const [whole = '', quoted, bare, value = ''] =
			/^(?:'([^'=]+)'|([^\s'=]+))=(-?\d+(?:\.\d+)?(?:B|s|%)?(?:;\d*){0,4})(?: (?=\S)|$)/.exec(rest) ?? [];
		const label = quoted ?? bare ?? '';
		expect(label, rest).not.toBe('');
		expect(perfdata.has(label), label).toBe(false);
		perfdata.set(label, value);
		rest = rest.slice(whole.length);
	}

	return {status, text, perfdata};
}
