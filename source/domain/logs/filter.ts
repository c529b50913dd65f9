/** Which lines are shown: by node, service, level, and words that they must or must not hold. */
import {consoleService, type LogLine, statisticsService} from './line.ts';
import {type CompiledMatcher, compileMatcher, type Matcher} from './matcher.ts';

/** What the operator chose; plain data. */
export type LogFilter = {
	/** Undefined for all. */
	nodes: readonly string[] | undefined;
	/** Services that are not shown. */
	hidden: readonly string[];
	/** Graver ones and this one are shown; 7 shows all. */
	level: number;
	/** As typed: words, `!` before one that must not be there, `/…/` for a regular expression, quotes around spaces. */
	filter: string;
};

export const defaultLogFilter: LogFilter = {
	nodes: undefined,
	hidden: ['system', statisticsService],
	level: 7,
	filter: '',
};

type Term = {pattern: Matcher; exclude: boolean};

export type LineTest = {
	test: (line: LogLine) => boolean;
	/** Every line passes. */
	all: boolean;
	costly: boolean;
	/** What the filter asks to be there, to be shown in the text. */
	patterns: readonly Matcher[];
};

const tokens = /!?(?:"[^"]*"|\/(?:[^/\\]|\\.)+\/(?=\s|$)|\S+)/gsu;

export function termsOf(filter: string): CompiledMatcher<readonly Term[]> {
	const terms: Term[] = [];
	for (const [token] of filter.matchAll(tokens)) {
		const exclude = token.startsWith('!') && token.length > 1;
		const compiled = compileMatcher((exclude ? token.slice(1) : token).replace(/^"(.*)"$/s, '$1'));
		if ('problem' in compiled) {
			return {problem: `${token}: ${compiled.problem}`};
		}

		terms.push({pattern: compiled.value, exclude});
	}

	return {value: terms};
}

/** A filter that can't be made lets everything through; it was refused when it was typed. */
export function testOf({nodes, hidden, level, filter}: LogFilter): LineTest {
	const compiled = termsOf(filter);
	const terms = 'value' in compiled ? compiled.value : [];
	return {
		all: nodes === undefined && hidden.length === 0 && level >= 7 && terms.length === 0,
		costly: terms.some(({pattern}) => pattern.costly),
		patterns: terms.filter(({exclude}) => !exclude).map(({pattern}) => pattern),
		test: line =>
			// What the console itself says stands in every stream: cause and effect side by side.
			line.service === consoleService ||
			(line.level <= level &&
				(nodes === undefined || line.node === undefined || nodes.includes(line.node)) &&
				!hidden.includes(line.service) &&
				terms.every(({pattern, exclude}) => pattern.test(line.text) !== exclude)),
	};
}
