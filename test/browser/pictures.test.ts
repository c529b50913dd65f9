import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import xterm from '@xterm/headless';
import type {Browser, Page} from 'puppeteer-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {cell, frameOf, margin, movingSvg, screenSvg} from '../../tools/picture/svg.ts';
import {inPage, openBrowser, openFile} from '../support/browser.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('pictures');
let browser: Browser;

beforeAll(async () => {
	browser = await openBrowser();
});

afterAll(async () => {
	await browser.close();
});

/** A character as the browser draws it: pixels from the left, and its row. */
type Glyph = {character: string; row: number; left: number; right: number};

/** All visible texts. */
async function glyphsOn(page: Page): Promise<Glyph[]> {
	return (await inPage(page, `glyphs(${cell.height}, ${margin})`)) as Glyph[];
}

/** The screen, rebuilt from the positions of the browser's characters. */
function rowsOf(glyphs: readonly Glyph[], columns: number, rows: number): string[] {
	const screen = Array.from({length: rows}, () => Array.from({length: columns}, () => ' '));
	for (const [index, {character, row, left}] of glyphs.entries()) {
		// It is on the character before it.
		if (/\p{Mark}/u.test(character)) {
			const before = glyphs[index - 1];
			const line = screen[row];
			const column = Math.round(((before?.left ?? 0) - margin) / cell.width);
			if (line !== undefined) {
				line[column] += character;
			}

			continue;
		}

		const column = (left - margin) / cell.width;
		// More than a quarter of a cell from its column is visible.
		expect(
			Math.abs(column - Math.round(column)),
			`"${character}" in row ${row}, column ${column}`,
		).toBeLessThan(0.25);
		const line = screen[row];
		if (line !== undefined && character !== ' ') {
			line[Math.round(column)] = character;
		}
	}

	return screen.map(line => line.join('').trimEnd());
}

async function terminalWith(text: string, columns: number, rows: number) {
	const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	await new Promise<void>(resolve => {
		terminal.write(text.replaceAll('\n', '\r\n'), resolve);
	});
	return terminal;
}

function written(name: string, svg: string): string {
	const file = path.join(folder, name);
	writeFileSync(file, svg);
	return pathToFileURL(file).href;
}

/** The terminal's own rows; the second half of a wide character is a blank, as above. */
function terminalRows(
	terminal: InstanceType<typeof xterm.Terminal>,
	columns: number,
	rows: number,
): string[] {
	const {active} = terminal.buffer;
	return Array.from({length: rows}, (_, row) =>
		Array.from({length: columns}, (_none, column) => {
			const one = active.getLine(active.viewportY + row)?.getCell(column);
			return one?.getChars() || ' ';
		})
			.join('')
			.trimEnd(),
	);
}

describe('a picture of a terminal', () => {
	const columns = 60;
	const screens = [
		'Member   Host          Role\n  pgdb1  10.73.0.160   Leader    \n\n     far   in     the     middle',
		'\u001B[1mbold   words\u001B[0m  \u001B[7m  inverse   \u001B[0m  \u001B[2m dim  \u001B[0m \u001B[31m  red\u001B[0m',
		'a & b   <c>  "d"   \'e\'\n┌─ x ──────┐\n│  ▁▂▃█ ×  │\n└──────────┘',
		'漢字   wide   です  end\ne\u0301   combined   ✓  →  ≥',
	];

	it.each(screens.map((text, index) => [index, text]))(
		'keeps each word in its column: screen %i',
		async (index, text) => {
			const terminal = await terminalWith(String(text), columns, 5);
			const frame = frameOf(terminal.buffer.active, columns, 5);
			const {page} = await openFile(browser, written(`made-${index}.svg`, screenSvg(frame, columns, 'made')));
			const seen = rowsOf(await glyphsOn(page), columns, 5);
			expect(seen).toEqual(terminalRows(terminal, columns, 5));
			await page.close();
		},
	);

	it('that is animated has one frame at a time, each word in its column', async () => {
		const terminals = await Promise.all(
			screens.slice(0, 3).map(async text => terminalWith(text, columns, 5)),
		);
		const frames = terminals.map(({buffer}) => frameOf(buffer.active, columns, 5, 500));
		const {page} = await openFile(browser, written('moving.svg', movingSvg(frames, columns, 'made')));
		for (const [index, terminal] of terminals.entries()) {
			await seek(page, index * 0.5 + 0.25);
			expect(rowsOf(await glyphsOn(page), columns, 5)).toEqual(terminalRows(terminal, columns, 5));
		}

		await page.close();
	});
});

async function seek(page: Page, seconds: number): Promise<void> {
	await inPage(page, `seek(${seconds})`);
}

describe.each(['screen.svg', 'switchover.svg'])("the readme's %s", name => {
	const file = fileURLToPath(new URL(`../../tools/picture/${name}`, import.meta.url));
	const url = pathToFileURL(file).href;
	const [columns, rows] = [110, 34];

	it('has each word at its place in the terminal', async () => {
		const opened = await openFile(browser, url, {width: 960, height: 620});
		const {page} = opened;
		for (const seconds of name === 'screen.svg' ? [0] : [0.2, 2.2, 5.2, 9.2, 12.2]) {
			await seek(page, seconds);
			const seen = rowsOf(await glyphsOn(page), columns, rows);
			// The texts of the file that are shown: each one from its column on, spaces included.
			const texts = (await inPage(page, 'texts()')) as {text: string; x: number; y: number}[];
			expect(texts.length).toBeGreaterThan(20);
			for (const {text, x, y} of texts) {
				const column = Math.round((x - margin) / cell.width);
				const line = seen[Math.floor((y - margin) / cell.height)] ?? '';
				expect(line.padEnd(columns).slice(column, column + text.length)).toBe(text);
			}

			expect(seen.join('\n')).toMatch(/^ pgha-top {2}postgres-cluster .*\d\d:\d\d:\d\d$/m);
			expect(seen.join('\n')).toMatch(/^[│┃] Member {2,}Host {2,}Role {2,}/m);
		}

		expect(opened.complaints).toEqual([]);
		expect(opened.requests).toEqual([]);
		await page.close();
	});

	it.each(['light', 'dark'] as const)('is shown on a %s page, as in the readme', async scheme => {
		const page = await browser.newPage();
		await page.setViewport({width: 960, height: 620});
		await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
		await page.setContent(
			`<body style="margin:0;background:${scheme === 'dark' ? '#0d1117' : '#fff'}"><img src="data:image/svg+xml;base64,${readFileSync(file).toString('base64')}">`,
		);
		const size = await inPage(page, 'imageSize()');
		expect(size).toEqual([columns * cell.width + 2 * margin, rows * cell.height + 2 * margin]);
		const picture = await page.screenshot({
			path: path.join(folder, `${name}-${scheme}.png`) as `${string}.png`,
		});
		expect(picture.length).toBeGreaterThan(20_000);
		await page.close();
	});
});
