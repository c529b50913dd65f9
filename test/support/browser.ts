/** A real headless browser; a page in it must make no request and log no error. */
import {readFileSync} from 'node:fs';
import puppeteer, {type Browser, type Page} from 'puppeteer-core';
import {findProgram} from '../../lab/host.ts';

/** Debian's name first; `PGHA_BROWSER` overrides it. */
export function findBrowser(): string | undefined {
	return (
		process.env.PGHA_BROWSER ??
		['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
			.map(findProgram)
			.find(file => file !== undefined)
	);
}

export async function openBrowser(): Promise<Browser> {
	const executablePath = findBrowser();
	if (executablePath === undefined) {
		throw new Error('no Chromium on this machine: apt-get install chromium, or name one in PGHA_BROWSER');
	}

	// Without its sandbox, which does not run as root: it opens only our own files.
	return puppeteer.launch({executablePath, args: ['--no-sandbox', '--disable-gpu'], protocolTimeout: 60_000});
}

export type Opened = {
	page: Page;
	/** Its console messages and errors. */
	complaints: string[];
	/** All requests but the one for the page. */
	requests: string[];
};

export async function openFile(
	browser: Browser,
	url: string,
	{
		width = 1200,
		height = 800,
		scheme = 'light',
	}: {width?: number; height?: number; scheme?: 'light' | 'dark'} = {},
): Promise<Opened> {
	const page = await browser.newPage();
	const [complaints, requests]: [string[], string[]] = [[], []];
	page.on('console', message => complaints.push(message.text()));
	page.on('pageerror', error => complaints.push(String(error)));
	page.on('request', request => {
		if (request.url() !== url) {
			requests.push(request.url());
		}
	});
	await page.setViewport({width, height});
	await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
	await page.goto(url);
	return {page, complaints, requests};
}

const measures = readFileSync(new URL('in-page.js', import.meta.url), 'utf8');

/** Runs a measurement of in-page.js in the page. */
export async function inPage(page: Page, call: string): Promise<unknown> {
	return page.evaluate(`${measures}\nmeasure.${call}`);
}
