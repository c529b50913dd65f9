/** The last words of a node, read by the real command in a shell of this machine, with a journalctl of the test. */
import {spawnSync} from 'node:child_process';
import {appendFileSync, chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, it} from 'vitest';
import {SshError} from '../../source/connections/ssh/prompts.ts';
import type {Ssh} from '../../source/connections/ssh/ssh.ts';
import type {Event} from '../../source/domain/events.ts';
import type {NodeLogs} from '../../source/domain/logs/logs.ts';
import {saidSource} from '../../source/sources/said.ts';
import {temporaryFolder} from '../support/folder.ts';
import {shellChannel} from '../support/log-channel.ts';
import {follows, walRemoved} from '../support/words.ts';

const folder = temporaryFolder('said');
let count = 0;

const entry = (message: string, at = Date.now()) =>
	`${JSON.stringify({MESSAGE: message, _SYSTEMD_UNIT: 'patroni.service', __REALTIME_TIMESTAMP: String(at * 1000)})}\n`;

/** A node whose journalctl follows a file of entries; `--grep` only if it has that. */
class Node {
	readonly journal: string;
	readonly events: Event[] = [];
	/** How often the connection of the node's other sources was dropped. */
	drops = 0;
	/** Commands that ended. */
	runs = 0;
	/** sshd allows no session for a stream. */
	isFull = false;
	done: Promise<void> = Promise.resolve();
	readonly #commands: string[] = [];
	readonly #bin: string;
	readonly #ended = new AbortController();
	#wake: () => void = () => undefined;

	constructor({greps, errors = ''}: {greps: boolean; errors?: string}) {
		const place = path.join(folder, String(++count));
		this.journal = path.join(place, 'journal');
		this.#bin = path.join(place, 'bin');
		mkdirSync(this.#bin, {recursive: true});
		writeFileSync(this.journal, '');
		const script = path.join(this.#bin, 'journalctl');
		writeFileSync(
			script,
			[
				'#!/bin/sh',
				'P=',
				'for a in "$@"; do case $a in --grep=*) P=$(echo "$a" | cut -c 8-);; esac; done',
				...(greps
					? []
					: ['[ -z "$P" ] || { echo "Compiled without pattern matching support" >&2; exit 1; }']),
				'case "$*" in *--lines=0*) exit 0;; esac',
				...(errors === '' ? [] : [`echo "${errors}" >&2; exit 1`]),
				`if [ -n "$P" ]; then exec tail -n +1 -f ${this.journal} | grep --line-buffered -E "$P"; fi`,
				`exec tail -n +1 -f ${this.journal}`,
			].join('\n'),
		);
		chmodSync(script, 0o755);
	}

	follow(files: NodeLogs['files'] = []): void {
		const withPath = (command: string) => `PATH=${this.#bin}:$PATH; export PATH; ${command}`;
		const ssh: Pick<Ssh, 'run' | 'spareStream' | 'drop'> = {
			run: async (_host, command) => {
				this.runs++;
				const {stdout, status} = spawnSync('/bin/sh', ['-c', withPath(command)], {encoding: 'utf8'});
				if (status !== 0) throw new SshError(`"${command}" failed`);
				return stdout;
			},
			spareStream: async (_host, command) => {
				if (this.isFull) return undefined;
				this.#commands.push(command);
				return shellChannel(withPath(command));
			},
			drop: async () => {
				this.drops++;
			},
		};
		const plan = {node: 'pgdb2', host: 'pgdb2', units: [{name: 'patroni', unit: 'patroni'}], files};
		this.done = saidSource(
			ssh,
			plan,
		)({
			emit: event => {
				this.events.push(event);
				this.#wake();
			},
			signal: this.#ended.signal,
			pause: async (_milliseconds, signal) =>
				new Promise(resolve => {
					signal.addEventListener('abort', () => resolve(), {once: true});
					if (signal.aborted) resolve();
				}),
			untilPoll: async () => undefined,
			pauseByCalm: async () => undefined,
		});
	}

	/** Resolves with the texts of all words, once there are as many. */
	async texts(number: number): Promise<string[]> {
		for (;;) {
			const texts = this.events.flatMap(event =>
				event.type === 'log.said' ? event.words.map(({text}) => text) : [],
			);
			if (texts.length >= number) return texts;
			await this.#next();
		}
	}

	async lost(): Promise<Event> {
		for (;;) {
			const event = this.events.find(({type}) => type === 'source.lost');
			if (event !== undefined) return event;
			await this.#next();
		}
	}

	get sessions(): number {
		return this.#commands.length;
	}

	end(): void {
		this.#ended.abort(new Error('ended'));
	}

	async #next(): Promise<void> {
		await new Promise<void>(resolve => {
			this.#wake = resolve;
		});
	}
}

let node: Node | undefined;

afterEach(() => {
	node?.end();
});

describe("a node's last words", () => {
	it.each([true, false])(
		'are read from its journal, which the node filters (journalctl --grep: %s)',
		async greps => {
			node = new Node({greps});
			writeFileSync(
				node.journal,
				[
					entry('2026-11-27 11:41:30,978 INFO: Local timeline=44 lsn=0/D0528C0'),
					entry('2026-11-27 11:41:30.978 UTC [93] LOG:  checkpoint starting: force'),
					entry(`2026-11-27 11:41:30,978 INFO: ${follows}`),
				].join(''),
			);
			node.follow();
			expect(await node.texts(1)).toEqual([follows]);
			appendFileSync(node.journal, entry(`2026-11-27 11:41:31.978 UTC [97] FATAL:  ${walRemoved}`));
			expect(await node.texts(2)).toEqual([follows, walRemoved]);
			expect(node.sessions).toBe(1);
			const said = node.events.filter(event => event.type === 'log.said');
			expect(said.length).toBe(2);
			for (const {words, source} of said) {
				expect(source).toBe('said:pgdb2');
				expect(Math.abs((words[0]?.at ?? 0) - Date.now())).toBeLessThan(10_000);
				expect(words[0]?.uncertainMs).toBeLessThan(5000);
			}
		},
	);

	it("are read from PostgreSQL's file, too, which the node filters", async () => {
		node = new Node({greps: true});
		const file = path.join(folder, 'postgresql.log');
		writeFileSync(file, '2026-11-27 11:41:30.978 UTC [93] LOG:  checkpoint starting: force\n');
		node.follow([{name: 'postgresql', path: file}]);
		appendFileSync(file, `2026-11-27 11:41:31.978 UTC [97] FATAL:  ${walRemoved}\n`);
		expect(await node.texts(1)).toEqual([walRemoved]);
	});

	it('are not known where the login may not read the journal', async () => {
		node = new Node({
			greps: true,
			errors: 'No journal files were opened due to insufficient permissions.',
		});
		node.follow();
		expect(await node.lost()).toMatchObject({
			source: 'said:pgdb2',
			reason: expect.stringMatching(/may not read the journal$/) as string,
			remedy: expect.stringContaining('systemd-journal') as string,
		});
		expect(node.drops).toBe(0);
	});

	it('wait for a session, and ask nothing more of the node meanwhile', async () => {
		node = new Node({greps: true});
		node.isFull = true;
		node.follow();
		expect(await node.lost()).toMatchObject({reason: 'no session is left for its log'});
		const {runs} = node;
		expect(runs).toBeLessThanOrEqual(4);
		for (let round = 0; round < 20; round++) await new Promise(setImmediate);
		expect(node.runs).toBe(runs);
		expect(node.events.map(({type}) => type)).not.toContain('source.alive');
	});

	it("end without a loss, and leave the connection to the node's other sources", async () => {
		node = new Node({greps: true});
		writeFileSync(node.journal, entry(`2026-11-27 11:41:30,978 INFO: ${follows}`));
		node.follow();
		await node.texts(1);
		node.end();
		await node.done;
		expect(node.drops).toBe(0);
		expect(node.events.map(({type}) => type)).not.toContain('source.lost');
	});
});
