/** How a node finds out that its units are as before: the check, run by real shells, beside a systemctl of the test. */
import {mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {unitsCheck} from '../../source/sources/systemd.ts';
import {askedShell, shells} from '../support/asked-shell.ts';
import {temporaryFolder} from '../support/folder.ts';

/** The main process of a unit; `start`: its start time, in ticks. */
type Process = {pid: number; start: number};

/** A node's systemd: units by name with their state and main process, and what was asked of it. */
class Systemd {
	readonly folder = temporaryFolder('systemd');
	readonly proc = path.join(this.folder, 'proc');
	readonly links = path.join(this.folder, 'units');
	readonly #states = new Map<string, {state: string; main: Process | undefined}>();

	constructor() {
		writeFileSync(
			path.join(this.folder, 'systemctl'),
			`#!/bin/sh\necho "$1" >>${this.folder}/asked\ncat ${this.folder}/$1\n`,
			{mode: 0o755},
		);
		mkdirSync(this.proc);
		mkdirSync(this.links);
	}

	/** As systemd does for a unit that is started. */
	link(unit: string): void {
		symlinkSync('30a2555c39a044f7', path.join(this.links, `invocation:${unit}`));
	}

	/** @param main `undefined`: none, as of a unit that does not run */
	set(unit: string, state: string, main: Process | number | undefined): void {
		const before = this.#states.get(unit)?.main;
		if (before !== undefined) {
			rmSync(this.#process(before), {recursive: true});
		}

		const its = typeof main === 'number' ? {pid: main, start: main * 10} : main;
		this.#states.set(unit, {state, main: its});
		if (its !== undefined) {
			mkdirSync(this.#process(its));
			this.writeStat(its, 'post) R 1 (gres: a');
		}

		const all = [...this.#states];
		this.list(all.map(([name, one]) => `${name} loaded ${one.state}\n`).join(''));
		writeFileSync(
			path.join(this.folder, 'show'),
			all
				.map(
					([name, one]) =>
						`Id=${name}\nMainPID=${one.main?.pid ?? 0}\nActiveState=${one.state}\nInvocationID=${one.main?.start ?? ''}\n`,
				)
				.join('\n'),
		);
	}

	/** Sets what systemd says to the question of all states only. */
	list(text: string): void {
		writeFileSync(path.join(this.folder, 'list-units'), text);
	}

	/** As proc(5): the name of the program, in parentheses, may have any characters. */
	writeStat({pid, start}: Process, name: string): void {
		const between = Array.from({length: 17}, (_, index) => index + 4).join(' ');
		writeFileSync(
			path.join(this.#process({pid, start}), 'stat'),
			`${pid} (${name}) S ${between} 0 ${start} 23 24 25\n`,
		);
	}

	#process({pid}: Process): string {
		return path.join(this.proc, String(pid));
	}

	/** What was asked since the last look. */
	asked(): string[] {
		const file = path.join(this.folder, 'asked');
		const words = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
		writeFileSync(file, '');
		return words;
	}
}

describe.each(shells)('with $name as its sh, a node', ({file: shell}) => {
	const shellOn = (systemd: Systemd) =>
		askedShell(shell, systemd.folder, {
			script: 'systemctl show',
			check: unitsCheck(['a', 'b'], {proc: systemd.proc, links: systemd.links}),
		});

	/** A node whose unit runs, and was asked until nothing but its check is needed. */
	async function settled(main: Process = {pid: 10, start: 100}) {
		const systemd = new Systemd();
		systemd.set('a.service', 'active', main);
		systemd.set('b.service', 'inactive', undefined);
		const {ask, end} = shellOn(systemd);
		expect(await ask()).toContain(`Id=a.service\nMainPID=${main.pid}\nActiveState=active`);
		// The processes are known from the first answer only.
		expect(await ask()).toBe('=');
		systemd.asked();
		return {systemd, ask, end};
	}

	it('asks systemd in full only where a process or a state is another one, or on its way', async () => {
		const {systemd, ask, end} = await settled();
		for (const words of [[], ['list-units'], [], ['list-units']]) {
			expect(await ask()).toBe('=');
			expect(systemd.asked()).toEqual(words);
		}

		// Someone wants to see what is so now.
		for (const _ of [1, 2]) {
			expect(await ask('1')).toBe('=');
			expect(systemd.asked()).toEqual(['list-units', 'show']);
		}

		// Another process, at once.
		systemd.set('a.service', 'active', 20);
		expect(await ask()).toContain('MainPID=20');
		expect(await ask()).toBe('=');
		// Another state of the same process, with the next list of states.
		expect(await ask()).toBe('=');
		systemd.set('a.service', 'deactivating', 20);
		expect(await ask()).toContain('deactivating');
		systemd.asked();
		// On its way: in full each time.
		for (const _ of [1, 2, 3]) {
			expect(await ask()).toBe('=');
			expect(systemd.asked()).toContain('show');
		}

		// Its process is gone, at once.
		systemd.set('a.service', 'inactive', undefined);
		expect(await ask()).toContain('inactive');
		// A unit that begins.
		expect(await ask()).toBe('=');
		systemd.set('b.service', 'active', 30);
		expect([await ask(), await ask()].join('')).toContain('Id=b.service\nMainPID=30\nActiveState=active');
		expect(await end()).toBe(0);
	});

	it('sees at once a restart whose process has the pid of the one before', async () => {
		const {systemd, ask, end} = await settled({pid: 10, start: 100});
		systemd.set('a.service', 'active', {pid: 10, start: 101});
		expect(await ask()).toContain('InvocationID=101');
		await end();
	});

	it('sees at once a unit that was started, by its link', async () => {
		const {systemd, ask, end} = await settled();
		systemd.link('b.service');
		systemd.set('b.service', 'active', 30);
		expect(await ask()).toContain('Id=b.service\nMainPID=30\nActiveState=active');
		await end();
	});

	it('asks in full where a unit got a link, and no more where that changes nothing', async () => {
		const {systemd, ask, end} = await settled();
		expect(await ask()).toBe('=');
		expect(await ask()).toBe('=');
		systemd.asked();
		systemd.link('b.service');
		expect(await ask()).toBe('=');
		expect(systemd.asked()).toEqual(['list-units', 'show']);
		expect([await ask(), await ask(), await ask(), await ask()].join('')).toBe('====');
		expect(systemd.asked()).not.toContain('show');
		await end();
	});

	it('reads the start of a process whatever its name is', async () => {
		const {systemd, ask, end} = await settled({pid: 10, start: 100});
		for (const name of ['a b', ') S 1 2', '(((', 'x) (y) ', '$(reboot)', '*', '']) {
			systemd.writeStat({pid: 10, start: 100}, name);
			expect(await ask()).toBe('=');
			expect(systemd.asked()).not.toContain('show');
		}

		await end();
	});

	it('asks in full only for a while where a process stays the same through a change of its state', async () => {
		const {systemd, ask, end} = await settled();
		systemd.set('a.service', 'activating', {pid: 20, start: 200});
		expect(await ask()).toContain('MainPID=20\nActiveState=activating');
		systemd.set('a.service', 'active', {pid: 20, start: 200});
		expect(await ask()).toContain('MainPID=20\nActiveState=active\n');
		expect(await ask()).toBe('=');
		systemd.asked();
		for (const _ of [1, 2, 3, 4]) {
			expect(await ask()).toBe('=');
		}

		expect(systemd.asked()).not.toContain('show');
		await end();
	});

	it('asks in full again where the answers to its two questions are of different moments', async () => {
		const {systemd, ask, end} = await settled();
		const list = (a: string) => systemd.list(`a.service loaded ${a}\nb.service loaded inactive\n`);
		// It begins to start between the two, and its start comes to nothing.
		systemd.set('a.service', 'active', 20);
		systemd.set('b.service', 'activating', undefined);
		list('active');
		expect([await ask(), await ask()].join('')).toContain('Id=b.service\nMainPID=0\nActiveState=activating');
		systemd.set('b.service', 'inactive', undefined);
		expect(await ask()).toContain('Id=b.service\nMainPID=0\nActiveState=inactive');
		expect([await ask(), await ask()].join('')).toBe('==');
		// It no longer reloads when it is asked in full.
		list('reloading');
		expect([await ask(), await ask()].join('')).toBe('==');
		expect(systemd.asked()).toContain('show');
		list('active');
		expect(await ask()).toBe('=');
		systemd.asked();
		expect([await ask(), await ask(), await ask()].join('')).toBe('===');
		expect(systemd.asked()).not.toContain('show');
		await end();
	});

	it.each([
		['the process of a unit cannot be read', {pid: 10, start: 100}],
		['a unit runs without a main process', undefined],
	] as const)('asks in full each time where %s', async (_, main) => {
		const systemd = new Systemd();
		systemd.set('a.service', 'active', main);
		systemd.set('b.service', 'active', 30);
		rmSync(path.join(systemd.proc, '10'), {recursive: true, force: true});
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
		const {systemd, ask, end} = await settled();
		for (let question = 0; question < 140; question++) {
			await ask();
		}

		expect(systemd.asked().filter(word => word === 'show')).toHaveLength(2);
		await end();
	});
});
