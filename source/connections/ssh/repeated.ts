/**
 * A command that is repeated on a node, in one shell that stays open: the node starts no session for each, and says only
 * that its output is as before.
 */
import type {ClientChannel} from 'ssh2';
import {crypto} from '../../lib/builtin.ts';
import {ownTime} from '../../lib/own-time.ts';
import {releaseChannel, whyLost} from './channel.ts';
import {SshError} from './prompts.ts';

/** Characters of an answer. */
const answerMaxLength = 1024 * 1024;

/** The command failed, or the node runs no shell, or has no session for one: a run of its own shows why. */
export const notRepeatable = Symbol('not repeatable');

/** The shell ended: perhaps with a connection that was dropped, and there may be another one. */
const isClosed = Symbol('closed');

type Answer = string | typeof notRepeatable | typeof isClosed;

type Pending = {
	token: string;
	/** What has arrived of the answer, and perhaps before it. */
	text: string;
	resolve: (answer: Answer) => void;
	reject: (error: SshError) => void;
	cancel: () => void;
};

/** `run`: the output, as of `Ssh.run`; one at a time. An output as before is the same string. */
export type Repeated = {run: () => Promise<string>; close: () => void};

export class RepeatedCommand {
	readonly #open: () => Promise<ClientChannel | undefined>;
	readonly #deadline: number;
	readonly #word: () => string;
	#channel: ClientChannel | undefined;
	#pending: Pending | undefined;
	/** The output that the node compares with the next one. */
	#last = '';
	#isRefused = false;

	/**
	 * @param open starts `shellCommand` on the node; undefined if the node has no session for it now
	 * @param deadline of an answer, ms
	 * @param word of the next question
	 */
	constructor(
		open: () => Promise<ClientChannel | undefined>,
		deadline: number,
		word: () => string = () => '',
	) {
		this.#open = open;
		this.#deadline = deadline;
		this.#word = word;
	}

	/** Runs the command once; one run at a time. Rejects if the node is lost, or exceeds the deadline. */
	async run(): Promise<string | typeof notRepeatable> {
		if (this.#isRefused) {
			return notRepeatable;
		}

		const before = this.#channel;
		// Its input was ended where its session is needed for other commands.
		if (before?.writable) {
			const answer = await this.#ask(before);
			if (answer !== isClosed) {
				return answer;
			}
		}

		const channel = await this.#begin();
		if (!channel?.writable) {
			return notRepeatable;
		}

		const answer = await this.#ask(channel);
		if (answer === isClosed) {
			throw new SshError(whyLost(channel));
		}

		return answer;
	}

	async #ask(channel: ClientChannel): Promise<Answer> {
		const token = crypto().randomBytes(12).toString('hex');
		return new Promise((resolve, reject) => {
			const cancel = ownTime.after(this.#deadline, () => {
				this.#end(new SshError('no answer in time'));
			});
			this.#pending = {token, text: '', resolve, reject, cancel};
			channel.write(`${`${token} ${this.#word()}`.trimEnd()}\n`);
		});
	}

	/** Ends the shell. */
	close(): void {
		this.#end(new SshError('connection lost'));
	}

	async #begin(): Promise<ClientChannel | undefined> {
		const channel = await this.#open();
		if (channel === undefined) {
			return undefined;
		}

		this.#channel = channel;
		this.#last = '';
		let hasAnswered = false;
		channel.setEncoding('utf8').on('data', (text: string) => {
			hasAnswered = this.#take(text) || hasAnswered;
		});
		channel.stderr.resume();
		channel.on('close', (code?: number | null) => {
			if (this.#channel !== channel) {
				return;
			}

			this.#channel = undefined;
			// The connection is there, and the login may not run this.
			if (code !== undefined && !hasAnswered) {
				this.#isRefused = true;
				this.#settle()?.resolve(notRepeatable);
			} else {
				this.#settle()?.resolve(isClosed);
			}
		});
		return channel;
	}

	/** @returns whether the text ends the pending answer */
	#take(text: string): boolean {
		const pending = this.#pending;
		if (pending === undefined) {
			return false;
		}

		pending.text += text;
		if (pending.text.length > answerMaxLength) {
			this.#end(new SshError('the output of a command exceeds 1 MiB'));
			return false;
		}

		const answer = answerIn(pending);
		if (answer === undefined) {
			return false;
		}

		this.#settle();
		this.#last = answer.output ?? this.#last;
		pending.resolve(answer.isFailed ? notRepeatable : this.#last);
		return true;
	}

	#end(error: SshError): void {
		const channel = this.#channel;
		this.#channel = undefined;
		if (channel !== undefined) {
			releaseChannel(channel);
		}

		this.#settle()?.reject(error);
	}

	#settle(): Pending | undefined {
		const pending = this.#pending;
		this.#pending = undefined;
		pending?.cancel();
		return pending;
	}
}

/** `TOKEN = STATUS`, or `TOKEN + STATUS`, the output, and `TOKEN .`; what a login prints before it is left out. */
function answerIn({token, text}: Pending): {isFailed: boolean; output: string | undefined} | undefined {
	const begin = text.indexOf(`${token} `);
	const [, sign, status = ''] = /^\w+ ([=+]) (\d+)\n/.exec(text.slice(begin, begin + 64)) ?? [];
	if (begin < 0 || sign === undefined) {
		return undefined;
	}

	const isFailed = status !== '0';
	if (sign === '=') {
		return {isFailed, output: undefined};
	}

	const end = `\n${token} .\n`;
	return text.endsWith(end)
		? {isFailed, output: text.slice(text.indexOf('\n', begin) + 1, -end.length + 1)}
		: undefined;
}

/** A script for sh, and how a node finds out that its output cannot have changed; both without single quotes. */
export type RepeatedScript = {
	script: string;
	/**
	 * Sets `c` to what the output depends on, or to nothing where that is not known, at little cost. It may use `d`, the value
	 * of the last run, `o`, its output, `k`, the number of questions since, and `w`, the word of this question.
	 */
	check?: string;
	/** A word, with which the script is run whatever its check says; perhaps none. Without blanks and backslashes. */
	word?: () => string;
};

/** Questions after which the script is run whatever its check says. */
const unaskedMax = 60;

/** For each line of its input, prints the output of the script, or that it is as before; ends with its input. */
export function shellCommand({script, check = ''}: RepeatedScript): string {
	const steps = [
		'k=$((k+1)); c=',
		...(check === '' ? [] : [check]),
		`if [ "$s" = 0 ] && [ -n "$c" ] && [ -z "$w" ] && [ "$c" = "$d" ] && [ $k -lt ${unaskedMax} ]; then echo "$t = 0"; continue; fi`,
		`k=0; d=$c; o=$(${script}); s=$?`,
		'if [ "$p" = "$s $o" ]; then echo "$t = $s"; else p="$s $o"; printf "%s + %s\n%s\n%s .\n" "$t" "$s" "$o" "$t"; fi',
	];
	return `sh -c 'set -f; p=; d=; s=; k=0; while read -r t w; do ${steps.join('; ')}; done'`;
}
