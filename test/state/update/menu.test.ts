/** Random events: a request is sent only by an answer to a valid question, and only once. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {dynamicConfig, leaderKey} from '../../../source/domain/cluster/keys.ts';
import type {Event} from '../../../source/domain/events.ts';
import type {Entry} from '../../../source/domain/facts.ts';
import {subjectOf} from '../../../source/domain/operations/operation.ts';
import {requestLines} from '../../../source/domain/operations/request.ts';
import {isOpen} from '../../../source/domain/operations/run.ts';
import {isBlocked} from '../../../source/domain/operations/types.ts';
import type {Target} from '../../../source/domain/target.ts';
import {entriesMax} from '../../../source/domain/timeline/timeline.ts';
import type {Effect} from '../../../source/state/effects.ts';
import {operationContext, selectedRow} from '../../../source/state/selection.ts';
import {type State, topOverlay} from '../../../source/state/state.ts';
import {dialogConfirmationName, dialogPreconditions} from '../../../source/state/update/dialog.ts';
import {update} from '../../../source/state/update.ts';
import {dialogPane} from '../../../source/state/view/dialog.ts';
import {statusNotice} from '../../../source/state/view/verdict.ts';
import {healthyFacts} from '../../support/captures.ts';
import {type Happening, storms} from '../../support/random-events.ts';
import {Session, start, target} from '../../support/session.ts';

const began = (operations: Target['operations']) =>
	new Session({...target, operations}).at(0, ...healthyFacts('trixie')).state;

type Moment = {before: State; event: Event; after: State; effects: readonly Effect[]};

function* play(first: State, storm: readonly Happening[]): Generator<Moment> {
	let state = first;
	let now = start;
	let revision = 100_000;
	for (const {seconds, event: make} of storm) {
		now += seconds * 1000 + 10;
		revision++;
		const event = make(state, revision);
		const before = state;
		const [after, effects] = update(before, {at: now, event});
		state = after;
		yield {before, event, after, effects};
	}
}

const sends = (effects: readonly Effect[]) => effects.filter(effect => effect.type === 'operation.send');

/** What must hold for a request that an answer to a question has sent. */
function expectConfirmed(
	{before, event, after}: Moment,
	{run, request}: Effect & {type: 'operation.send'},
): void {
	const dialog = topOverlay(before.view);
	if (event.type !== 'command' || dialog?.kind !== 'dialog') {
		throw new Error(`sent without a question: ${JSON.stringify(request)} at ${JSON.stringify(event)}`);
	}

	expect(before.view.frozen).toBeUndefined();
	expect(['dialog.yes', 'dialog.enter']).toContain(event.command);
	expect(event.question ?? dialog.question).toBe(dialog.question);
	const then = {...before, now: after.now};
	expect(dialog.guard.leader).toBe(leaderKey(before.cluster)?.member);
	expect(dialog.guard.leaderRevision).toBe(leaderKey(before.cluster)?.modRevision);
	expect(isBlocked(dialogPreconditions(dialog, then))).toBe(false);
	const name = dialogConfirmationName(dialog, then);
	if (name !== undefined) {
		expect(event.command).toBe('dialog.enter');
		expect(dialog.name).toBe(name);
	}

	if (event.command === 'dialog.yes') {
		expect(['when', 'reason', 'name']).not.toContain(dialog.focus);
	} else {
		expect(['send', 'name']).toContain(dialog.focus);
	}

	expect(request).toEqual(dialog.requests[0]);
	const shown = dialogPane(before, dialog)
		.lines.map(line => line.map(({text}) => text).join(''))
		.join('\n');
	for (const line of requestLines(request)) {
		expect(shown).toContain(line);
	}

	expect(before.runs.map(({id}) => id)).not.toContain(run);
	expect(after.runs.at(-1)).toMatchObject({id: run, sent: 1});
}

/** A question that a key has just opened applies to the target row that the screen showed. */
function expectAboutShown({before, event, after}: Moment): string | undefined {
	const dialog = topOverlay(after.view);
	if (
		event.type !== 'command' ||
		dialog?.kind !== 'dialog' ||
		after.view.questions === before.view.questions
	) {
		return undefined;
	}

	const {operation} = dialog;
	const meant =
		'node' in operation
			? operation.node
			: 'member' in operation
				? operation.member
				: operation.kind === 'failover'
					? operation.candidate
					: undefined;
	const overlay = topOverlay(before.view);
	const shown =
		overlay?.kind === 'menu'
			? [overlay.subject.member, overlay.subject.node]
			: overlay?.kind === 'details'
				? [overlay.member]
				: overlay === undefined
					? Object.values(subjectOf(operationContext(before), selectedRow(before) ?? ''))
					: [];
	if (operation.kind === 'switchover') {
		expect(shown.includes(operation.leader) || shown.includes(operation.candidate)).toBe(true);
	} else if (meant !== undefined) {
		expect(shown).toContain(meant);
	}

	return overlay?.kind ?? 'panes';
}

/** What must hold at any time. */
function expectTrueWords({after}: Moment): void {
	expect(after.timeline.length).toBeLessThanOrEqual(entriesMax);
	if (/still running; press again/.test(statusNotice(after)?.text ?? '')) {
		expect(after.runs.some(isOpen)).toBe(true);
	}
}

/** What must hold for the request after a pause. */
function expectBehindPause({before, after}: Moment, {run, request}: Effect & {type: 'operation.send'}): void {
	const was = before.runs.find(({id}) => id === run);
	expect(was).toMatchObject({sent: 1, operation: {kind: 'service', service: 'patroni', pauseFirst: true}});
	expect(was?.outcome).toBeUndefined();
	expect(request).toEqual(was?.requests[1]);
	expect(after.runs.find(({id}) => id === run)?.sent).toBe(2);
	expect(dynamicConfig(after.cluster)?.pause).toBe(true);
	for (const name of ['pgdb1', 'pgdb2']) {
		expect(after.cluster.keys.get(`members/${name}`)?.value).toMatchObject({data: {pause: true}});
	}

	expect(leaderKey(after.cluster)?.member).toBe(was?.guard.leader);
	expect(leaderKey(after.cluster)?.modRevision).toBe(was?.guard.leaderRevision);
}

const problemOf = ({view}: State) => {
	const overlay = topOverlay(view);
	return overlay?.kind === 'dialog' ? overlay.problem : undefined;
};

/** A full timeline: one more entry drops the oldest. */
const fullTimeline = Array.from(
	{length: entriesMax},
	(_, index): Entry => ({at: start, kind: 'member', turn: 'news', text: `entry ${index}`}),
);

const runs = 250;
/** A busy machine must not fail the test. */
const timeout = 120_000;

describe('under random events', () => {
	it(
		'only a shown request is sent, once, by an answer to a valid question',
		() => {
			const first = {...began('enabled'), timeline: fullTimeline};
			const reached: Record<string, number> = {};
			const count = (what: string) => {
				reached[what] = (reached[what] ?? 0) + 1;
			};
			fc.assert(
				fc.property(storms, storm => {
					const sent = new Set<string>();
					for (const moment of play(first, storm)) {
						const {before, event} = moment;
						const all = sends(moment.effects);
						expectTrueWords(moment);
						const asked = expectAboutShown(moment);
						if (asked !== undefined) {
							count(`asked from ${asked}`);
						}

						if (/frozen/.test(problemOf(moment.after) ?? '')) {
							count('frozen');
						}

						expect(all.length).toBeLessThanOrEqual(1);
						for (const effect of all) {
							const second = before.runs.some(({id}) => id === effect.run);
							const id = `${effect.run} ${second}`;
							expect(sent).not.toContain(id);
							sent.add(id);
							(second ? expectBehindPause : expectConfirmed)(moment, effect);
							count(second ? 'second' : (moment.after.runs.at(-1)?.operation.kind ?? ''));
						}

						if (event.type === 'command' && /^dialog\.(yes|enter)$/.test(event.command)) {
							const overlay = topOverlay(moment.after.view);
							count(
								all.length > 0
									? 'confirmed'
									: overlay?.kind === 'dialog' && overlay.problem !== undefined
										? 'refused'
										: 'nothing',
							);
						}
					}
				}),
				{numRuns: runs},
			);
			// A property that is never checked always holds.
			expect(reached.confirmed).toBeGreaterThan(runs / 4);
			expect(reached.refused).toBeGreaterThan(20);
			expect(reached.second).toBeGreaterThan(5);
			expect(reached.frozen).toBeGreaterThan(3);
			expect(reached['asked from details']).toBeGreaterThan(3);
			expect(Object.keys(reached).length, Object.keys(reached).join()).toBeGreaterThan(9);
		},
		timeout,
	);

	it.each(['disabled', 'dry-run'] as const)(
		'nothing is sent or logged with operations %s',
		operations => {
			const first = began(operations);
			fc.assert(
				fc.property(storms, storm => {
					for (const {effects, after} of play(first, storm)) {
						expect(effects.filter(({type}) => type === 'operation.send' || type === 'audit')).toEqual([]);
						expect(after.runs).toEqual([]);
					}
				}),
				{numRuns: 80},
			);
		},
		timeout,
	);
});
