/** How a node finds out that its addresses are as before: the check, run by real shells, beside an ip of the test. */
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {addressesCheck, snapshotScript} from '../../source/sources/addresses.ts';
import {askedShell, shells} from '../support/asked-shell.ts';
import {temporaryFolder} from '../support/folder.ts';

/** 1 where no interface has IPv6. */
const isOff = 'sys/net/ipv6/conf/all/disable_ipv6';

/** A node's kernel as /proc shows it, and what was asked of its `ip`. */
class Kernel {
	readonly folder = temporaryFolder('kernel');
	readonly proc = path.join(this.folder, 'proc');
	readonly #answer = path.join(this.folder, 'answer');

	constructor() {
		writeFileSync(path.join(this.folder, 'ip'), `#!/bin/sh\ncat ${this.#answer}\n`, {mode: 0o755});
		mkdirSync(path.join(this.proc, 'net'), {recursive: true});
		mkdirSync(path.join(this.proc, 'sys/net/ipv6/conf/all'), {recursive: true});
		this.write(isOff, '0\n');
		this.write('net/fib_trie', 'Local:\n     |-- 10.73.0.1\n        /32 host LOCAL\n');
		this.write('net/if_inet6', '00000000000000000000000000000001 01 80 10 80       lo\n');
		this.answer = 'before';
	}

	set answer(text: string) {
		writeFileSync(this.#answer, text);
	}

	write(file: string, text: string): void {
		writeFileSync(path.join(this.proc, file), text);
	}

	remove(...files: readonly string[]): void {
		for (const file of files) {
			rmSync(path.join(this.proc, file), {recursive: true});
		}
	}

	/** A socket in the place of the file: it exists, and cannot be opened, not even by root. */
	async bar(file: string): Promise<() => void> {
		this.remove(file);
		const server = createServer();
		const {promise, resolve} = Promise.withResolvers<void>();
		server.listen(path.join(this.proc, file), resolve);
		await promise;
		return () => server.close();
	}
}

describe.each(shells)('with $name as its sh, a node', ({file: shell}) => {
	/** @returns whether an answer that changed is seen, while what the check reads stays as it is */
	async function seesAnswer(kernel: Kernel): Promise<boolean> {
		const {ask, end} = askedShell(shell, kernel.folder, {
			script: snapshotScript,
			check: addressesCheck(kernel.proc),
		});
		expect([await ask(), await ask()]).toEqual(['before', '=']);
		kernel.answer = 'after';
		const answer = await ask();
		await end();
		return answer === 'after';
	}

	it.each(['net/fib_trie', 'net/if_inet6'])('runs ip only where %s is another one', async table => {
		const kernel = new Kernel();
		expect(await seesAnswer(kernel)).toBe(false);
		const {ask, end} = askedShell(shell, kernel.folder, {
			script: snapshotScript,
			check: addressesCheck(kernel.proc),
		});
		expect(await ask()).toBe('after');
		kernel.answer = 'moved';
		expect(await ask()).toBe('=');
		kernel.write(table, 'moved\n');
		expect(await ask()).toBe('moved');
		await end();
	});

	it('runs ip each time where a table cannot be read', async () => {
		for (const table of ['net/fib_trie', 'net/if_inet6']) {
			const missing = new Kernel();
			missing.remove(table);
			expect(await seesAnswer(missing)).toBe(true);
			const barred = new Kernel();
			const close = await barred.bar(table);
			// An interface may have IPv6 nevertheless.
			barred.write(isOff, '1\n');
			expect(await seesAnswer(barred)).toBe(true);
			close();
			const empty = new Kernel();
			empty.write(table, '');
			expect(await seesAnswer(empty)).toBe(true);
		}
	});

	it('runs ip each time where the tables are long', async () => {
		for (const table of ['net/fib_trie', 'net/if_inet6']) {
			const kernel = new Kernel();
			kernel.write(isOff, '1\n');
			kernel.write('net/if_inet6', '');
			kernel.write(table, '     |-- 10.73.0.1\n'.repeat(500));
			expect(await seesAnswer(kernel)).toBe(true);
		}
	});

	it('needs no table of IPv6 addresses where the kernel has no IPv6, and no address where it is off', async () => {
		const without = new Kernel();
		without.remove('net/if_inet6', 'sys/net/ipv6');
		expect(await seesAnswer(without)).toBe(false);
		const off = new Kernel();
		off.write('net/if_inet6', '');
		off.write(isOff, '1\n');
		expect(await seesAnswer(off)).toBe(false);
	});
});
