/** Formats Markdown tables, and escapes text for their cells. */

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
	return [titles, titles.map(() => '---'), ...rows.map(row => row.map(escaped))]
		.map(cells => `| ${cells.join(' | ')} |`)
		.join('\n');
}

function escaped(cell: string): string {
	return cell.replaceAll('|', '\\|');
}

export function code(text: string): string {
	return `\`${text}\``;
}
