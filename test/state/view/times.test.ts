/** Times on the screen: lengths of one thing agree, no length of zero, a former holder of the VIP, and what is off. */
import {describe, expect, it} from 'vitest';
import {tour} from '../../../source/cli/commands/replay.ts';
import type {Event} from '../../../source/domain/events.ts';
import {openRecording} from '../../../source/recording/read/open.ts';
import {tourFile} from '../../../source/replay/command.ts';
import {Player} from '../../../source/replay/player.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {clientPathLines} from '../../../source/state/view/client-path.ts';
import {etcdPane} from '../../../source/state/view/etcd.ts';
import {findingsPane} from '../../../source/state/view/findings.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {nodesPane} from '../../../source/state/view/nodes.ts';
import {verdictLine} from '../../../source/state/view/verdict.ts';
import {vipDetails, vipPane} from '../../../source/state/view/vip.ts';
import {endpoints} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {healthySession, type Session, start} from '../../support/session.ts';
import {probedTarget} from '../../support/trends.ts';

const vip = '10.73.0.172';
const text = (lines: readonly (readonly {text: string}[])[]) =>
	lines.map(line => line.map(one => one.text).join('')).join('\n');
const rowOf = (pane: ReturnType<typeof vipPane>, id: string) =>
	pane.table?.rows.find(row => row.id === id)?.cells.map(one => one.text);

describe('a node that had the VIP', () => {
	const moved: Event = {
		type: 'addresses.added',
		source: 'vip:pgdb2',
		node: 'pgdb2',
		address: {ip: vip, interface: 'host0'},
	};
	const lost: Event = {type: 'source.lost', source: 'vip:pgdb1', reason: 'no answer in time'};
	const cell = ({state}: Session, node: string) => rowOf(vipPane(shownSnapshot(state)), node)?.[1];

	it('held it until it was last seen, once another node is seen with it', () => {
		const session = healthySession('trixie').at(3, {type: 'source.alive', source: 'vip:pgdb1'}).at(4, lost);
		expect(cell(session, 'pgdb1')).toBe('holds?');
		session.at(5, moved);
		expect(cell(session, 'pgdb1')).toBe('until 00:00:03?');
		expect(cell(session, 'pgdb2')).toBe('holds');
		const details = text(vipDetails(shownSnapshot(session.state)).lines);
		expect(details).toContain('held it until 00:00:03?');
		expect(details).not.toContain('holds?');
	});

	it('holds it as well while it is seen with it, and does not once it is seen without it', () => {
		const session = healthySession('trixie').at(5, moved);
		expect(cell(session, 'pgdb1')).toBe('holds');
		session.at(6, {
			type: 'addresses.removed',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			address: {ip: vip, interface: 'host0'},
		});
		expect(cell(session, 'pgdb1')).toBe('no');
	});
});

describe('a machine that this console switched off', () => {
	/** pgdb2, a replica, is powered off; then every source of it is lost. */
	function off() {
		const operator = new Operator('trixie').after(10).select('pgdb2').choose('poweroff');
		operator.types('pgdb2').press('dialog.enter');
		const endpoint = endpoints[1] ?? '';
		operator
			.after(12, operator.answer({kind: 'ended', code: undefined, text: ''}))
			.blind(
				'vip:pgdb2',
				'units:pgdb2',
				'haproxy:pgdb2',
				'patroni:pgdb2',
				`etcd:${endpoint}`,
				`dcs:${endpoint}`,
			)
			.after(14)
			.after(16);
		return shownSnapshot(operator.state);
	}

	it('is off in each pane, not unknown', () => {
		const shown = off();
		expect(text(findingsPane(shown).lines)).toContain('pgdb2 is off');
		expect(rowOf(vipPane(shown), 'pgdb2')?.slice(1, 5)).toEqual(['off', 'off', 'off', 'off']);
		expect(rowOf(etcdPane(shown), 'pgdb2')?.[1]).toBe('off');
		expect(rowOf(nodesPane(shown), 'pgdb2')).toEqual(['pgdb2', 'off', '', 'off', 'off', 'off']);
		expect(rowOf(membersPane(shown), 'pgdb2')?.[3]).toBe('off');
	});

	it('is shown as unknown again where it was not this console that saw it go', () => {
		const shown = {...off(), found: {at: 0, known: new Map()}};
		expect(rowOf(vipPane(shown), 'pgdb2')?.[1]).toBe('?');
		expect(rowOf(membersPane(shown), 'pgdb2')?.[3]).not.toBe('off');
	});
});

describe('lengths', () => {
	const failing = (seconds: number) => {
		const failed = (at: number): Event => ({
			type: 'probe.failed',
			source: 'probe:5000',
			port: 5000,
			purpose: 'write',
			startedAt: start + at * 1000,
			reason: 'connection refused',
		});
		const operator = new Operator('trixie', probedTarget).after(8);
		for (let at = 10; at <= 10 + seconds; at++) {
			operator.after(at, failed(at));
		}

		return shownSnapshot(operator.state);
	};

	it.each([0, 1, 5, 17, 40])('of one outage agree in all panes after %i s', seconds => {
		const shown = failing(seconds);
		const [, since = ''] = /fail since (\S+): /.exec(text(findingsPane(shown).lines)) ?? [];
		const began = Date.parse(`2026-11-23T${since}Z`);
		const length = (shown.now - began) / 1000;
		const words = text(findingsPane(shown).lines).split('\n')[1]?.trim();
		expect(words).toBe(length < 1 ? `since ${since}` : `for ${length}s`);
		expect(text(clientPathLines(shown))).toContain(length < 1 ? 'FAILING: ' : `FAILING ${length}s: `);
	});
});

describe('a length of zero', () => {
	it.each(tour.map(({name}) => name))('is in no pane of the recording %s', async name => {
		const recording = await openRecording(tourFile(name));
		const player = new Player(recording, {asOperator: true, perform: () => undefined});
		const zeros: string[] = [];
		while (player.playing) {
			player.advance(500);
			const shown = shownSnapshot(player.state);
			const panes = [
				membersPane(shown),
				etcdPane(shown),
				vipPane(shown),
				nodesPane(shown),
				findingsPane(shown),
			];
			const all = text([
				verdictLine(player.state),
				...panes.flatMap(({status, lines, table}) => [
					[status],
					...lines,
					...(table?.rows.map(({cells}) => cells) ?? []),
				]),
			]);
			zeros.push(...all.split('\n').filter(line => /(for|FAILING|LOST|until) 0 ?s\b/.test(line)));
		}

		recording.close();
		expect(zeros).toEqual([]);
	});
});
