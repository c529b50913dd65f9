/** Edits the dynamic configuration as YAML in the operator's editor; the result is a merge patch. */
import {spawn} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {structuredPatch} from 'diff';
import {generate} from 'json-merge-patch';
import {parseDocument, stringify} from 'yaml';
import * as z from 'zod';
import {reasonOf} from '../connections/error-reason.ts';
import type {RestSender} from '../connections/rest-sender.ts';
import type {Report} from '../domain/events.ts';
import {errnoWords} from '../lib/faults.ts';
import {readFileText, UnreadableFile} from '../lib/files.ts';
import type {Json} from '../lib/json.ts';
import {sanitize} from '../lib/sanitize.ts';
import {withoutSecrets} from '../lib/secrets.ts';

export type EditOptions = {
	url: string;
	/** Revision of the key in etcd when the editor was requested. */
	revision: number | undefined;
	store: number;
	scope: string;
	rest: RestSender;
	signal: AbortSignal;
	/** Lends the terminal for the duration of the task. */
	lend: (task: () => Promise<void>) => Promise<void>;
	environment: Readonly<Record<string, string | undefined>>;
};

const json: z.ZodType<Json> = z.json();
const mapping = z.record(z.string(), json);

/** Resolves with the requested change, or with the reason why there is none. */
export async function editConfig(options: EditOptions): Promise<Report> {
	let before: Record<string, Json>;
	try {
		const {status, body} = await options.rest.send(
			{method: 'GET', url: options.url, body: undefined},
			options.signal,
		);
		if (status !== 200) {
			return notice(`cannot read the configuration: ${status} ${sanitize(body).slice(0, 100)}`);
		}

		before = mapping.parse(JSON.parse(body));
	} catch (error) {
		return notice(`cannot read the configuration: ${reasonOf(error)}`);
	}

	const edited = await inFolder(before, options);
	if ('kept' in edited) {
		return notice(edited.kept);
	}

	if ('report' in edited) {
		return edited.report;
	}

	const patch: unknown = generate(before, edited.content);
	return patch === undefined
		? notice('nothing was changed')
		: {
				type: 'config.edited',
				revision: options.revision,
				store: options.store,
				patch: mapping.parse(patch),
				difference: difference(
					stringify(withoutSecrets(before)),
					stringify(withoutSecrets(edited.content, before)),
				),
			};
}

/** Edits in a temporary folder, which is kept only if it holds an edit that could not be applied. */
async function inFolder(before: Record<string, Json>, options: EditOptions): Promise<Edited> {
	const folder = await mkdtemp(path.join(tmpdir(), 'pgha-top-'));
	let kept = false;
	try {
		const file = path.join(folder, `${options.scope.replaceAll(/[^\w.-]/g, '_')}.yaml`);
		const edited = await edit(file, stringify(before), options);
		kept = 'kept' in edited;
		return edited;
	} finally {
		if (!kept) {
			await rm(folder, {recursive: true, force: true});
		}
	}
}

function notice(text: string): Report {
	return {type: 'notice', text, tone: 'warn'};
}

const preamble = (scope: string) =>
	`# The dynamic configuration of ${scope}. What you change here is shown to you again before it is sent.\n# Leave it as it is, or empty the file, to change nothing.\n`;

type Edited = {content: Record<string, Json>} | {report: Report} | {kept: string};

/** Limits the tries, since an editor may be a script. */
const triesMax = 10;
/** Bytes; etcd accepts at most 1.5 MiB for a key. */
const editedMaxBytes = 2 * 1024 * 1024;

/** Like `kubectl edit`: reopens an invalid text with the error on top, until it is valid or unchanged. */
async function edit(file: string, original: string, options: EditOptions): Promise<Edited> {
	const head = preamble(options.scope);
	let text = head + original;
	for (let tries = 1; ; tries++) {
		await writeFile(file, text, {mode: 0o600});
		const ended = await runEditor(file, options);
		if (ended !== undefined) {
			return {kept: `${ended}; nothing was sent, your text is in ${file}`};
		}

		let written: string;
		try {
			written = readFileText(file, editedMaxBytes);
		} catch (error) {
			if (!(error instanceof UnreadableFile)) {
				throw error;
			}

			return {kept: `${file} cannot be read: ${errnoWords(error)}; nothing was sent`};
		}

		const plain = withoutComments(written);
		if (plain.trim() === '' || plain === withoutComments(head + original)) {
			return {report: notice('nothing was changed')};
		}

		const read = understand(plain);
		if ('content' in read) {
			return read;
		}

		if (written === text || tries === triesMax) {
			const why = written === text ? '' : ` (after ${tries} edits)`;
			return {kept: `${read.problem}${why}; nothing was sent, your text is in ${file}`};
		}

		text = `${head}# ${read.problem.replaceAll('\n', '\n# ')}\n${plain}`;
	}
}

function withoutComments(text: string): string {
	return text.replace(/^(?:#.*(?:\n|$))*/, '');
}

function understand(text: string): {content: Record<string, Json>} | {problem: string} {
	const document = parseDocument(text, {prettyErrors: true});
	const [error] = document.errors;
	if (error !== undefined) {
		return {problem: `invalid YAML: ${error.message.split('\n')[0]}`};
	}

	let value: unknown;
	try {
		value = document.toJS();
	} catch (error) {
		// An alias without its anchor is detected only here.
		return {problem: `invalid YAML: ${error instanceof Error ? error.message : String(error)}`};
	}

	const content = mapping.safeParse(value);
	return content.success
		? {content: content.data}
		: {problem: 'invalid configuration: must be a mapping of settings'};
}

/** @returns the reason if the editor failed */
async function runEditor(file: string, {environment, lend}: EditOptions): Promise<string | undefined> {
	const editor = environment.VISUAL || environment.EDITOR || 'vi';
	let ended: string | undefined;
	try {
		await lend(
			async () =>
				new Promise<void>((resolve, reject) => {
					// Through the shell, as git does: $EDITOR may have arguments. Ctrl-C is for the editor and must not
					// end the shell; unlike an ignored signal, a trap is not inherited.
					spawn('/bin/sh', ['-c', `trap : INT QUIT; ${editor} "$@"`, editor, file], {stdio: 'inherit'})
						.once('error', reject)
						.once('exit', (code, signal) => {
							ended = code === 0 ? undefined : `${editor} exited with ${code ?? signal}`;
							resolve();
						});
				}),
		);
	} catch (error) {
		return `the editor could not be started: ${reasonOf(error)}`;
	}

	return ended;
}

/** In the format of `diff -u`, with two lines of context. */
function difference(before: string, after: string): string[] {
	const {hunks} = structuredPatch('before', 'after', before, after, undefined, undefined, {context: 2});
	return hunks.flatMap(({lines}, index) => [
		...(index === 0 ? [] : ['…']),
		...lines.map(line => sanitize(line)),
	]);
}
