import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {logOverlay} from '../../../source/state/overlays.ts';
import {topOverlay} from '../../../source/state/state.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {filteredLines} from '../../../source/state/update/log-navigation.ts';
import {statusLine} from '../../../source/state/view/logs.ts';
import {intentOf} from '../../../source/ui/input.ts';
import {logLine, logLinesEvent} from '../../support/log-lines.ts';
import {healthySession, pressAt, type Session} from '../../support/session.ts';

const press = (session: Session, ...commands: readonly Command[]) => pressAt(session, 30, ...commands);
const type = (session: Session, text: string) =>
	session.at(30, {type: 'typed', text}, {type: 'command', command: 'prompt.take'});
const overlay = ({state}: Session) => {
	const found = logOverlay(state.view);
	if (found === undefined) {
		throw new Error('no logs are open');
	}

	return found;
};

/** Continues a search, as the performer does. */
const sought = (session: Session) => {
	for (let step = 0; step < 1000 && overlay(session).seeking !== undefined; step++) {
		session.at(30, {type: 'logs.seek'});
	}

	return session;
};
const here = (session: Session) =>
	filteredLines(session.state, overlay(session)).before(
		overlay(session).place ?? Number.POSITIVE_INFINITY,
		1,
	)[0]?.text;
const open = (count = 3000) =>
	press(healthySession('trixie'), 'log.open', 'log.all').at(
		20,
		{type: 'source.connecting', source: 'logs:pgdb1'},
		logLinesEvent(
			'pgdb1',
			...Array.from({length: count}, (_, index) => logLine(index / 200, `line ${index}`)),
		),
	);

describe('the logs', () => {
	it('are read from every node while they are open, and the rest of the journal only while it is shown', () => {
		const session = healthySession('trixie');
		const logs = () => subscriptions(session.state).filter(one => one.kind === 'logs');
		expect(logs()).toEqual([]);
		press(session, 'log.open');
		expect(logs().map(({plan, system}) => [plan.node, system])).toEqual([
			['etcd1', false],
			['pgdb1', false],
			['pgdb2', false],
		]);
		expect(overlay(session).choice.nodes).toEqual(['pgdb1']);
		press(session, 'log.all');
		expect(logs().every(({system}) => system)).toBe(true);
		press(session, 'dismiss');
		expect(logs()).toEqual([]);
	});

	it('follow until the operator scrolls up, and again past the end', () => {
		const session = open();
		expect(overlay(session).place).toBeUndefined();
		press(session, 'select.up');
		expect(here(session)).toBe('line 2998');
		press(session, 'page.up');
		expect(here(session)).toBe('line 2989');
		session.at(31, logLinesEvent('pgdb1', logLine(25, 'new'), logLine(25.5, 'newer')));
		expect(here(session)).toBe('line 2989');
		expect(filteredLines(session.state, overlay(session)).count(overlay(session).newest)).toEqual({
			lines: 2,
			complete: true,
		});
		press(session, 'page.down', 'page.down');
		expect(overlay(session).place).toBeUndefined();
	});

	it('call no line new that was written before the logs were opened at a time', () => {
		const address = {ip: '10.73.0.172', interface: 'host0'};
		const session = healthySession('trixie').at(10, {
			type: 'addresses.removed',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			address,
		});
		session.at(20, {type: 'command', command: 'log.entries'}, {type: 'command', command: 'log.entry'});
		const waiting = () => filteredLines(session.state, overlay(session)).count(overlay(session).newest).lines;
		expect(overlay(session).place).toBeDefined();
		session.at(21, logLinesEvent('pgdb1', logLine(5, 'one'), logLine(19, 'two')));
		expect(waiting()).toBe(0);
		session.at(22, logLinesEvent('pgdb1', logLine(21.5, 'three')));
		expect(waiting()).toBe(1);
	});

	it('keep their position while older lines of another node arrive', () => {
		const session = press(open(), 'select.up', 'page.up');
		const before = here(session);
		session.at(
			31,
			logLinesEvent(
				'pgdb2',
				...Array.from({length: 900}, (_, index) => logLine(index / 100, 'older', {node: 'pgdb2'})),
			),
		);
		expect(here(session)).toBe(before);
	});

	it('are searched in both directions, over any number of chunks, and report when there is no match', () => {
		const session = open();
		press(session, 'log.search');
		sought(type(session, '/line 1.5$/'));
		expect(here(session)).toBe('line 195');
		sought(press(session, 'log.previous'));
		expect(here(session)).toBe('line 185');
		sought(press(session, 'log.next'));
		expect(here(session)).toBe('line 195');
		press(session, 'log.search');
		sought(type(session, 'nowhere'));
		expect(session.state.view.notice?.text).toContain('no more matches');
		expect(here(session)).toBe('line 195');
		press(session, 'log.back');
		expect(here(session)).toBe('line 185');
	});

	it('keep the prompt for an invalid pattern, with the reason', () => {
		const session = press(open(), 'log.filter');
		type(session, '/(a)\\1/');
		expect(topOverlay(session.state.view)).toMatchObject({
			kind: 'prompt',
			problem: expect.stringContaining('for ever'),
		});
		press(session, 'text.clear');
		type(session, '"line 7" !7.');
		expect(overlay(session).choice.filter).toBe('"line 7" !7.');
		expect(here(session)).toBe('line 799');
	});

	it('go to a time, and back', () => {
		const session = press(open(), 'log.time');
		type(session, '-25s');
		expect(here(session)).toBe('line 1000');
		press(session, 'log.back');
		expect(overlay(session).place).toBeUndefined();
	});

	it('have the timeline entries between them, and open at an entry', () => {
		const session = open().at(10.0025, {
			type: 'dcs.deleted',
			source: 'watch:a',
			path: 'leader',
			revision: 1000,
		});
		const texts = () =>
			filteredLines(session.state, overlay(session))
				.all()
				.map(line => line.text);
		const text = session.state.timeline.find(({kind}) => kind === 'leader')?.text ?? '';
		expect(texts().at(-1)).toBe('line 2999');
		session.at(11, logLinesEvent('pgdb1', logLine(31, 'later')));
		const mark = texts().indexOf(text);
		expect(texts().slice(mark - 1, mark + 2)).toEqual(['line 2999', text, 'later']);
		press(session, 'dismiss', 'log.entries', 'log.entry');
		expect(here(session)).toBe(text);
	});

	it('show when a node is lost and back, and its problems with their remedies', () => {
		const session = open().at(
			22,
			{type: 'source.lost', source: 'logs:pgdb1', reason: 'connection lost'},
			{type: 'source.lost', source: 'logs:pgdb1', reason: 'host unreachable'},
		);
		session.at(
			53,
			{type: 'logs.clock', source: 'logs:pgdb1', node: 'pgdb1', offset: 2300},
			{
				type: 'logs.problems',
				source: 'logs:pgdb1',
				problems: [
					{
						node: 'pgdb1',
						text: 'dba may not read the journal',
						remedy: 'sudo usermod -aG systemd-journal dba',
					},
				],
			},
		);
		const texts = filteredLines(session.state, overlay(session))
			.all()
			.map(({text}) => text);
		expect(texts.filter(text => text.startsWith('pgdb1: '))).toEqual([
			'pgdb1: log lost: connection lost',
			'pgdb1: log back after 23s, continues where it stopped',
			'pgdb1: dba may not read the journal; sudo usermod -aG systemd-journal dba',
		]);
	});

	it('show what happened to a log each time, and keep no problem for it', () => {
		const session = open();
		const problem = {node: 'pgdb1', text: 'the log file of app was truncated', remedy: undefined};
		for (const at of [22, 23]) {
			session.at(
				at,
				{type: 'logs.problems', source: 'logs:pgdb1', problems: [problem]},
				{type: 'logs.problems', source: 'logs:pgdb1', problems: []},
			);
		}

		const texts = filteredLines(session.state, overlay(session))
			.all()
			.map(({text}) => text);
		expect(texts.filter(text => text.startsWith('pgdb1: '))).toEqual(
			Array.from({length: 2}, () => 'pgdb1: the log file of app was truncated'),
		);
		expect(session.state.logs.problems.get('logs:pgdb1')).toEqual([]);
	});

	it('show the count of dropped lines where they are missing', () => {
		const session = open().at(40, {
			type: 'logs.lines',
			source: 'logs:pgdb1',
			node: 'pgdb1',
			lines: [],
			skipped: 1234,
		});
		expect(session.state.logs.skipped).toEqual(new Map([['pgdb1', 1234]]));
		expect(here(session)).toContain('1,234 lines not kept');
	});

	it('hide and show nodes and services, but never hide all', () => {
		const session = press(open(), 'log.pick', 'log.toggle');
		expect(overlay(session).choice.nodes).toEqual(['pgdb1', 'pgdb2']);
		press(session, 'select.down', 'log.toggle', 'select.down', 'log.toggle');
		expect(overlay(session).choice.nodes).toEqual(['pgdb2']);
		press(session, 'select.down', 'log.toggle');
		expect(overlay(session).choice.hidden).toEqual(['patroni', 'haproxy-stats']);
		press(session, 'log.all');
		expect(overlay(session).choice).toMatchObject({nodes: undefined, hidden: ['haproxy-stats']});
	});

	it("count the requests for HAProxy's statistics, and show them by the second key for all", () => {
		const session = press(open(2), 'dismiss', 'log.open').at(
			25,
			logLinesEvent(
				'pgdb1',
				...[1, 2, 3].map(second =>
					logLine(20 + second, `stats/<STATS> ${second}`, {service: 'haproxy-stats'}),
				),
			),
			logLinesEvent('pgdb2', logLine(24, 'stats/<STATS> 4', {node: 'pgdb2', service: 'haproxy-stats'})),
		);
		const status = () =>
			statusLine(session.state, overlay(session))
				.map(({text}) => text)
				.join('');
		expect(overlay(session).choice.nodes).toEqual(['pgdb1']);
		expect(status()).toContain('without system; 3 lines of haproxy-stats hidden');
		press(session, 'log.all');
		expect(status()).toContain('4 lines of haproxy-stats hidden: a shows them');
		expect(here(session)).toBe('line 1');
		press(session, 'log.all');
		expect(status()).toMatch(/^all services {2}6 lines kept$/);
		expect(here(session)).toBe('stats/<STATS> 4');
		press(session, 'log.all');
		expect(here(session)).toBe('line 1');
	});

	it('copy a line to the clipboard and write the shown lines to a file, as effects', () => {
		const session = press(open(5), 'log.copy', 'log.write');
		expect(session.effects).toMatchObject([
			{type: 'copy', text: 'line 4'},
			{type: 'logs.write', lines: [{text: 'line 0'}, {}, {}, {}, {text: 'line 4'}]},
		]);
	});

	it('take characters as text while a prompt is open', () => {
		const session = press(open(), 'log.search');
		expect(intentOf(session.state, {name: 'q', text: 'q'}, session.state)).toEqual({
			type: 'typed',
			text: 'q',
		});
	});
});
