/** How a node finds out that an answer is as before: the checks, run by a real sh, beside a systemctl of the test. */
import {execFile} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, it} from 'vitest';
import {shellCommand} from '../../source/connections/ssh/repeated.ts';
import {unitsCheck} from '../../source/sources/systemd.ts';
import {temporaryFolder} from '../support/folder.ts';

/** A node's systemd: units by name with their state and process, and what was asked of it. */
class Systemd {
	readonly folder = temporaryFolder('systemd');
	readonly #states = new Map<string, {state: string; pid: number | undefined}>();

	constructor() {
		writeFileSync(
			path.join(this.folder, 'systemctl'),
			`#!/bin/sh\necho "$1" >>${this.folder}/asked\ncat ${this.folder}/$1\n`,
			{mode: 0o755},
		);
		mkdirSync(path.join(this.folder, 'cgroup'));
	}

	set(unit: string, state: string, pid: number | undefined): void {
		this.#states.set(unit, {state, pid});
		const cgroup = path.join(this.folder, 'cgroup', unit);
		rmSync(cgroup, {recursive: true, force: true});
		if (pid !== undefined) {
			mkdirSync(cgroup);
			writeFileSync(path.join(cgroup, 'cgroup.procs'), `${pid}\n${pid + 1}\n`);
		}

		const all = [...this.#states];
		writeFileSync(
			path.join(this.folder, 'list-units'),
			all.map(([name, one]) => `${name} loaded ${one.state}\n`).join(''),
		);
		writeFileSync(
			path.join(this.folder, 'show'),
			all
				.map(
					([name, one]) =>
						`Id=${name}\nActiveState=${one.state}\nControlGroup=${one.pid ? `/${name}` : ''}\n`,
				)
				.join('\n'),
		);
	}

	/** What was asked since the last look. */
	asked(): string[] {
		const file = path.join(this.folder, 'asked');
		const words = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
		writeFileSync(file, '');
		return words;
	}
}

/** A shell that is asked line by line. */
function shellOn(systemd: Systemd) {
	const child = execFile(
		'sh',
		[
			'-c',
			shellCommand({
				script: 'systemctl show',
				check: unitsCheck(['a', 'b'], [path.join(systemd.folder, 'cgroup')]),
			}),
		],
		{
			env: {PATH: `${systemd.folder}:${process.env.PATH}`},
		},
	);
	let text = '';
	let count = 0;
	let wake = () => undefined as unknown;
	child.stdout?.on('data', (more: string) => {
		text += more;
		wake();
	});
	return {
		/** The answer: `=` or the output. */
		async ask(): Promise<string> {
			const token = `t${count++}`;
			text = '';
			child.stdin?.write(`${token}\n`);
			for (;;) {
				if (text === `${token} = 0\n`) {
					return '=';
				}

				if (text.startsWith(`${token} + 0\n`) && text.endsWith(`\n${token} .\n`)) {
					return text.slice(token.length + 5, -token.length - 4);
				}

				await new Promise<void>(resolve => {
					wake = resolve;
				});
			}
		},
		async end(): Promise<number | null> {
			const {promise, resolve} = Promise.withResolvers<number | null>();
			child.on('close', resolve);
			child.stdin?.end();
			return promise;
		},
	};
}

it('asks systemd in full only where a process or a state is another one, or on its way', async () => {
	const systemd = new Systemd();
	systemd.set('a.service', 'active', 10);
	systemd.set('b.service', 'inactive', undefined);
	const {ask, end} = shellOn(systemd);
	expect(await ask()).toContain('Id=a.service\nActiveState=active');
	// The processes are known from the first answer only.
	expect(await ask()).toBe('=');
	systemd.asked();
	for (const words of [[], ['list-units'], [], ['list-units']]) {
		expect(await ask()).toBe('=');
		expect(systemd.asked()).toEqual(words);
	}

	// Another process, at once.
	systemd.set('a.service', 'active', 20);
	writeFileSync(
		path.join(systemd.folder, 'show'),
		readFileSync(path.join(systemd.folder, 'show'), 'utf8').replace('active', 'active\nMainPID=20'),
	);
	expect(await ask()).toContain('MainPID=20');
	systemd.asked();
	// Another state of the same processes, with the next list of states.
	expect(await ask()).toBe('=');
	systemd.set('a.service', 'deactivating', 20);
	expect(await ask()).toContain('deactivating');
	systemd.asked();
	// On its way: in full each time.
	for (const _ of [1, 2, 3]) {
		expect(await ask()).toBe('=');
		expect(systemd.asked()).toContain('show');
	}

	// Its processes are gone, at once.
	systemd.set('a.service', 'inactive', undefined);
	expect(await ask()).toContain('inactive');
	// A unit that begins.
	expect(await ask()).toBe('=');
	systemd.set('b.service', 'active', 30);
	expect([await ask(), await ask()].join('')).toContain('Id=b.service\nActiveState=active');
	expect(await end()).toBe(0);
});

it('asks systemd in full each time where the processes of a unit cannot be read', async () => {
	const systemd = new Systemd();
	systemd.set('a.service', 'active', 10);
	rmSync(path.join(systemd.folder, 'cgroup', 'a.service'), {recursive: true});
	const {ask, end} = shellOn(systemd);
	await ask();
	systemd.asked();
	for (const _ of [1, 2, 3, 4]) {
		expect(await ask()).toBe('=');
		expect(systemd.asked()).toContain('show');
	}

	await end();
});

it('asks in full at times whatever its check says', async () => {
	const systemd = new Systemd();
	systemd.set('a.service', 'active', 10);
	const {ask, end} = shellOn(systemd);
	for (let question = 0; question < 40; question++) {
		await ask();
	}

	expect(systemd.asked().filter(word => word === 'show').length).toBeGreaterThanOrEqual(4);
	await end();
});

it('is a program for sh', async () => {
	const run = promisify(execFile);
	await run('sh', [
		'-n',
		'-c',
		shellCommand({script: 'true', check: unitsCheck(['patroni@14-main', 'etcd'])}),
	]);
});
