/** Draws a terminal emulator's screen as an SVG of text: sharp, searchable, self-contained. */
import type {IBuffer, IBufferCell} from '@xterm/headless';

export const cell = {width: 8.4, height: 17};
export const margin = 12;
const paper = '#11151c';
const ink = '#d5dae3';

/** The sixteen ANSI colours in order. */
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

/** Adjacent cells with the same style are one piece of text. */
type Piece = {
	column: number;
	/** In cells: a wide character has two. */
	width: number;
	wide: boolean;
	text: string;
	look: string;
	background: string | undefined;
};

/** The rows of the screen at one time, and the duration of the frame in an animation, ms. */
export type Frame = {rows: readonly string[]; stays: number};

/** The present screen. */
export function frameOf(buffer: IBuffer, columns: number, rows: number, stays = 0): Frame {
	return {rows: Array.from({length: rows}, (_, row) => lineSvg(piecesOf(buffer, row, columns), row)), stays};
}

export function screenSvg({rows}: Frame, columns: number, title: string): string {
	return whole(rows, columns, rows.length, title);
}

/** An endless animation of the frames; each distinct row is included once. */
export function movingSvg(frames: readonly Frame[], columns: number, title: string): string {
	const length = frames[0]?.rows.length ?? 0;
	const rows = Array.from({length}, (_, row) => {
		const versions = [...new Set(frames.map(({rows: all}) => all[row] ?? ''))].filter(text => text !== '');
		return versions
			.map(text =>
				versions.length === 1 && shows(frames, row, text).every(Boolean) ? text : timed(frames, row, text),
			)
			.join('\n');
	});
	return whole(rows, columns, length, title);
}

function shows(frames: readonly Frame[], row: number, text: string): boolean[] {
	return frames.map(({rows}) => rows[row] === text);
}

/** Shows the row's text in the frames that contain it. */
function timed(frames: readonly Frame[], row: number, text: string): string {
	const total = frames.reduce((sum, {stays}) => sum + stays, 0);
	const [values, times]: [string[], string[]] = [[], []];
	let at = 0;
	let before: boolean | undefined;
	for (const [index, shown] of shows(frames, row, text).entries()) {
		if (shown !== before) {
			values.push(shown ? 'inline' : 'none');
			times.push((at / total).toFixed(4).replace(/\.?0+$/, ''));
			before = shown;
		}

		at += frames[index]?.stays ?? 0;
	}

	// A renderer without animation shows the last frame.
	const still = before ? 'inline' : 'none';
	return `<g display="${still}"><animate attributeName="display" calcMode="discrete" dur="${total}ms" repeatCount="indefinite" values="${values.join(';')}" keyTimes="${times.join(';')}"/>${text}</g>`;
}

function whole(lines: readonly string[], columns: number, rows: number, title: string): string {
	const width = columns * cell.width + 2 * margin;
	const height = rows * cell.height + 2 * margin;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">
<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<style>text { white-space: pre }</style>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${ink}">
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
		// With a common textLength, wide and narrow characters would leave their columns.
		const sameWidth = last !== undefined && last.wide === one.getWidth() > 1;
		if (sameWidth && last.look === look && last.background === background) {
			last.text += text;
			last.width += one.getWidth();
		} else {
			pieces.push({column, width: one.getWidth(), wide: one.getWidth() > 1, text, look, background});
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

/**
 * Blanks are preserved twice: browsers use white-space and do not inherit xml:space from a group, other renderers
 * use only xml:space.
 */
function lineSvg(pieces: readonly Piece[], row: number): string {
	const top = margin + row * cell.height;
	return pieces
		.map(({column, width, text, look, background}) => {
			const x = round(margin + column * cell.width);
			const length = round(width * cell.width);
			const box =
				background === undefined
					? ''
					: `<rect x="${x}" y="${top}" width="${length}" height="${cell.height}" fill="${background}"/>`;
			const words =
				text.trim() === ''
					? ''
					: `<text xml:space="preserve" x="${x}" y="${top + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs" ${look}>${escapeXml(text)}</text>`;
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

function round(pixels: number): number {
	return Math.round(pixels * 10) / 10;
}
