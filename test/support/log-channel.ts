/** An SSH channel without SSH: a command's lines from a model of a node, or from a real shell on this machine. */
import {spawn} from 'node:child_process';
import {Duplex, PassThrough} from 'node:stream';
import type {ClientChannel} from 'ssh2';

class Channel extends Duplex {
	readonly stderr = new PassThrough();
	readonly #onEnd: () => void;

	constructor(onEnd: () => void) {
		super({autoDestroy: false, emitClose: false});
		this.#onEnd = onEnd;
	}

	override _read(): void {
		// Data is pushed as it arrives.
	}

	override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
		done();
	}

	override _final(done: () => void): void {
		this.#onEnd();
		done();
	}

	close(): void {
		this.#onEnd();
	}

	/** The output has ended. */
	finish(code: number): void {
		this.once('end', () => this.emit('close', code));
		this.stderr.once('end', () => this.push(null));
		this.stderr.end();
	}
}

/** @param errors its standard error at its end; a followed command has none */
export function channelOf(lines: readonly string[], errors: string | undefined): ClientChannel {
	let isFinished = false;
	const finish = () => {
		if (!isFinished) {
			isFinished = true;
			channel.finish(0);
		}
	};
	const channel = new Channel(finish);
	for (const line of lines) {
		channel.push(`${line}\n`);
	}

	if (errors !== undefined) {
		channel.stderr.write(errors);
		finish();
	}

	return channel as unknown as ClientChannel;
}

/** As with sshd: by a shell in its own process group, which ends with its input. */
export function shellChannel(command: string): ClientChannel {
	const child = spawn('/bin/sh', ['-c', command], {detached: true});
	const channel = new Channel(() => {
		child.stdin.end();
	});
	child.stdout.on('data', (chunk: Buffer) => channel.push(chunk));
	child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
	child.on('close', code => {
		channel.finish(code ?? 1);
	});
	return channel as unknown as ClientChannel;
}
