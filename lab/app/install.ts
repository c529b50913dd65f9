/** The application's part of `up`: creates its database, installs it on its node, and checks that it responds. */

import {isOn} from '../cgroup.ts';
import {LabError, messageOf} from '../failure.ts';
import type {Condition} from '../health.ts';
import {applicationOf, type Inventory} from '../inventory.ts';
import {sshCommand} from '../operator.ts';
import {sqlThroughVip} from '../psql.ts';
import {run} from '../run.ts';
import {applicationCommand} from './verb.ts';

const installSeconds = 180;

/** Created through VIP:5000, so on the leader; replicated like all other data. */
const account = `
SELECT 'CREATE ROLE mediawiki LOGIN PASSWORD ''lab-mediawiki'''
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mediawiki') \\gexec
SELECT 'CREATE DATABASE mediawiki OWNER mediawiki'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'mediawiki') \\gexec
`;
/** The table for files is created last: if it exists, the wiki's tables are complete. */
const complete = "SELECT to_regclass('mediawiki.file_content') IS NOT NULL";

/** Idempotent; does nothing in a lab without the application. */
export async function ensureApplication(
	inventory: Inventory,
	onProgress: (line: string) => void,
): Promise<void> {
	const node = applicationOf(inventory);
	if (!node) return;
	const begun = Date.now();
	await sqlThroughVip(inventory, account);
	const isNew = (await sqlThroughVip(inventory, complete, 'mediawiki')) !== 't';
	if (isNew) {
		onProgress(`${node.name}: installing MediaWiki, its data in PostgreSQL at ${inventory.vip}:5000`);
		await sqlThroughVip(inventory, 'DROP SCHEMA IF EXISTS mediawiki CASCADE', 'mediawiki');
	}

	const {file, args, env} = sshCommand(node.name, [
		'sudo',
		'/usr/local/sbin/install-wiki',
		...(isNew ? ['reset'] : []),
	]);
	await run(file, args, {env, timeout: installSeconds * 1000});
	if (isNew) onProgress(`… done in ${Math.round((Date.now() - begun) / 1000)} s`);
	const condition = await answersHttp(inventory);
	onProgress(`${condition.name}: ${condition.text}`);
	if (condition.met) return;
	throw new LabError(
		`the application on ${node.name} does not answer: ${condition.text}\n` +
			`see npm run lab -- logs ${node.name} -u apache2, and /var/log/apache2/error.log there`,
	);
}

/** Requests a page from the operator's network that the wiki can serve only with its database. */
export async function answersHttp(inventory: Inventory): Promise<Condition> {
	const name = 'application';
	const node = applicationOf(inventory);
	if (!node || !isOn(node.name)) return {name, met: false, text: 'its node is off'};
	const {file, args, env} = applicationCommand(['ping']);
	const begun = Date.now();
	try {
		await run(file, args, {env, timeout: 20_000});
		return {name, met: true, text: `http://${node.address}/ answers in ${Date.now() - begun} ms`};
	} catch (error) {
		return {name, met: false, text: messageOf(error)};
	}
}
