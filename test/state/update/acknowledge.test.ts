/** A loss is acknowledged with a reason: the finding ends, the reason is in the timeline and the audit log. */

import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {AuditLog} from '../../../source/effects/audit-log.ts';
import {bindingFor} from '../../../source/keymap/keymap.ts';
import {snapshotOf} from '../../../source/recording/read/lines.ts';
import {stateJson} from '../../../source/recording/state-json.ts';
import {confirms, isShown} from '../../../source/state/update/dialog.ts';
import {judgeCluster} from '../../../source/state/view/verdict.ts';
import {temporaryFolder} from '../../support/folder.ts';
import {LeaderStory} from '../../support/leader-story.ts';
import {frameOf, sizes} from '../../support/screen.tsx';
import {pressAt, type Session} from '../../support/session.ts';

/** Two changes, each with a loss: pgdb1 → pgdb2, then pgdb2 → pgdb3. */
const lost = () => {
	const story = new LeaderStory().after(1).write('pgdb1', 1_000_300).after(1).expire('pgdb1').lead('pgdb2');
	story.promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']).after(1).write('pgdb2', 1_000_900);
	story.expire('pgdb2').lead('pgdb3').promote('pgdb3', 5, 1_000_700);
	return story.history([3, 1_000_200, 'pgdb2'], [4, 1_000_600, 'pgdb3']);
};
const at = 4;
const type = (session: Session, text: string) => session.at(at, {type: 'typed', text});
const acknowledged = () =>
	pressAt(
		type(pressAt(lost().session, at, 'findings.toggle', 'findings.acknowledge'), 'x'),
		at,
		'prompt.take',
	);
const losses = (session: Session) =>
	judgeCluster(session.state)
		.findings.filter(({id}) => id === 'wal.lost')
		.map(({text}) => text.split(':')[0]);

describe('a loss', () => {
	it('stays until it is acknowledged with a reason, which goes to the timeline and the audit log', () => {
		const {session} = lost().after(597).answer('pgdb3', {role: 'primary', timeline: 5, location: 1_000_700});
		expect(losses(session)).toEqual(['pgdb1 → pgdb2', 'pgdb2 → pgdb3']);
		pressAt(session, 600, 'findings.toggle', 'findings.acknowledge');
		expect(session.state.view.overlays.at(-1)).toMatchObject({kind: 'prompt', purpose: 'acknowledge'});
		pressAt(session, 600, 'prompt.take');
		expect(session.state.view.overlays.at(-1)).toMatchObject({problem: 'a reason is needed'});
		expect(losses(session)).toHaveLength(2);
		session.at(600, {type: 'typed', text: ' restored from the WAL of pgdb1 '});
		pressAt(session, 600, 'prompt.take');
		expect(losses(session)).toEqual(['pgdb2 → pgdb3']);
		expect(session.state.timeline.at(-1)?.text).toBe(
			'pgdb1 → pgdb2: loss acknowledged: restored from the WAL of pgdb1',
		);
		expect(session.effects).toMatchObject([
			{
				type: 'acknowledgement',
				record: {
					phase: 'acknowledged',
					scope: 'postgres-cluster',
					reason: 'restored from the WAL of pgdb1',
					old_leader: 'pgdb1',
					new_leader: 'pgdb2',
					loss: {kind: 'lost'},
				},
			},
		]);
		expect(session.state.view.overlays.map(({kind}) => kind)).toEqual(['findings']);
	});

	it('is the one that was selected when the question opened, whatever is first since', () => {
		const story = lost();
		const session = pressAt(story.session, at, 'findings.toggle', 'select.down', 'findings.acknowledge');
		const {change} = session.state.view.overlays.at(-1) as {change?: number};
		expect(change).toBe(2);
		story.after(1).write('pgdb1', 1_000_800);
		pressAt(type(session, 'known'), at, 'prompt.take');
		expect(losses(session)).toEqual(['pgdb1 → pgdb2']);
	});

	it('is not acknowledged by Esc, nor while the screen is frozen, nor another finding', () => {
		const session = pressAt(lost().session, at, 'findings.toggle', 'findings.acknowledge', 'dismiss');
		expect(losses(session)).toHaveLength(2);
		pressAt(session, at, 'freeze.toggle', 'findings.acknowledge');
		expect(session.state.view.notice?.text).toBe('the screen is frozen; unfreeze it first');
		pressAt(session, at, 'freeze.toggle', 'go.last', 'findings.acknowledge');
		expect(session.state.view.notice?.text).toMatch(/^only what a change of leader has cost/);
		expect(session.state.view.overlays.map(({kind}) => kind)).toEqual(['findings']);
		expect(session.effects).toEqual([]);
	});

	it('is acknowledged only by a key at the question on the screen', () => {
		const before = pressAt(lost().session, at, 'findings.toggle').state;
		const asked = pressAt(lost().session, at, 'findings.toggle', 'findings.acknowledge').state;
		expect(confirms(asked, 'prompt.take')).toBe(true);
		expect(isShown(asked, 'prompt.take', before)).toBe(false);
		expect(isShown(asked, 'prompt.take', asked)).toBe(true);
	});

	it('has no key in a recording', () => {
		const context = {operations: true, typing: false};
		expect(bindingFor('a', 'findings', context)?.command).toBe('findings.acknowledge');
		expect(bindingFor('a', 'findings', {...context, replay: true})).toBeUndefined();
	});

	it('is in a recorded state as it was, and not followed in one of an older console', () => {
		const session = acknowledged();
		const read = (json: string) => snapshotOf(`{"segment":0,"at":0,"state":${json}}`).state;
		const json = stateJson(session.state, {logs: true});
		expect(read(json).cluster.leaders).toEqual(session.state.cluster.leaders);
		const older = read(
			JSON.stringify({...JSON.parse(json), cluster: {...JSON.parse(json).cluster, leaders: undefined}}),
		);
		expect(older.cluster.leaders).toBeUndefined();
	});
});

it('is in the audit log with who acknowledged it', async () => {
	const session = acknowledged();
	const [effect] = session.effects;
	if (effect?.type !== 'acknowledgement') {
		throw new Error('nothing was acknowledged');
	}

	const file = path.join(temporaryFolder('acknowledged'), 'audit.ndjson');
	const who = {user: 'dba', sudo_user: undefined, host: 'bastion', ssh_client: undefined};
	await new AuditLog(file, who).append(effect.record);
	expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
		version: 1,
		who: {user: 'dba', host: 'bastion'},
		phase: 'acknowledged',
		reason: 'x',
	});
});

it('is a question that says what is acknowledged, and where the reason goes', () => {
	const session = pressAt(lost().session, at, 'findings.toggle', 'findings.acknowledge');
	type(session, 'a known loss');
	for (const size of sizes) {
		const frame = frameOf(session.state, size);
		expect(frame).toContain('Acknowledge a loss');
		expect(frame).toMatch(/pgdb1 → pgdb2: acknowledged writes are lost, the first/);
		expect(frame).toContain('a known loss_');
		expect(frame).toContain('audit log');
	}
});
