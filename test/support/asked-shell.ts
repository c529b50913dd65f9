/** The command of a repeated script, run by real shells of this machine. */
import {execFile} from 'node:child_process';
import {existsSync, rmSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import {type RepeatedScript, shellCommand} from '../../source/connections/ssh/repeated.ts';

/** The shells of this machine that a node may have as its sh. */
export const shells = ['dash', 'bash', 'busybox', 'ksh', 'mksh'].flatMap(name => {
	const file = (process.env.PATH ?? '')
		.split(':')
		.map(folder => path.join(folder, name))
		.find(one => existsSync(one));
	return file === undefined ? [] : [{name, file}];
});

/** A shell that is asked line by line; `folder` has its programs. */
export function askedShell(shell: string, folder: string, script: RepeatedScript) {
	rmSync(path.join(folder, 'sh'), {force: true});
	symlinkSync(shell, path.join(folder, 'sh'));
	const child = execFile('/bin/sh', ['-c', shellCommand(script)], {
		env: {PATH: `${folder}:${process.env.PATH}`},
	});
	let text = '';
	let count = 0;
	let wake = () => undefined as unknown;
	child.stdout?.on('data', (more: string) => {
		text += more;
		wake();
	});
	return {
		/** The answer to a question with this word: `=` or the output. */
		async ask(word = ''): Promise<string> {
			const token = `t${count++}`;
			text = '';
			child.stdin?.write(`${token} ${word}\n`);
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
