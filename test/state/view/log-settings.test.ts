/** How the nodes write their logs: from the sources to the subscription, the picker and a recording. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {logSourcesOf} from '../../../source/domain/logs/logs.ts';
import {eventOf} from '../../../source/recording/read/lines.ts';
import {redactEvent} from '../../../source/recording/redact.ts';
import {stateOf} from '../../../source/recording/state-json.ts';
import {dcsValue} from '../../../source/sources/dcs-values.ts';
import {logOverlay} from '../../../source/state/overlays.ts';
import type {State} from '../../../source/state/state.ts';
import {logPickerPane} from '../../../source/state/view/log-picker.ts';
import {headOf} from '../../../source/state/view/logs.ts';
import {logLine} from '../../support/log-lines.ts';
import {healthySession, pressAt, type Session, start} from '../../support/session.ts';

const configured = (linePrefix: string): Event => ({
	type: 'dcs.put',
	source: 'dcs:http://10.73.0.161:2379',
	entry: {
		path: 'config',
		value: dcsValue('config', JSON.stringify({postgresql: {parameters: {log_line_prefix: linePrefix}}})),
		createRevision: 1,
		modRevision: 1e9,
		lease: undefined,
	},
});
const own = (more: object = {}): Event => ({
	type: 'logs.settings',
	source: 'logs:pgdb1',
	node: 'pgdb1',
	file: '/etc/patroni/config.yml',
	settings: {postgresql: {linePrefix: '%t '}},
	...more,
});

const follow = (session: Session, ...events: readonly Event[]) => session.at(2, ...events);
const opened = () => pressAt(healthySession('trixie'), 1, 'log.open', 'log.all');
const noteOf = (state: State) => {
	const overlay = logOverlay(state.view);
	expect(overlay).toBeDefined();
	const rows = overlay === undefined ? [] : (logPickerPane(state, overlay).table?.rows ?? []);
	return rows.find(({cells}) => cells[2]?.text === 'pgdb1')?.cells[3]?.text;
};

describe('the log settings', () => {
	it('of the dynamic configuration are in the subscription of each node', () => {
		const {cluster, target, now} = follow(opened(), configured('%m|%u|%d| ')).state;
		expect(logSourcesOf(cluster, target, now).map(({settings}) => settings)).toEqual(
			logSourcesOf(cluster, target, now).map(() => ({postgresql: {linePrefix: '%m|%u|%d| '}})),
		);
	});

	it.each([
		[[own()], "log_line_prefix '%t ' of /etc/patroni/config.yml"],
		[[configured('%n '), own({settings: {}})], "log_line_prefix '%n ' of the dynamic configuration"],
		[[own({settings: {}, file: undefined})], 'log_line_prefix unknown, guessed'],
		[
			[own({settings: {}, problem: 'unreadable'})],
			'log_line_prefix unknown, guessed (/etc/patroni/config.yml not readable)',
		],
	])('are in the picker %#', (events, note) => {
		expect(noteOf(follow(opened(), ...events).state)).toBe(note);
	});

	it('are recorded, and recordings without them can be read', () => {
		const line = JSON.stringify({at: start, event: redactEvent(own(), {logs: false})});
		expect(eventOf(line).event).toEqual(own());
		const {state} = follow(opened(), own());
		const {settings: _, ...logs} = state.logs;
		expect(stateOf({...state, logs}).logs.settings).toEqual(new Map());
	});
});

describe('the time of a line', () => {
	const style = {node: 0, service: 0, short: true, nodes: [], patterns: [], now: start};

	it('has a question mark where the line has none', () => {
		expect(headOf(logLine(1, 'x'), style)[0]?.text).toMatch(/\d \s*$/);
		expect(headOf(logLine(1, 'x', {isTimeAssumed: true}), style)[0]?.text).toMatch(/\d\?$/);
	});
});
