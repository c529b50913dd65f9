/** A client of MediaWiki over HTTP: edits a page, uploads and downloads files, reads edits. */
import {createHash} from 'node:crypto';
import {z} from 'zod';
import {LabError, messageOf} from '../failure.ts';

const errorSchema = z.object({error: z.object({code: z.string(), info: z.string()})});
const editSchema = z.object({edit: z.object({result: z.literal('Success')})});
const uploadSchema = z.object({
	upload: z.object({
		result: z.literal('Success'),
		filename: z.string(),
		imageinfo: z.object({sha1: z.string(), size: z.number()}),
	}),
});
const filesSchema = z.object({
	query: z.object({
		pages: z
			.array(
				z.object({
					title: z.string(),
					imageinfo: z
						.array(z.object({url: z.string(), sha1: z.string(), size: z.number()}))
						.min(1)
						.optional(),
				}),
			)
			.min(1),
	}),
});
const revisionsSchema = z.object({
	continue: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
	query: z.object({
		pages: z.array(z.object({revisions: z.array(z.object({comment: z.string()})).optional()})),
	}),
});

/** The wiki did not acknowledge the write; it may still have been done. */
export class NotAcknowledged extends LabError {}

/** A permanent refusal, unrelated to the cluster. */
export class Refused extends NotAcknowledged {}

export type StoredFile = {title: string; size: number; sha1: string};

/** Milliseconds. A user gives up on a page after some seconds; files may take longer. */
const deadlinesMs = {edit: 5000, file: 60_000};

export class Wiki {
	readonly #base: string;
	readonly #deadlinesMs: typeof deadlinesMs;

	constructor(address: string, deadlines = deadlinesMs) {
		this.#base = `http://${address}/mediawiki`;
		this.#deadlinesMs = deadlines;
	}

	/** Resolves when the wiki has acknowledged the page. */
	async edit(page: string, text: string, summary: string): Promise<void> {
		// `+\` is the token of an anonymous client.
		const form = formOf({action: 'edit', title: page, text, summary, token: '+\\'});
		await this.#ask(form, this.#deadlinesMs.edit, editSchema);
	}

	/** The summaries of all edits of a page. */
	async summariesOf(page: string): Promise<string[]> {
		const summaries: string[] = [];
		let next: Record<string, string | number> | undefined = {};
		while (next) {
			const query = {action: 'query', prop: 'revisions', titles: page, rvprop: 'comment', rvlimit: 'max'};
			const answer: z.infer<typeof revisionsSchema> = await this.#ask(
				formOf({...query, ...next}),
				this.#deadlinesMs.file,
				revisionsSchema,
			);
			for (const {revisions = []} of answer.query.pages) {
				summaries.push(...revisions.map(revision => revision.comment));
			}

			next = answer.continue;
		}

		return summaries;
	}

	async upload(name: string, content: Uint8Array<ArrayBuffer>): Promise<StoredFile> {
		const form = formOf({action: 'upload', filename: name, ignorewarnings: '1', token: '+\\'});
		form.set('file', new Blob([content]), name);
		try {
			const {upload} = await this.#ask(form, this.#deadlinesMs.file, uploadSchema);
			const stored = {title: `File:${upload.filename}`, ...upload.imageinfo};
			if (stored.sha1 !== sha1(content)) {
				throw new LabError(`the wiki stored other bytes of ${name} than it was given (SHA-1 ${stored.sha1})`);
			}

			return stored;
		} catch (error) {
			// The wiki already has the same bytes under this name.
			if (messageOf(error).startsWith('fileexists-no-change')) return this.stat(name);
			throw error;
		}
	}

	async stat(name: string): Promise<StoredFile & {url: string}> {
		const form = formOf({
			action: 'query',
			titles: `File:${name}`,
			prop: 'imageinfo',
			iiprop: 'url|sha1|size',
		});
		const {query} = await this.#ask(form, this.#deadlinesMs.file, filesSchema);
		const [page] = query.pages;
		const [file] = page?.imageinfo ?? [];
		if (!page || !file) throw new LabError(`the wiki has no file "${name}"`);
		return {title: page.title, ...file};
	}

	/** @returns the file's bytes, checked against the SHA-1 that the wiki stored */
	async fetch(name: string): Promise<Buffer> {
		const {url, sha1: noted} = await this.stat(name);
		const {status, body} = await request(url, {}, this.#deadlinesMs.file);
		if (status !== 200) throw new NotAcknowledged(`HTTP ${status} for ${url}`);
		if (sha1(body) === noted) return body;
		throw new LabError(`the wiki returned other bytes of ${name} than it stored (SHA-1 ${noted})`);
	}

	/** @throws unless the wiki responds, which requires its database */
	async ping(): Promise<void> {
		const form = formOf({action: 'query', meta: 'siteinfo', siprop: 'statistics'});
		await this.#ask(form, this.#deadlinesMs.edit, z.object({query: z.object({statistics: z.object({})})}));
	}

	async #ask<Wanted>(form: FormData, deadline: number, schema: z.ZodType<Wanted>): Promise<Wanted> {
		const {status, body} = await request(`${this.#base}/api.php`, {method: 'POST', body: form}, deadline);
		const text = body.toString('utf8');
		const answer = parseJson(text);
		const failed = errorSchema.safeParse(answer);
		if (failed.success) {
			const {code, info} = failed.data.error;
			const mayPass = /^(internal_api_error|readonly)/.test(code);
			throw new (mayPass ? NotAcknowledged : Refused)(`${code}: ${reasonIn(info)}`);
		}

		const expected = schema.safeParse(answer);
		if (expected.success) return expected.data;
		throw new NotAcknowledged(`HTTP ${status}: ${reasonIn(text)}`);
	}
}

function formOf(fields: Record<string, string | number>): FormData {
	const form = new FormData();
	for (const [name, value] of Object.entries({format: 'json', formatversion: 2, ...fields})) {
		form.set(name, String(value));
	}

	return form;
}

type Answer = {status: number; body: Buffer};

/** Includes the body: a server that hangs may already have sent headers. */
async function request(url: string, options: RequestInit, deadline: number): Promise<Answer> {
	try {
		const response = await fetch(url, {...options, signal: AbortSignal.timeout(deadline)});
		return {status: response.status, body: Buffer.from(await response.arrayBuffer())};
	} catch (error) {
		const timedOut = error instanceof Error && error.name === 'TimeoutError';
		const reason = timedOut ? `no answer within ${deadline / 1000} s` : messageOf(causeOf(error));
		throw new NotAcknowledged(reason, {cause: error});
	}
}

/** fetch itself reports only `fetch failed`. */
const causeOf = (error: unknown) => (error instanceof Error && error.cause ? error.cause : error);

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // an HTML error page, which matches no schema
	}
}

const sha1 = (content: Uint8Array) => createHash('sha1').update(content).digest('hex');
/**
 * The reason on one line, from JSON's `info` or an HTML page: PostgreSQL's message if there is one, without MediaWiki's
 * request
 * id, so that equal reasons have equal text. A response that an error truncated begins with JSON.
 */
function reasonIn(text: string): string {
	// If MediaWiki fails again while it reports a failure, it writes both reports.
	const info = /"info":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
	const words = (info === undefined ? text.replace(/^\{[^<]*</, '<') : String(parseJson(info)))
		.replaceAll(/<style.*?<\/style>|<title.*?<\/title>|<[^>]*>/gs, ' ')
		.replaceAll(/\s+/g, ' ')
		.replace(/\[[0-9a-f]{16,}\]/, '')
		.replace(/ ?Backtrace.*/, '');
	const postgresql = /\bError(?: \w+)?: (.*?)(?= Function:|$)/.exec(words)?.[1];
	return (postgresql ?? words).trim().replace(/\.+$/, '').slice(0, 160);
}
