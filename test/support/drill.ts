/** A drill on the lab, unattended, with the operator's own hand lent by the test: pulls the plug, and switches on again. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {execCommand, power} from '../../lab/lab.ts';
import {powerOnAgain} from './lab.ts';

export type Drilled = {exitCode: number; lines: readonly string[]; recording: string};

export async function drill(args: readonly string[], environment: Record<string, string>): Promise<Drilled> {
	const {file, args: argv, env} = execCommand(['pgha-top', 'drill', ...args, '--yes']);
	const child = spawn(file, argv, {env: {...env, ...environment}, stdio: ['ignore', 'pipe', 'inherit']});
	const ended = once(child, 'exit');
	const lines: string[] = [];
	const hands: Promise<unknown>[] = [];
	for await (const line of createInterface({input: child.stdout})) {
		lines.push(line);
		const [, pulled] = /is asked: pull the plug of (\w+) now$/.exec(line) ?? [];
		const [, off] = /is asked: switch (\w+) on again$/.exec(line) ?? [];
		if (pulled !== undefined) {
			hands.push(power('cut', pulled));
		} else if (off !== undefined) {
			hands.push(powerOnAgain(off));
		}
	}

	const [exitCode] = await ended;
	await Promise.all(hands);
	const recording = lines.findLast(line => line.startsWith('recorded to '))?.slice('recorded to '.length);
	return {exitCode: Number(exitCode), lines, recording: recording ?? ''};
}
