/** What lies where: no overlay hides the cluster, one part has the keys, chart and timeline have what is left. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import type {State} from '../../source/state/state.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, type Size, sizes} from '../support/screen.tsx';
import {pressAt, Session, start, target} from '../support/session.ts';
import {probedTarget, trendsAfter, wellAt} from '../support/trends.ts';
import {addressesFact} from '../support/vip.ts';

const overlays: readonly (readonly [string, readonly Command[]])[] = [
	['help', ['help.toggle']],
	['findings', ['findings.toggle']],
	['details', ['details.open']],
	['details of etcd', ['pane.next', 'details.open']],
	['details of the VIP', ['pane.previous', 'details.open']],
	['menu', ['menu.open']],
	['question', ['operation.switchover']],
	['operation', ['operation.pause', 'dialog.yes']],
	['timeline', ['log.entries']],
	['logs', ['log.open']],
	['split logs', ['log.open', 'log.split']],
	['log picker', ['log.open', 'log.pick']],
	['prompt over the logs', ['log.open', 'log.search']],
];

const opened = (commands: readonly Command[]) =>
	new Operator('trixie')
		.after(10)
		.select('pgdb2')
		.press(...commands);

const odd: readonly Size[] = [
	{width: 60, height: 16},
	{width: 109, height: 30},
	{width: 110, height: 30},
	{width: 179, height: 45},
	{width: 180, height: 45},
];

const frames = /[┏┓┗┛┃━]/;

describe.each(overlays)('%s', (_, commands) => {
	it.each([...sizes, ...odd])('leaves the cluster visible at $width x $height, and has the keys', size => {
		const lines = frameOf(opened(commands).state, size).split('\n');
		expect(lines.filter(line => stringWidth(line) > size.width)).toEqual([]);
		expect(lines.length).toBeLessThanOrEqual(size.height);
		const cluster = lines.filter(line => /^ Leader \S+ +VIP|┌─ Members ─/.test(line));
		expect(cluster.length).toBeGreaterThan(0);
		// A bold frame, and none of a pane of the cluster; of split logs each part has one.
		expect(lines.filter(line => line.includes('┏')).length).toBeGreaterThan(0);
		expect(
			lines.filter(line =>
				/┏━ (▸ )?(Members|etcd leader key|VIP|Nodes|Timeline)( 10\S+)? ━.*(live|─┐)/.test(line),
			),
		).toEqual([]);
	});

	it('leaves the left column as it is where the screen is wide', () => {
		const size = {width: 200, height: 60};
		const left = (shown: readonly Command[]) =>
			frameOf(opened(shown).state, size)
				.split('\n')
				.slice(2, -3)
				.map(line => line.slice(0, 120));
		const around = left(commands.filter(command => command.startsWith('pane.')));
		const changed = left(commands).filter(
			(line, index) => line !== around[index] && !frames.test(around[index] ?? ''),
		);
		// A confirmed operation is news for the timeline.
		expect(changed.filter(line => !line.includes('operation confirmed'))).toEqual([]);
	});
});

describe('the line of the cluster', () => {
	const size = {width: 80, height: 24};
	const line = (operator: Operator) =>
		frameOf(operator.press('findings.toggle').state, size)
			.split('\n')
			.find(text => text.startsWith(' Leader '))
			?.replaceAll(/ +/g, ' ');

	it('marks each value whose source is lost', () => {
		const operator = new Operator('trixie').after(10);
		expect(line(operator)).toContain('Leader pgdb1 VIP pgdb1 Sync pgdb2 pgdb1 running pgdb2');
		const blind = new Operator('trixie').after(10).blind('patroni:pgdb1').after(11);
		expect(line(blind)).toContain('Leader pgdb1 VIP pgdb1 Sync pgdb2 pgdb1 running? pgdb2');
	});
});

describe('chart and timeline', () => {
	const probed: State = {...new Session(probedTarget).state, ...trendsAfter(300, wellAt)};

	it('have the room below the panes', () => {
		const frame = frameOf(probed, {width: 120, height: 40});
		expect(frame).toMatch(/┌─ Writes through :5000, (?:10 minutes|since [\d:]+) ─/);
		expect(frame).toContain('┌─ Timeline ─');
	});

	it('make room for an overlay', () => {
		const session = new Session(probedTarget);
		session.state = probed;
		const frame = frameOf(pressAt(session, 300, 'findings.toggle').state, {width: 120, height: 40});
		expect(frame).toContain('Findings');
		expect(frame).not.toMatch(/10 minutes|┌─ Writes through/);
		expect(frame).not.toContain('Timeline');
		expect(frame).toContain('┌─ VIP 10.73.0.172 ');
	});

	it('leave the timeline at least three entries, else the chart is not there', () => {
		for (let height = 16; height <= 60; height++) {
			const lines = frameOf(probed, {width: 120, height}).split('\n');
			const chart = lines.findIndex(line => /10 minutes|, since [\d:]+ ─/.test(line));
			const timeline = lines.findIndex(line => line.includes('─ Timeline ─'));
			expect(lines).toHaveLength(height);
			if (chart !== -1) {
				expect(timeline).toBeGreaterThan(chart);
				expect(lines.length - timeline).toBeGreaterThanOrEqual(6);
			}
		}
	});
});

describe('the timeline', () => {
	it('keeps three entries at 80x24 right after the VIP moved, whatever else is said', () => {
		const probe = {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true};
		const operator = new Operator('trixie', {...target, probe});
		const ask = (seconds: number, fails: boolean) =>
			(['write', 'read'] as const).map((purpose): Event => {
				const port = probe.ports[purpose];
				const common = {source: `probe:${port}` as const, port, purpose, startedAt: start + seconds * 1000};
				return fails
					? {type: 'probe.failed', ...common, reason: 'the connection was closed'}
					: {
							type: 'probe.answered',
							...common,
							server: '10.73.0.160:5432',
							inRecovery: false,
							latency: 2,
							write: purpose === 'write',
						};
			});
		operator.after(1, ...ask(1, false)).after(2, ...ask(2, true));
		operator.after(4, addressesFact('pgdb1', '127.0.0.1'), addressesFact('pgdb2', '10.73.0.172'));
		operator.after(
			5,
			...ask(5, false),
			operator.configured({pause: true}),
			operator.put('failover', {
				kind: 'failover',
				leader: 'pgdb1',
				candidate: 'pgdb2',
				scheduledAt: '2026-11-23T04:00:00+00:00',
			}),
		);
		const lines = frameOf(operator.state, {width: 80, height: 24}).split('\n');
		const top = lines.findIndex(line => line.includes('─ Timeline ─'));
		expect(
			lines.slice(top).filter(line => /^│ \d\d:\d\d:\d\d\.\d{3} /.test(line)).length,
		).toBeGreaterThanOrEqual(3);
		const frame = lines.join('\n');
		expect(frame).toMatch(/SWITCHOVER SCHEDULED.*pgdb1 → pgdb2/);
		expect(frame).toContain('PAUSED');
		expect(frame).toMatch(/Holder +pgdb2, for/);
		expect(frame).toMatch(/Writes +ok/);
		expect(frame).toMatch(/Reads +ok/);
		expect(frame).toMatch(/Quorum +3\/3/);
	});

	const size = {width: 120, height: 40};

	it('has the seconds since the operation that an entry belongs to, until thirty seconds after its end', () => {
		const operator = new Operator('trixie').after(10).select('pgdb2');
		operator.press('operation.switchover', 'dialog.yes', 'dismiss');
		operator.after(11, operator.gone('leader')).after(12, operator.leads('pgdb2'));
		const frame = frameOf(operator.state, size);
		expect(frame).toMatch(/00:00:11\.000 +\+1\.00 s ! ├ leader key gone/);
		expect(frame).toMatch(/00:00:12\.000 +\+2\.00 s . └ leader key: pgdb1 → pgdb2/);
	});

	it("has Patroni's history from before this console, and not what came later", () => {
		const operator = new Operator('trixie').after(10);
		const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
		operator.after(
			11,
			operator.put('history', {
				kind: 'history',
				lines: [
					{timeline: 1, location: 1, reason: 'no recovery target specified', at: at(-3600), leader: 'pgdb2'},
					{timeline: 2, location: 2, reason: 'no recovery target specified', at: at(5), leader: 'pgdb1'},
				],
			}),
		);
		const frame = frameOf(operator.state, size);
		expect(frame).toContain('timeline 1 ended; pgdb2 leads');
		expect(frame).not.toContain('timeline 2 ended');
	});
});
