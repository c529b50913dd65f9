/** The settings of `pgha-top watch`: sizes, times, and no secret in a message. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {configOf} from '../../source/config/config.ts';
import {printConfig} from '../../source/config/print.ts';
import {readSettings} from '../../source/config/settings.ts';
import {parseBytes} from '../../source/lib/parse-units.ts';
import {redact} from '../../source/lib/secrets.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('watch-settings');
const base = 'scope: main\netcd3: {hosts: "10.0.0.1:2379"}\npgha-top:\n';

function read(own: string) {
	const configFile = path.join(folder, 'patronictl.yaml');
	writeFileSync(configFile, base + own);
	const settings = readSettings({configFile}, {}, '/nonexistent');
	return {settings, config: configOf(settings, {})};
}

it('are read with their units', () => {
	const {config} = read(
		'  watch: {dir: /srv/watch, keep_size: 500 MiB, keep_age: 36h}\n  notify: {command: [page, --now], severity: critical, after: 0}\n',
	);
	expect(config.watch).toEqual({dir: '/srv/watch', keepBytes: 500 * 1024 * 1024, keepMs: 36 * 3_600_000});
	expect(config.notify).toEqual({
		command: ['page', '--now'],
		webhook: undefined,
		severity: 'critical',
		afterMs: 0,
	});
	expect(read('  vip: 10.0.0.9\n').config).toMatchObject({
		watch: {dir: undefined, keepBytes: 1024 ** 3, keepMs: 7 * 86_400_000},
		notify: {command: undefined, webhook: undefined, severity: 'unknown', afterMs: 5000},
	});
});

it.each([
	['watch: {keep_size: 5}', 'watch.keep_size: must be a size of at least 16MiB'],
	['watch: {keep_size: 1MiB}', 'watch.keep_size: must be a size of at least 16MiB'],
	['watch: {keep_age: 10m}', 'watch.keep_age: must be a time of at least 1h'],
	['watch: {keep: 7d}', 'unknown setting; allowed: dir, keep_size, keep_age'],
	['notify: {command: page}', 'notify.command: must be a list'],
	['notify: {command: []}', 'notify.command: must be a list'],
	['notify: {webhook: {url: "ftp://u:s3cret@h"}}', 'notify.webhook.url: must be a URL of http or https'],
	['notify: {webhook: "http://u:s3cret@h"}', 'must be a mapping'],
	['notify: {severity: bad}', 'notify.severity: must be notice, unknown, degraded or critical'],
	['notify: {after: 2h}', 'notify.after: must be a time of at most 1h'],
])('%s is refused with its reason, and no secret', (own, words) => {
	let message = '';
	try {
		read(`  ${own}\n`);
	} catch (error) {
		message = error instanceof Error ? error.message : '';
	}

	expect(message).toContain(words);
	expect(message).not.toContain('s3cret');
});

it('are printed without the secrets of a webhook, which all output masks', () => {
	const {settings, config} = read(
		'  notify: {webhook: {url: "https://u:pa%20ss-w0rd@h.example/services/T0/s3cretpath?k=v4lue-of-it", headers: {x-key: h3ader-s3cret}, token_file: /etc/token}}\n',
	);
	const printed = printConfig(config, settings, {});
	expect(printed).toContain('token_file: /etc/token');
	expect(printed).toContain('url: •••');
	expect(printed).toContain('x-key: •••');
	const shown = redact(
		'pa ss-w0rd pa%20ss-w0rd /services/T0/s3cretpath k=v4lue-of-it h3ader-s3cret https://u:pa%20ss-w0rd@h.example/services/T0/s3cretpath?k=v4lue-of-it',
	);
	for (const text of [printed, shown]) {
		expect(text).not.toMatch(/w0rd|s3cret|v4lue/);
	}
});

it.each([
	['1GiB', 1024 ** 3],
	['1G', 1024 ** 3],
	['1.5 KiB', 1536],
	['20mib', 20 * 1024 ** 2],
	['2TB', 2 * 1024 ** 4],
	['5', undefined],
	['GiB', undefined],
	['-1GiB', undefined],
	['1 GiB more', undefined],
])('%s is %s bytes', (text, bytes) => {
	expect(parseBytes(text)).toBe(bytes);
});
