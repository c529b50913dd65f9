/** What is wrong with a line of YAML, and how to write it: in words, without the text, which may be a password. */

/** A line of a template language, in any file. */
const templates = /\{\{.*\}\}|\{%.*%\}|<%.*%>|\$\{[A-Za-z_]\w*/;

/**
 * @param code of the parser's error
 * @param offset where it stopped
 */
export function hintFor(code: string, text: string, offset: number): string {
	const start = text.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1;
	const end = text.indexOf('\n', start);
	const line = text.slice(start, end === -1 ? text.length : end);
	const [, first = ''] = /^\s*(?:- +)*(?:[^\s:'"#]+:\s+)?(.)/.exec(line.slice(0, 1024)) ?? [];
	if (templates.test(line.slice(0, 1024))) {
		return 'a template that was not filled in: write the values, or fill it in before';
	}

	if (code === 'MULTIPLE_DOCS') {
		return 'several documents (---), of which Patroni reads none: keep one';
	}

	if (/^\s*\t/.test(line) || code === 'TAB_AS_INDENT') {
		return 'a tab at the beginning of a line: indent with spaces';
	}

	if (first === '*') {
		return '* at the beginning of a value refers to an anchor (&), and there is none: put the value in quotes';
	}

	if (['@', '`', '%'].includes(first)) {
		return `${first} cannot be the first character of a value: put the value in quotes`;
	}

	if (first === '|' || first === '>') {
		return `${first} at the beginning of a value begins a block of text: put the value in quotes`;
	}

	if (first === '"' || first === "'") {
		return code === 'MISSING_CHAR'
			? `the quote ${first} is not closed`
			: `text stands after a closing quote, or the quote ${first} is not closed: quote the whole value`;
	}

	if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'MULTILINE_IMPLICIT_KEY') {
		return 'two keys, or a key over several lines: put a value that contains ": " in quotes';
	}

	if (code === 'BAD_INDENT') {
		return 'the line is not indented as its neighbours are, or brackets continue on a line without indentation';
	}

	return code.toLowerCase().replaceAll('_', ' ');
}
