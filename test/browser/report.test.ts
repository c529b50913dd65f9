import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Browser} from 'puppeteer-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {tourFile} from '../../source/replay/command.ts';
import {readReport, textOf} from '../../source/report/command.ts';
import {inPage, openBrowser, openFile} from '../support/browser.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('report');
let browser: Browser;

beforeAll(async () => {
	browser = await openBrowser();
});

afterAll(async () => {
	await browser.close();
});

async function pageOf(name: string, change = (text: string) => text): Promise<string> {
	const file = path.join(folder, `${name}.html`);
	writeFileSync(file, change(await textOf(await readReport(tourFile(name), {}), 'html')));
	return pathToFileURL(file).href;
}

type Box = {text: string; left: number; right: number; top: number; bottom: number; colour: string};
type Chart = {width: number; height: number; texts: Box[]};

function luminance(colour: string): number {
	const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number).map(value => {
		const part = value / 255;
		return part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
	const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

describe.each(['switchover', 'power-cut', 'no-quorum'])('the HTML report of %s', name => {
	it.each([
		{scheme: 'light', width: 1200},
		{scheme: 'dark', width: 1200},
		{scheme: 'light', width: 400},
	] as const)('stands on the page: %j', async ({scheme, width}) => {
		const url = await pageOf(name);
		const {page, complaints, requests} = await openFile(browser, url, {width, scheme});
		expect(await inPage(page, 'stickingOut()')).toEqual([]);

		const sections = (await inPage(page, 'sections()')) as {title: string; height: number}[];
		expect(sections.map(({title}) => title)).toEqual(
			expect.arrayContaining(['Measured times', 'Over time', 'Findings that arose', 'Timeline']),
		);
		expect(sections.filter(({height}) => height < 10)).toEqual([]);

		const {ink, paper} = (await inPage(page, 'colours()')) as {ink: string; paper: string};
		expect(contrast(ink, paper)).toBeGreaterThan(7);
		expect(luminance(paper) < 0.5).toBe(scheme === 'dark');

		const charts = (await inPage(page, 'charts()')) as Chart[];
		expect(charts.length).toBeGreaterThan(0);
		for (const {width: right, height: bottom, texts} of charts) {
			expect(texts.length).toBeGreaterThan(10);
			for (const box of texts) {
				expect(box.left, box.text).toBeGreaterThan(-1);
				expect(box.right, box.text).toBeLessThan(right + 1);
				expect(box.top, box.text).toBeGreaterThan(-1);
				expect(box.bottom, box.text).toBeLessThan(bottom + 1);
			}

			// Failed attempts are marks at their times.
			const words = texts.filter(({text}) => text !== '×');
			for (const [index, box] of words.entries()) {
				for (const other of words.slice(index + 1)) {
					const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
					const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
					// A line's box is higher than its letters.
					expect(across > 1 && down > 4, `"${box.text}" and "${other.text}" overlap`).toBe(false);
				}
			}
		}

		const picture = await page.screenshot({
			path: path.join(folder, 'page.png') as `${string}.png`,
			fullPage: true,
		});
		expect(picture.length).toBeGreaterThan(30_000);
		expect(complaints).toEqual([]);
		expect(requests).toEqual([]);
		await page.close();
	});
});

describe('log lines in the HTML report', () => {
	it('keep their spaces', async () => {
		const line = 'pid  4711   of    3:  LOG:   two  blanks';
		const url = await pageOf('switchover', text =>
			text.replace('</main>', `<div class="log"><div>${line}</div></div></main>`),
		);
		const {page} = await openFile(browser, url);
		expect(await inPage(page, 'logLines()')).toContainEqual({text: line, shown: line});
		await page.close();
	});
});
