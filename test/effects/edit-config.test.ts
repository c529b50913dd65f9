/** The dynamic configuration in an editor that a script plays: the result of each way to leave it. */
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {beforeEach, describe, expect, it, onTestFinished} from 'vitest';
import {RestSender} from '../../source/connections/rest-sender.ts';
import {editConfig} from '../../source/effects/edit-config.ts';
import {temporaryFolder} from '../support/folder.ts';

const before = {
	ttl: 30,
	loop_wait: 10,
	synchronous_mode: true,
	postgresql: {
		parameters: {
			max_connections: 100,
			wal_level: 'replica',
			hot_standby: 'on',
			unix_socket_permissions: '0777',
		},
		pg_hba: ['local all all trust', 'host all all 10.0.0.0/8 scram-sha-256'],
	},
};

let folder: string;
/** The text that the editor opened, by call. */
const seen = () =>
	readdirSync(folder)
		.filter(name => name.startsWith('seen.'))
		.sort()
		.map(name => readFileSync(path.join(folder, name), 'utf8'));

beforeEach(() => {
	folder = temporaryFolder('test');
});

/** @param script is run with the file as $1 and the number of the call as $n. */
function editor(script: string): string {
	const file = path.join(folder, 'editor.sh');
	const count = `n=$(ls ${folder} | grep -c '^seen'); cp "$1" ${folder}/seen.$n; stat -c %a "$1" "$(dirname "$1")" > ${folder}/modes`;
	writeFileSync(file, `#!/bin/sh\n${count}\n${script}\n`, {mode: 0o755});
	return file;
}

type Options = Partial<Parameters<typeof editConfig>[0]>;

async function edited(
	script: string,
	{status = 200, body = JSON.stringify(before), ...options}: Options & {status?: number; body?: string} = {},
) {
	const server = createServer((_, response) => {
		response.writeHead(status).end(body);
	});
	onTestFinished(() => {
		server.close();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	let lent = 0;
	const report = await editConfig({
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/config`,
		revision: 41,
		store: 2,
		scope: 'main/../odd name',
		rest: new RestSender({tls: {}, deadline: 1000, credentials: undefined}),
		signal: new AbortController().signal,
		async lend(task) {
			lent++;
			await task();
		},
		environment: {EDITOR: editor(script)},
		...options,
	});
	return {report, lent};
}

const nothing = {type: 'notice', text: 'nothing was changed', tone: 'warn'};
const keptFile = (report: object) =>
	/your text is in (\S+)$/.exec('text' in report ? String(report.text) : '')?.[1] ?? '';

describe('the configuration in $EDITOR', () => {
	it('is YAML under a comment, in a file and a folder for its owner only, which are removed afterwards', async () => {
		const {report, lent} = await edited(`echo "$1" > ${folder}/file`);
		expect(report).toEqual(nothing);
		expect(lent).toBe(1);
		const [text = ''] = seen();
		expect(text).toMatch(/^# The dynamic configuration of main\/\.\.\/odd name\..*\n#.*\nttl: 30\n/);
		expect(text).toContain('    unix_socket_permissions: "0777"\n');
		expect(readFileSync(path.join(folder, 'modes'), 'utf8')).toBe('600\n700\n');
		const file = readFileSync(path.join(folder, 'file'), 'utf8').trim();
		expect(path.basename(file)).toBe('main_.._odd_name.yaml');
		expect(() => statSync(path.dirname(file))).toThrow('ENOENT');
	});

	it.each([
		['is emptied', ': > "$1"'],
		['holds comments alone', 'printf "# nothing\\n# at all" > "$1"'],
		['has other comments above it alone', 'sed -i "1s/.*/# other words/" "$1"'],
		['is written in another order', 'sed -i "/^ttl/d" "$1"; echo "ttl: 30" >> "$1"'],
	])('changes nothing when it %s', async (_, script) => {
		expect((await edited(script)).report).toEqual(nothing);
	});

	it('becomes a merge patch: new and changed values, null for removed ones, lists as a whole', async () => {
		const {report} = await edited(
			[
				'sed -i -e "s/max_connections: 100/max_connections: 117/" -e "/wal_level/d" -e "/^synchronous_mode/d" "$1"',
				'sed -i -e "s/  pg_hba:/  pg_hba:\\n    - local x x peer/" "$1"',
				'echo "maximum_lag_on_failover: 1048576" >> "$1"',
			].join('\n'),
		);
		expect(report).toMatchObject({
			type: 'config.edited',
			revision: 41,
			store: 2,
			patch: {
				synchronous_mode: null,
				maximum_lag_on_failover: 1_048_576,
				postgresql: {
					parameters: {max_connections: 117, wal_level: null},
					pg_hba: ['local x x peer', ...before.postgresql.pg_hba],
				},
			},
		});
		const difference = 'difference' in report ? report.difference : [];
		expect(difference).toContain('-    max_connections: 100');
		expect(difference).toContain('+    max_connections: 117');
		expect(difference).toContain('-synchronous_mode: true');
		expect(difference).toContain('+maximum_lag_on_failover: 1048576');
		// An unchanged key is not shown as changed.
		expect(difference.filter(line => /^[+-].*(hot_standby|unix_socket|ttl)/.test(line))).toEqual([]);
	});

	it.each([
		['invalid YAML', 'echo "a: [" >> "$1"', /^# invalid YAML: /m],
		['invalid YAML', 'echo "ttl: 20" >> "$1"', /^# invalid YAML: Map keys must be unique/m],
		['invalid configuration', 'echo "- a" > "$1"', /^# invalid configuration: must be a mapping/m],
		['invalid YAML', 'echo "search_path: *nobody" >> "$1"', /^# invalid YAML: .*nobody/m],
		['invalid configuration', 'echo "ttl: .inf" > "$1"', /^# invalid configuration: must be a mapping/m],
	])('is opened again with the reason on top: %s, by %s', async (_, script, reason) => {
		const {report, lent} = await edited(
			`if [ $n = 0 ]; then ${script}; else sed -i "s/.*/ttl: 25/; q" "$1"; fi`,
		);
		expect(lent).toBe(2);
		const [, again = ''] = seen();
		expect(again).toMatch(reason);
		expect(report).toMatchObject({type: 'config.edited', patch: {ttl: 25}});
	});

	it('is kept in its file if it stays unreadable', async () => {
		const {report, lent} = await edited('[ $n = 0 ] && echo "a: [" >> "$1"; true');
		expect(lent).toBe(2);
		expect(report).toMatchObject({
			type: 'notice',
			text: expect.stringMatching(/^invalid YAML.*; nothing was sent, your text is in /),
		});
		expect(readFileSync(keptFile(report), 'utf8')).toContain('a: [');
	});

	it('is given up if it is unreadable again and again', async () => {
		const {report, lent} = await edited('echo "a: [ $n" >> "$1"');
		expect(lent).toBe(10);
		expect(report).toMatchObject({
			text: expect.stringMatching(/^invalid YAML.* \(after 10 edits\); nothing was sent, your text is in /),
		});
	});

	it('is kept in its file, with a message, if it is far too large', async () => {
		const {report} = await edited('head -c 3000000 /dev/zero > "$1"');
		expect(report).toMatchObject({
			type: 'notice',
			text: expect.stringMatching(/cannot be read: .*; nothing was sent$/),
		});
	});

	it('leaves nothing behind if the file cannot be read any more', async () => {
		await expect(edited(`dirname "$1" > ${folder}/place; rm "$1"`)).rejects.toThrow('ENOENT');
		const place = readFileSync(path.join(folder, 'place'), 'utf8').trim();
		expect(() => statSync(place)).toThrow('ENOENT');
	});

	it('shows of secrets only that they differ', async () => {
		const secret = {...before, postgresql: {parameters: {a_password: 'hunter2', b_password: 'hunter2'}}};
		const {report} = await edited('sed -i "s/a_password: hunter2/a_password: swordfish/" "$1"', {
			body: JSON.stringify(secret),
		});
		const difference = 'difference' in report ? report.difference.join('\n') : '';
		expect(difference).toContain('+    a_password: ••• (changed)');
		expect(difference).not.toMatch(/hunter2|swordfish/);
		expect(report).toMatchObject({patch: {postgresql: {parameters: {a_password: 'swordfish'}}}});
	});

	it('is kept in its file, and nothing is sent, if the editor ends with an error', async () => {
		const {report} = await edited('echo "ttl: 5" >> "$1"; exit 3');
		expect(report).toMatchObject({
			text: expect.stringMatching(/editor\.sh exited with 3; nothing was sent, your text is in /),
		});
		expect(readFileSync(keptFile(report), 'utf8')).toContain('ttl: 5');
	});

	it('is kept if the editor was killed, or does not exist', async () => {
		expect((await edited('kill -KILL $PPID')).report).toMatchObject({
			text: expect.stringMatching(/exited with SIGKILL; nothing was sent/),
		});
		const {report} = await edited('', {environment: {EDITOR: '/nonexistent/editor'}});
		expect(report).toMatchObject({
			text: expect.stringMatching(/^\/nonexistent\/editor exited with 12[67]; nothing was sent/),
		});
	});

	it('is opened with $VISUAL before $EDITOR, with its arguments', async () => {
		const file = path.join(folder, 'with arguments.sh');
		writeFileSync(file, '#!/bin/sh\n[ "$1" = --wait ] && [ -s "$2" ] && exit 4\n', {mode: 0o755});
		const {report} = await edited('', {environment: {VISUAL: `"${file}" --wait`, EDITOR: 'false'}});
		expect(report).toMatchObject({text: expect.stringMatching(/--wait exited with 4/)});
	});

	it('is not opened if it cannot be read, with the reason', async () => {
		for (const [body, status, text] of [
			['no auth\u001B[2J header', 401, 'cannot read the configuration: 401 no auth header'],
			['', 502, 'cannot read the configuration: 502 '],
			['no JSON', 200, /^cannot read the configuration: /],
			['[]', 200, /^cannot read the configuration: /],
		] as const) {
			const {report, lent} = await edited('', {body, status});
			expect(lent).toBe(0);
			expect(report).toMatchObject({text: typeof text === 'string' ? text : expect.stringMatching(text)});
		}
	});

	it('is given up, with the reason, if the terminal is not available', async () => {
		const {report} = await edited('', {
			async lend() {
				throw new Error('the terminal is not ours to lend');
			},
		});
		expect(report).toMatchObject({
			type: 'notice',
			text: expect.stringContaining('the terminal is not ours to lend; nothing was sent'),
		});
	});
});
