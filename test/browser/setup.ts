/** Installs a missing browser by apt, as the lab does with its tools: `npm test` brings what it needs. */
import {installPackages} from '../../lab/host.ts';
import {findBrowser} from '../support/browser.ts';

export default async function setup(): Promise<void> {
	if (findBrowser() === undefined) {
		await installPackages(['chromium', 'fonts-dejavu-core'], line => {
			process.stderr.write(`browser tests: ${line}\n`);
		});
	}
}
