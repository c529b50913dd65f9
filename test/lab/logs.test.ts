import {mkdtempSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {isOn} from '../../lab/cgroup.ts';
import {power} from '../../lab/lab.ts';
import {sanitizeLogLine} from '../../source/lib/sanitize.ts';
import {driveConsole, enter, esc} from '../support/console-driver.ts';
import {console, holderThatLeads, onNode, powerOnAgain, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const toHeal = 120_000;

let terminal: Terminal;
let state: string;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	state = mkdtempSync(path.join(tmpdir(), 'pgha-top-test-'));
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0)) {
		await mend();
	}
});

const {see, press, choose} = driveConsole(() => terminal);

async function open(): Promise<void> {
	terminal = console({columns: 160, rows: 50, env: {XDG_STATE_HOME: state}});
	await see('a healthy cluster', /\n HEALTHY/, 30_000);
}

/** Uses the menu: selects the entry, asks for it, types the node's name. */
async function powerOff(node: string): Promise<void> {
	await choose(new RegExp(`[│┃] +power off ${node}`));
	await see('the question', new RegExp(`Power off ${node}.*asked while`, 's'));
	await press([node, new RegExp(`name +${node}_`)], [enter, /Operation: power off/], [esc, /Log: all nodes/]);
}

type Written = {at: number; node: string; service: string; text: string};

/** The file that `W` saved. */
function written(): Written[] {
	const folder = path.join(state, 'pgha-top', 'logs');
	const [file = ''] = readdirSync(folder);
	expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
	return readFileSync(path.join(folder, file), 'utf8')
		.trimEnd()
		.split('\n')
		.map(line => {
			const [time = '', node = '', service = '', ...rest] = line.split(' ');
			const micro = Number(/(\d{3})Z$/.exec(time)?.[1]);
			return {
				at: Date.parse(time.replace(/\d{3}Z$/, 'Z')) * 1000 + micro,
				node,
				service,
				text: rest.join(' '),
			};
		});
}

/** The node's journal between two of its lines, both included: time and text of each line. */
async function journalOf(node: string, from: number, to: number): Promise<Line[]> {
	const seconds = `@${Math.floor(from / 1_000_000)}`;
	const output = await onNode(
		node,
		...['journalctl', '--all', '--no-pager', '--output=json', '--output-fields=MESSAGE', '--since', seconds],
	);
	return output
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as {__REALTIME_TIMESTAMP: string; MESSAGE: string})
		.map(({__REALTIME_TIMESTAMP: at, MESSAGE}) => ({at: Number(at), text: sanitizeLogLine(MESSAGE)}))
		.filter(({at}) => at >= from && at <= to)
		.sort((a, b) => a.at - b.at);
}

type Line = {at: number; text: string};

/** How many characters at their ends two texts have in common. */
function commonEnd(one: string, other: string): number {
	let length = 0;
	while (length < one.length && length < other.length && one.at(-1 - length) === other.at(-1 - length)) {
		length++;
	}

	return length;
}

/**
 * The journal's lines that ours do not have as they are. journald gives one time to all lines that it reads at once: of
 * the lines of one moment each of ours is the one whose end is most like it.
 */
function notAsTheyAre(ours: readonly Written[], journal: readonly Line[]): Line[] {
	const rest = new Set(journal);
	const pairs = ours.flatMap(own =>
		journal
			.filter(({at}) => at === own.at)
			.map(line => ({own, line, likeness: commonEnd(own.text, line.text)})),
	);
	const left = new Set(ours);
	for (const {own, line} of pairs.sort((a, b) => b.likeness - a.likeness)) {
		if (left.has(own) && rest.delete(line)) {
			left.delete(own);
		}
	}

	// A line that the journal does not have, or has elsewhere.
	expect([...left]).toEqual([]);
	return [...rest];
}

/** The journal's lines that ours have neither as they are nor as one of the equal ones that HAProxy's lines count. */
function missingIn(ours: readonly Written[], journal: readonly Line[]): Line[] {
	const counts = ours
		.filter(({service}) => service === 'haproxy')
		.flatMap(({at, text}) => {
			const [, times = '1', message = ''] = /(?:^| )×(\d+) (.*)$/s.exec(text) ?? [];
			return times === '1' ? [] : [{at, message, more: Number(times) - 1}];
		});
	const missing = notAsTheyAre(ours, journal).filter(({at, text}) => {
		const twin = counts.find(
			// On standard error, level and process stand before the message. Other servers go down with nearly the same one.
			one => one.more > 0 && Math.abs(one.at - at) <= 1_000_000 && text.endsWith(one.message),
		);
		if (twin === undefined) {
			return true;
		}

		twin.more--;
		return false;
	});
	// The second of two equal lines may be later than the last line of ours, where the journal was cut.
	const end = (ours.at(-1)?.at ?? 0) - 1_000_000;
	expect(counts.filter(({at, more}) => more > 0 && at < end)).toEqual([]);
	return missing;
}

describe('the logs of the real cluster', () => {
	it("shows a shutdown by keys only, and the boot's lines without a gap or a duplicate", async () => {
		const node = await holderThatLeads();
		const other = node === 'pgdb1' ? 'pgdb2' : 'pgdb1';
		await open();
		await press([node === 'pgdb1' ? 'k' : 'j', /q quit/], ['l', new RegExp(`Log: ${node}`)]);
		// Twice: also the requests for HAProxy's statistics, for the comparison with the whole journal.
		await press(['a', /Log: all nodes/], ['a', /all services {2}/]);
		await see('lines of all nodes', /pgdb1 patroni.*pgdb2 patroni|pgdb2 patroni.*pgdb1 patroni/s, 30_000);
		undo.push(async () => {
			if (!isOn(node)) {
				await power('on', node);
			}
		});
		await powerOff(node);
		// Its own lines and those of the other node, in one stream with the console's own entries.
		await see(
			'the loss, with its time',
			new RegExp(`\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ── ${node}: log lost`),
			60_000,
		);
		await see('the cluster above', new RegExp(`Holder +${other}, .*Holder +${other}, `), 60_000);
		terminal.press('o');
		await see('it off', /DONE .*after \d+\.\d s/, 60_000);
		await press([esc, /Log: all nodes/]);
		await powerOnAgain(node);
		await see('it in sight again', new RegExp(`── ${node}: log back after`), toHeal);
		await see('a healthy cluster', new RegExp(`\\n HEALTHY[^]*${node}(?: !)? .*Sync Standby`), toHeal);
		await press(['W', /lines written to/]);

		const all = written();
		const texts = all.map(({node: whose, service, text}) => `${whose} ${service} ${text}`);
		const index = (pattern: RegExp) => texts.findIndex(text => pattern.test(text));
		for (const pattern of [
			new RegExp(`^- pgha-top operation confirmed: power off ${node}`),
			new RegExp(`^${other} keepalived .*Entering MASTER STATE`),
			new RegExp(`^- pgha-top VIP arrived on ${other}`),
			new RegExp(`^- pgha-top leader key: (${node} → )?${other}`),
			new RegExp(`^${other} patroni INFO .*promoted self to leader`),
			new RegExp(`^${node} pgha-top ${node}: log lost`),
			new RegExp(`^${node} etcd .*Started etcd`),
		]) {
			expect(index(pattern), String(pattern)).toBeGreaterThanOrEqual(0);
		}

		// The lines before the shutdown may begin with the boot before it.
		const started = new RegExp(`^${node} etcd .*Started etcd`);
		expect(index(new RegExp(`^${other} keepalived .*Entering MASTER STATE`))).toBeLessThan(
			texts.findLastIndex(text => started.test(text)),
		);
		expect(all.every(({at}, position) => position === 0 || at >= (all[position - 1]?.at ?? 0))).toBe(true);

		for (const one of [node, other]) {
			const own = all.filter(line => line.node === one && line.service !== 'pgha-top');
			const [first, last] = [own[0]?.at ?? 0, own.at(-1)?.at ?? 0];
			const journal = await journalOf(one, first, last);
			// The first lines do not include the rest of the journal: the comparison begins after them.
			const begin = own.find(({service}) => service === 'system')?.at ?? first;
			const ours = own.filter(({at}) => at > begin);
			const theirs = journal.filter(({at}) => at > begin);
			expect(missingIn(ours, theirs)).toEqual([]);
			const plain = ours.filter(({service}) => service === 'system' || service === 'keepalived');
			expect(plain.length).toBeGreaterThan(0);
			for (const {at, text} of plain) {
				const words = text.split(' ').slice(1).join(' ');
				expect(theirs.filter(line => line.at === at).map(line => line.text)).toContain(words);
			}
		}
	});
});
