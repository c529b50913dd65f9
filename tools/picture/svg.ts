/** A terminal emulator's screen as an SVG: text, so that it stays sharp and can be searched; needs nothing else to be shown. */
import type {IBuffer, IBufferCell} from '@xterm/headless';

const cell = {width: 8.4, height: 17};
const margin = 12;
const paper = '#11151c';
const ink = '#d5dae3';

/** The sixteen colours, in the terminal's order. */
const palette = [
	'#3b4252',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#d5dae3',
	'#5c6370',
	'#ff7b86',
	'#b5e890',
	'#ffd68a',
	'#82c4ff',
	'#e29bf5',
	'#7fdbe6',
	'#ffffff',
];

/** Cells that look the same and stand side by side become one piece of text. */
type Piece = {column: number; text: string; look: string; background: string | undefined};

export function screenSvg(buffer: IBuffer, columns: number, rows: number, title: string): string {
	const width = columns * cell.width + 2 * margin;
	const height = rows * cell.height + 2 * margin;
	const lines = Array.from({length: rows}, (_, row) => lineSvg(piecesOf(buffer, row, columns), row));
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">
<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${ink}" xml:space="preserve">
${lines.filter(line => line !== '').join('\n')}
</g>
</svg>
`;
}

function piecesOf(buffer: IBuffer, row: number, columns: number): Piece[] {
	const line = buffer.getLine(buffer.viewportY + row);
	const pieces: Piece[] = [];
	for (let column = 0; column < columns; column++) {
		const one = line?.getCell(column);
		if (one === undefined || one.getWidth() === 0) {
			continue;
		}

		const {look, background} = lookOf(one);
		const text = one.getChars() || ' ';
		const last = pieces.at(-1);
		if (last?.look === look && last.background === background) {
			last.text += text;
		} else {
			pieces.push({column, text, look, background});
		}
	}

	return pieces;
}

function lookOf(one: IBufferCell): {look: string; background: string | undefined} {
	const foreground = one.isFgPalette() ? (palette[one.getFgColor()] ?? ink) : ink;
	const background = one.isBgPalette() ? palette[one.getBgColor()] : undefined;
	const inverse = one.isInverse() !== 0;
	const look = [
		`fill="${inverse ? (background ?? paper) : foreground}"`,
		...(one.isBold() === 0 ? [] : ['font-weight="bold"']),
		...(one.isDim() === 0 ? [] : ['opacity="0.6"']),
	].join(' ');
	return {look, background: inverse ? foreground : background};
}

function lineSvg(pieces: readonly Piece[], row: number): string {
	const top = margin + row * cell.height;
	return pieces
		.map(({column, text, look, background}) => {
			const x = margin + column * cell.width;
			const length = [...text].length * cell.width;
			const box =
				background === undefined
					? ''
					: `<rect x="${x}" y="${top}" width="${length}" height="${cell.height}" fill="${background}"/>`;
			const words =
				text.trim() === ''
					? ''
					: `<text x="${x}" y="${top + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs" ${look}>${escapeXml(text)}</text>`;
			return box + words;
		})
		.join('');
}

function escapeXml(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}
