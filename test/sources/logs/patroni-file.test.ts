/** The log settings of a node's patroni.yml: what is read, and that nothing else leaves. */

import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {dcsValue} from '../../../source/sources/dcs-values.ts';
import {ArgumentError, fileCommand} from '../../../source/sources/logs/command.ts';
import {parsePatroniFile, patroniFileCommand} from '../../../source/sources/logs/patroni-file.ts';

const file = `
scope: demo
restapi: {authentication: {username: patroni, password: S3CRET}}
etcd3: {hosts: 'a:1', password: S3CRET}
log:
  type: json
  dir: /var/log/patroni
  dateformat: '%H:%M'
  format: [asctime, {levelname: level, S3CRETS: [1]}]
postgresql:
  data_dir: /srv/pg/data
  authentication: {superuser: {password: S3CRET}}
  parameters:
    log_line_prefix: '%t [%p]: '
    log_timezone: Europe/Berlin
    log_destination: csvlog
    log_directory: log
    primary_conninfo: password=S3CRET
`;

describe('the log settings of patroni.yml', () => {
	it('are read without anything else of the file', () => {
		const read = parsePatroniFile(`file /etc/patroni/config.yml\n${file}`);
		expect(read).toEqual({
			file: '/etc/patroni/config.yml',
			settings: {
				postgresql: {
					linePrefix: '%t [%p]: ',
					timezone: 'Europe/Berlin',
					destination: 'csvlog',
					directory: 'log',
				},
				patroni: {
					json: true,
					fields: {levelname: 'level'},
					dateFormat: '%H:%M',
					directory: '/var/log/patroni',
				},
				dataDirectory: '/srv/pg/data',
			},
		});
		expect(JSON.stringify(read)).not.toContain('S3CRET');
	});

	it.each([
		['', {file: undefined, settings: {}}],
		[
			'unreadable /etc/patroni/config.yml\n',
			{file: '/etc/patroni/config.yml', settings: {}, problem: 'unreadable'},
		],
		['file /etc/patroni.yml\na: [S3CRET\n', {file: '/etc/patroni.yml', settings: {}, problem: 'invalid'}],
		[
			`file /etc/patroni.yml\n${'#'.repeat(70_000)}`,
			{file: '/etc/patroni.yml', settings: {}, problem: 'invalid'},
		],
	])('of %j are %j', (answer, expected) => {
		expect(parsePatroniFile(answer)).toEqual(expected);
	});

	it('never throw, whatever the file', () => {
		fc.assert(
			fc.property(fc.string({unit: 'grapheme'}), text => {
				expect(() => parsePatroniFile(`file /x.yml\n${text}`)).not.toThrow();
			}),
		);
	});

	it('of odd types are ignored one by one', () => {
		const odd = 'postgresql: {parameters: {log_line_prefix: [1], log_timezone: 3}, data_dir: {}}\nlog: 7';
		expect(parsePatroniFile(`file /x.yml\n${odd}`).settings).toEqual({
			postgresql: {timezone: '3'},
			patroni: {},
		});
	});

	it.each([
		// What Patroni writes into postgresql.conf, and PostgreSQL 17 takes: a number is a zone, in hours westwards.
		['log_timezone: 3', {timezone: '3'}],
		['log_timezone: -3', {timezone: '-3'}],
		// The number 210 to YAML 1.1, in base 60.
		['log_timezone: 3:30', {timezone: '210'}],
		['log_timezone: 03:30', {timezone: '03:30'}],
		['log_timezone: "3:30"', {timezone: '3:30'}],
		['log_timezone: ~', {}],
		['log_directory: on', {directory: 'True'}],
		['log_directory: 2026-11-26', {directory: '2026-11-26'}],
		['log_directory: 010', {directory: '8'}],
	])('have the text that Patroni writes for %s', (line, postgresql) => {
		const text = `postgresql:\n  parameters:\n    ${line}\n`;
		expect(parsePatroniFile(`file /x.yml\n${text}`).settings).toEqual({postgresql, patroni: {}});
	});

	it('of the dynamic configuration have the text that Patroni writes for numbers and booleans', () => {
		const value = '{"postgresql": {"parameters": {"log_timezone": -3, "log_directory": true}}}';
		expect(dcsValue('config', value)).toMatchObject({
			config: {postgresLog: {timezone: '-3', directory: 'True'}},
		});
	});

	it('of the dynamic configuration are in its key', () => {
		const value = dcsValue(
			'config',
			'{"postgresql": {"parameters": {"log_line_prefix": "%m|%u|%d| ", "x": 1}}}',
		);
		expect(value).toMatchObject({kind: 'config', config: {postgresLog: {linePrefix: '%m|%u|%d| '}}});
		expect(dcsValue('config', '{"postgresql": 7}')).toMatchObject({
			kind: 'config',
			config: {postgresLog: {}},
		});
	});
});

describe('the commands', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'patroni-file-'));
	});
	afterEach(() => {
		rmSync(folder, {recursive: true});
	});

	it('refuse an invalid name of a unit', () => {
		expect(() => patroniFileCommand('patroni; id')).toThrow(ArgumentError);
	});

	it("find the file of the unit's command line", () => {
		const config = path.join(folder, 'main.yml');
		writeFileSync(config, file);
		const systemctl = path.join(folder, 'systemctl');
		writeFileSync(
			systemctl,
			`#!/bin/sh\necho "{ path=/usr/bin/patroni ; argv[]=/usr/bin/patroni ${config} ; ignore_errors=no ; pid=7 }"\n`,
		);
		chmodSync(systemctl, 0o755);
		const answer = execFileSync('sh', ['-c', patroniFileCommand('patroni')], {
			encoding: 'utf8',
			env: {PATH: `${folder}:${process.env.PATH}`},
		});
		expect(answer).toBe(`file ${config}\n${file}`);
	});

	it.each([
		[['csv', 'log', 'json'], 'a.csv'],
		[undefined, 'a.log'],
	] as const)("read PostgreSQL's known folder first, with the extensions %j", (extensions, name) => {
		const logs = path.join(folder, 'log');
		mkdirSync(logs);
		writeFileSync(path.join(logs, 'a.log'), 'a.log\n');
		writeFileSync(path.join(logs, 'a.csv'), 'a.csv\n');
		// Ends with its input, as the connection would.
		const command = fileCommand(undefined, {
			token: 'abcdef0123456789',
			places: [],
			folder: logs,
			...(extensions === undefined ? {} : {extensions}),
		});
		expect(command).toContain(`P="${logs} /var/log/postgresql `);
		const script = command.replace(/^sh -c '\{ /, '').replace(/'tail -c .*$/s, '');
		const pick = script.slice(0, script.indexOf('inode()'));
		expect(execFileSync('sh', ['-c', `${pick} pick; echo "$F"`], {encoding: 'utf8'}).trim()).toBe(
			path.join(logs, name),
		);
	});

	it('ignore a folder whose path is not plain', () => {
		const command = fileCommand(undefined, {
			token: 'abcdef0123456789',
			places: [],
			folder: '/x"; touch pwned',
		});
		expect(command).not.toContain('pwned');
	});
});
