/** The record of `app load`: one line per write, and its summary. */
import prettyMilliseconds from 'pretty-ms';
import {z} from 'zod';
import {LabError} from '../failure.ts';

/** The first line. Each write edits this page; its number is the edit summary. */
const headSchema = z.object({page: z.string()});

const writeSchema = z.object({
	n: z.number().int(),
	/** When the write was sent. */
	time: z.iso.datetime(),
	/** Until the write was acknowledged or failed. */
	ms: z.number(),
	ok: z.boolean(),
	error: z.string().optional(),
});

export type Write = z.infer<typeof writeSchema>;
export type Record = {page: string; writes: Write[]};

export function parseRecord(text: string, file: string): Record {
	const lines = text.split('\n').filter(line => line.trim() !== '');
	const [head, ...writes] = lines.map((line, index) => {
		try {
			return (index === 0 ? headSchema : writeSchema).parse(JSON.parse(line));
		} catch {
			throw new LabError(`${file}, line ${index + 1}: not a record of \`app load\``);
		}
	});
	if (!head) throw new LabError(`${file}: empty, not a record of \`app load\``);
	return {page: headSchema.parse(head).page, writes: z.array(writeSchema).parse(writes)};
}

export type Gap = {ms: number; from: number; to: number};

/** The gaps between consecutive acknowledged writes, as the client saw them. */
export function gapsIn(writes: readonly Write[]): Gap[] {
	const acknowledged = writes.filter(write => write.ok).map(({time, ms}) => Date.parse(time) + ms);
	return acknowledged.slice(1).map((to, index) => {
		const from = acknowledged[index] ?? to;
		return {ms: to - from, from, to};
	});
}

const clock = (time: number) => new Date(time).toISOString().slice(11, 23);
const inWords = ({ms, from, to}: Gap) => `${prettyMilliseconds(ms)} (${clock(from)} to ${clock(to)} UTC)`;
/** ms; longer than a write takes on a busy machine. */
const noticeable = 2000;

export function summaryOf(writes: readonly Write[]): string[] {
	const acknowledged = writes.filter(write => write.ok);
	const failed = writes.filter(write => !write.ok);
	const lines = [`${writes.length} writes: ${acknowledged.length} acknowledged, ${failed.length} not`];
	for (const [error, count] of Map.groupBy(failed, write => write.error ?? 'no reason')) {
		lines.push(`  ${count.length} x ${error}`);
	}

	const latencies = acknowledged.map(write => write.ms).sort((a, b) => a - b);
	const at = (share: number) => Math.round(latencies[Math.floor(share * (latencies.length - 1))] ?? 0);
	if (latencies.length > 0) {
		lines.push(
			`latency: ${at(0.5)} ms in the middle, ${at(0.95)} ms for the slowest twentieth, ${at(1)} ms at most`,
		);
	}

	const gaps = gapsIn(writes);
	const [worst] = [...gaps].sort((a, b) => b.ms - a.ms);
	if (worst) lines.push(`longest time between acknowledged writes: ${inWords(worst)}`);
	const others = gaps.filter(gap => gap !== worst && gap.ms >= noticeable);
	lines.push(...others.map(gap => `  another of two seconds or more: ${inWords(gap)}`));
	if (writes.at(-1)?.ok === false) lines.push('the last write was not acknowledged: the outage may go on');
	return lines;
}

/** Compares the record with the wiki's edit summaries. `missing`: acknowledged writes that the wiki does not have. */
export function compare(
	writes: readonly Write[],
	summaries: readonly string[],
): {text: string; missing: number[]} {
	const there = new Set(summaries);
	const acknowledged = writes.filter(write => write.ok);
	const missing = acknowledged.filter(write => !there.has(String(write.n))).map(write => write.n);
	const others = writes.filter(write => !write.ok);
	const also = others.filter(write => there.has(String(write.n))).length;
	const rest = others.length > 0 ? `; of the ${others.length} others ${also} are there, too` : '';
	const text =
		missing.length === 0
			? `all ${acknowledged.length} acknowledged writes are there${rest}`
			: `LOST: ${missing.length} of ${acknowledged.length} acknowledged writes: ${missing.join(', ')}${rest}`;
	return {text, missing};
}
