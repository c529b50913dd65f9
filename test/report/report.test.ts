/** Reports of recordings: whole reports of one session, and no failure for any other one. */
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {UsageError} from '../../source/cli/parse-flags.ts';
import {verdictWord} from '../../source/domain/drill/verdict.ts';
import {buildReport} from '../../source/report/build.ts';
import {readReport, reportCommand} from '../../source/report/command.ts';
import {headingOf} from '../../source/report/format.ts';
import {htmlOf} from '../../source/report/html.tsx';
import {markdownOf} from '../../source/report/markdown.ts';
import {reportSchema} from '../../source/report/schema.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {storms} from '../support/random-events.ts';
import {header, live, record} from '../support/recorded.ts';
import {powerCut, switchoverDrill} from '../support/report-session.ts';
import {Session} from '../support/session.ts';

const folder = temporaryFolder('report');
let files = 0;
const fresh = (end: string) => path.join(folder, `${++files}.${end}`);

const drill = switchoverDrill();
const drillFiles = new Map<string, Promise<string>>();

/** Recorded once for each compression; it is only read. */
async function drillFile(end: string): Promise<string> {
	const file = drillFiles.get(end) ?? recordDrill(end);
	drillFiles.set(end, file);
	return file;
}

async function recordDrill(end: string): Promise<string> {
	const file = path.join(folder, `drill.${end}`);
	const versions = {node: 'v24.0.0', patroni: [], postgresql: [], etcd: []};
	await record(file, drill.moments, {reason: 'CHG-4711 <rehearsal>', logs: true, versions});
	return file;
}

async function reportOf(...args: readonly string[]): Promise<string> {
	const {text, exitCode, complaint} = await reportCommand(args);
	expect({exitCode, complaint}).toEqual({exitCode: 0, complaint: undefined});
	return text;
}

describe('a report of a drill', () => {
	it.each(['md', 'html', 'json'] as const)('as %s', async format => {
		const text = await reportOf(await drillFile('ndjson.gz'), '--format', format);
		await expect(text).toMatchFileSnapshot(`__snapshots__/drill.${format}`);
	});

	it('is the same for each compression of the file', async () => {
		const [plain, zst] = [await drillFile('ndjson'), await drillFile('ndjson.zst')];
		const same = (text: string) => text.replaceAll(/drill\.ndjson(\.zst)?/g, '');
		expect(same(await reportOf(zst, '--format', 'html'))).toBe(
			same(await reportOf(plain, '--format', 'html')),
		);
	});

	it('is one page without scripts, references or requests', async () => {
		const text = await reportOf(await drillFile('ndjson'), '--format', 'html');
		expect(text).toContain('stopping &lt;postgresql&gt; &amp; &quot;demoting&quot;');
		expect(text).toContain('CHG-4711 &lt;rehearsal&gt;');
		expect(text).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\ssrc=|\shref=|url\(|@import/);
		expect(text).toContain(`content="default-src &#x27;none&#x27;; style-src &#x27;unsafe-inline&#x27;"`);
	});

	it('is written to a new file, in the format of its name, and overwrites nothing', async () => {
		const [recording, output] = [await drillFile('ndjson'), fresh('html')];
		expect(await reportOf(recording, '--output', output)).toBe('');
		expect(readFileSync(output, 'utf8')).toMatch(/^<!doctype html>/);
		expect(statSync(output).mode & 0o777).toBe(0o600);
		expect(await reportCommand([recording, '--output', output])).toEqual({
			text: '',
			exitCode: 73,
			complaint: expect.stringContaining(`${output}: `),
		});
	});
});

describe('the measures of a drill in its report', () => {
	/** A write outage of 4.2 s from the last write before the drill's end, and one of 9 s later. */
	const later = () => {
		const operator = switchoverDrill().fails(24.4, 28, 'connection refused');
		operator.writes(28.2, 40, '10.73.0.170').fails(40.2, 48, 'connection refused');
		return operator.writes(49, 52, '10.73.0.170');
	};
	const outages = ({episodes}: Awaited<ReturnType<typeof readReport>>) =>
		episodes.map(({what, measures}) => {
			const {value, goal, met} = measures.find(({id}) => id === 'writes') ?? {};
			return {what, value, goal, met};
		});

	it('are those at its end; an outage after it is an episode of its own, without its goals', async () => {
		const file = fresh('ndjson.gz');
		await record(file, later().moments);
		const report = await readReport(file);
		expect(outages(report)).toEqual([
			{what: 'drill: switchover to pgdb2', value: 2204, goal: 5000, met: true},
			{what: 'write outage', value: 4204, goal: null, met: null},
			{what: 'write outage', value: 9000, goal: null, met: null},
		]);
		expect(report.verdict).toMatchObject({result: 'met', text: 'write outage 2.20 s, goal 5.00 s'});
		expect(outages(await readReport(file, {writes: 6000})).map(({goal, met}) => [goal, met])).toEqual([
			[5000, true],
			[6000, true],
			[6000, false],
		]);
	});

	it('are those that the console has shown', async () => {
		const operator = switchoverDrill();
		const {moments} = operator;
		const index = moments.findIndex(({stamped}) => stamped.event.type === 'drill.ended');
		const before = moments[index]?.before;
		if (before === undefined) {
			throw new Error('the drill has not ended');
		}

		const shown = [
			{id: 'writes', text: 'Write outage', unit: 'ms', value: 2475, exact: true, note: 'as shown'},
		] as const;
		const stamped = {at: before.now, event: {type: 'drill.measured', measures: shown}} as const;
		const file = fresh('ndjson.gz');
		await record(file, moments.toSpliced(index, 0, {before, after: before, stamped}));
		const [episode] = (await readReport(file)).episodes;
		expect(episode?.measures).toEqual([{...shown[0], goal: 5000, met: true}]);
	});
});

describe('the chart of lag', () => {
	it('has a gap where it was not known', async () => {
		const report = await readReport(await drillFile('ndjson'));
		const [chart] = report.charts;
		const lag = (seconds: readonly number[]) => {
			const points = seconds.map(second => ({
				at: new Date(Date.parse(chart?.from ?? '') + second * 1000).toISOString(),
				bytes: 4096,
			}));
			const html = htmlOf({
				...report,
				charts: [{...(chart as NonNullable<typeof chart>), lag: [{member: 'pgdb9', points}]}],
			});
			return /d="([^"]*)"[^>]*><\/path><text[^>]*>pgdb9</.exec(html)?.[1]?.match(/M/g)?.length;
		};
		expect(lag([1, 2, 3, 4, 15, 16])).toBe(2);
		expect(lag([1, 2, 3, 4, 5, 6])).toBe(1);
	});
});

describe('a report of an episode without an operation', () => {
	it('has the cost of a power cut, from the last sign of life', async () => {
		const file = fresh('ndjson.gz');
		await record(file, powerCut().moments);
		const {episodes, title, verdict} = await readReport(file, {writes: 5000});
		expect(title).toBe('postgres-cluster: pgdb1 went away');
		expect(verdict.result).toBe('not met');
		expect(
			episodes.map(({what, cause, measures}) => ({
				what,
				cause,
				measures: measures.map(({id, value, exact, met, note}) => ({id, value, exact, met, note})),
			})),
		).toMatchInlineSnapshot(`
			[
			  {
			    "cause": "unasked",
			    "measures": [
			      {
			        "exact": true,
			        "id": "writes",
			        "met": false,
			        "note": "no connection in time",
			        "value": 21000,
			      },
			      {
			        "exact": true,
			        "id": "leaderless",
			        "met": null,
			        "note": null,
			        "value": 800,
			      },
			      {
			        "exact": false,
			        "id": "leader",
			        "met": null,
			        "note": "pgdb1 → pgdb2",
			        "value": 20797,
			      },
			      {
			        "exact": false,
			        "id": "vip",
			        "met": null,
			        "note": "pgdb1 → pgdb2",
			        "value": 500,
			      },
			      {
			        "exact": false,
			        "id": "redundancy",
			        "met": null,
			        "note": "still missing: pgdb1: does not answer, no synchronous standby, etcd 2 of 3, HAProxy on pgdb1 does not answer, no data from pgdb1",
			        "value": null,
			      },
			      {
			        "exact": true,
			        "id": "wal",
			        "met": null,
			        "note": "not known yet what was lost: \`history\` has no end of timeline 1",
			        "value": null,
			      },
			    ],
			    "what": "pgdb1 went away",
			  },
			]
		`);
	});

	it('says that the recording was truncated, and covers the rest', async () => {
		const file = await drillFile('ndjson.gz');
		const whole = readFileSync(file);
		const cut = fresh('ndjson.gz');
		writeFileSync(cut, whole.subarray(0, Math.floor(whole.length * 0.7)));
		const report = await readReport(cut);
		expect(report.recording.cut_short).toBe(true);
		expect(report.verdict).toMatchObject({
			result: 'unknown',
			text: 'the recording ends before the drill did',
		});
		expect(markdownOf(report)).toMatch(/The recording was cut short at 2026-11-23 00:00:\d\d/);
	});
});

describe('the verdict of a report', () => {
	it("is that of the console's drill: done without a goal, met or not met with one", async () => {
		const report = await readReport(await drillFile('ndjson'));
		expect(headingOf(report)).toBe('Goal met');
		expect(report.drill).not.toBeNull();
		const without = {...report, drill: report.drill && {...report.drill, goal: null, goals: {}}};
		expect(headingOf(without)).toBe('Done');
		expect(verdictWord('met', {goal: undefined})).toBe('DONE');
	});

	it('is unknown if a measure with a goal is', async () => {
		const file = fresh('ndjson.gz');
		await record(file, powerCut().moments);
		const {verdict} = await readReport(file, {redundancy: 60_000});
		expect(verdict.result).toBe('unknown');
		expect(verdict.text).toMatch(/^not known: until full redundancy \(pgdb1 went away\); /);
	});
});

describe('reports never fail', () => {
	it.each(['ndjson', 'ndjson.gz', 'ndjson.zst'])(
		'for a recording truncated at any byte, as %s',
		async end => {
			const whole = readFileSync(await drillFile(end));
			const cut = fresh(end);
			await fc.assert(
				fc.asyncProperty(
					fc.integer({min: 0, max: whole.length - 1}),
					fc.constantFrom('md', 'html', 'json'),
					async (length, format) => {
						writeFileSync(cut, whole.subarray(0, length));
						const {text, exitCode, complaint} = await reportCommand([cut, '--format', format]);
						expect(exitCode === 0 ? text : complaint).toMatch(
							exitCode === 0 ? /postgres-cluster/ : /its first line is incomplete|no recording of pgha-top/,
						);
					},
				),
				{numRuns: 20},
			);
		},
	);

	it('for any session, and follow the schema', () => {
		const healthy = new Session().at(0, ...healthyFacts('trixie')).state;
		fc.assert(
			fc.property(storms, storm => {
				const moments = [...live(healthy, storm)].map(({before, stamped, after}) => ({
					before,
					stamped,
					after,
				}));
				const report = buildReport({
					file: 'storm.ndjson',
					header: header({logs: true}),
					cutShort: false,
					endedAt: moments.at(-1)?.stamped.at ?? 0,
					events: moments.length,
					first: healthy,
					moments,
					goals: {},
				});
				expect(reportSchema.parse(report)).toEqual(report);
				expect(htmlOf(report)).toContain('</html>');
				expect(markdownOf(report)).toContain('## Timeline');
			}),
			{numRuns: 60},
		);
	});
});

describe('pgha-top report', () => {
	it.each([
		[[], /name the recording/],
		[['a', 'b'], /unexpected argument "b"/],
		[['a', '--format', 'pdf'], /--format must be md, html or json/],
		[['a', '--goal', '5'], /--goal: must be/],
		[['a', '--goal', 'soon'], /--goal: must be/],
		[['a', '--goal', 'lost=5s'], /--goal: unknown measure "lost"/],
		[['a', '--colour'], /unknown flag --colour; did you mean --color\?/],
		[['a', '--output='], /--output needs a value/],
	])('%j is refused', async (args, words) => {
		await expect(reportCommand(args)).rejects.toThrow(UsageError);
		await expect(reportCommand(args)).rejects.toThrow(words);
	});

	it('says why a recording cannot be read', async () => {
		const none = path.join(folder, 'none');
		expect(await reportCommand([none])).toMatchObject({
			exitCode: 66,
			complaint: `${none}: no such file`,
		});
		const other = fresh('ndjson');
		writeFileSync(other, '{"a": 1}\n');
		expect(await reportCommand([other])).toMatchObject({
			exitCode: 66,
			complaint: `${other}, line 1: not a recording of pgha-top`,
		});
	});
});
