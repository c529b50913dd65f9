/** The question before an operation or a drill, as lines. */

import {describeDrill, type GoalId, goalIds, stagesOf} from '../../domain/drill/types.ts';
import {goalNames} from '../../domain/drill/verdict.ts';
import type {OperationField} from '../../domain/operations/catalog/definition.ts';
import {describe, fieldOf} from '../../domain/operations/operation.ts';
import {waitText} from '../../domain/operations/preparation.ts';
import {requestLines} from '../../domain/operations/request.ts';
import {isBlocked, type Precondition} from '../../domain/operations/types.ts';
import {duration, zones} from '../../lib/format.ts';
import {exampleWhen} from '../../lib/parse-time.ts';
import type {Dialog, Field, State} from '../state.ts';
import {dialogConfirmationName, dialogPreconditions, fields, textField} from '../update/dialog.ts';
import {drillOf} from '../update/drill-run.ts';
import {type Cell, cell, type Line, type PaneRows, type Tone} from './cells.ts';
import {placeCells} from './drill.ts';
import {countsOf, preconditionLines} from './preconditions.ts';

export function dialogPane(state: State, dialog: Dialog): PaneRows {
	const {guard, problem} = dialog;
	const checks = dialogPreconditions(dialog, state);
	return {
		title: headline(titleOf(dialog)),
		status: cell(
			guard.leader === undefined
				? 'asked while there was no leader'
				: `asked while ${guard.leader} led, revision ${guard.leaderRevision}`,
			'dim',
		),
		lines: [
			...(problem === undefined ? [] : [[cell(problem, 'bad')]]),
			choices(state, dialog, checks),
			...fields(dialog, state)
				.filter(field => field !== 'cancel' && field !== 'send')
				.map(field => fieldLine(state, dialog, field)),
			...sent(state, dialog),
			...recordingLines(state, dialog),
			...dialog.difference.map(line => [
				cell(line, line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'dim'),
			]),
			...preconditionLines(checks),
			...plan(dialog),
		],
		wraps: true,
		table: undefined,
	};
}

function headline(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The keys for the choices; the one that Enter takes is marked. */
function choices(state: State, dialog: Dialog, checks: readonly Precondition[]): Line {
	const {focus} = dialog;
	const name = dialogConfirmationName(dialog, state);
	const verb =
		state.target.operations === 'dry-run'
			? 'show it (dry run)'
			: dialog.drill === undefined
				? 'send it'
				: 'begin the drill';
	const mark = (field: Field, text: string, tone: Tone): Cell =>
		cell(focus === field ? `[▸ ${text}]` : ` ${text} `, focus === field ? 'strong' : tone);
	if (isBlocked(checks)) {
		return [mark('cancel', 'Back', 'plain'), cell('  blocked: nothing can be sent', 'bad')];
	}

	const count = countsOf(checks);
	const counts = count === '' ? [] : [cell(`  ${count}`, 'dim')];
	// A letter goes to the text field that has the focus.
	const isText = textField(dialog, state) !== undefined;
	return name === undefined
		? [
				mark('cancel', 'Back', 'plain'),
				cell('  '),
				mark('send', isText ? `${verb}: Tab out of the text, then y` : `y  ${verb}`, 'warn'),
				...counts,
			]
		: [mark('cancel', 'Back', 'plain'), cell(`  type ${name} and press Enter to ${verb}`, 'warn'), ...counts];
}

const labels = {goal: 'goal', reason: 'reason', name: 'name'} as const;

type InputField = Exclude<Field, 'cancel' | 'send'>;

function fieldLine(state: State, dialog: Dialog, id: InputField): Line {
	const isFocused = dialog.focus === id;
	// Typed text may go to a field without the focus: the cursor shows that, while the mark stays at what Enter takes.
	const has = isFocused || textField(dialog, state) === id;
	const shared = id === 'goal' || id === 'reason' || id === 'name';
	const own = shared ? undefined : fieldOf(dialog.operation, id);
	const label = shared ? labels[id] : (own?.label ?? id);
	return [
		cell(`${isFocused ? '▸' : ' '} ${label.padEnd(16)}`, has ? 'strong' : 'dim'),
		...(shared ? sharedValue(dialog, id, has) : own === undefined ? [] : ownValue(state, dialog, own, has)),
	];
}

function ownValue(state: State, {operation, when}: Dialog, field: OperationField, has: boolean): Cell[] {
	if (field.input === 'choice') {
		return [cell(`‹ ${field.value(operation)} ›`, 'strong')];
	}

	const at = field.value(operation);
	return [
		cell(`${when}${has ? '_' : ''}`, 'strong'),
		cell(
			when === ''
				? `${has ? '' : 'now'}  (now, +10m, 14:30, ${exampleWhen(state.now)})`
				: at === undefined
					? ''
					: `  ${zones(at, state.now)}`,
			'dim',
		),
	];
}

function sharedValue(dialog: Dialog, id: keyof typeof labels, has: boolean): Cell[] {
	switch (id) {
		case 'goal': {
			const typed = dialog.drill?.goals ?? '';
			return [
				cell(`${typed}${has ? '_' : ''}`, 'strong'),
				cell(typed === '' ? `${has ? '' : 'none'}  (5s; leaderless=3s vip=2s redundancy=60s)` : '', 'dim'),
			];
		}

		case 'reason': {
			return [
				cell(`${dialog.reason}${has ? '_' : ''}`, 'strong'),
				cell(dialog.reason === '' ? '  (for the audit log, if you like)' : '', 'dim'),
			];
		}

		case 'name': {
			return [cell(`${dialog.name}${has ? '_' : ''}`, 'strong')];
		}
	}
}

function titleOf(dialog: Dialog): string {
	const drill = drillOf(dialog);
	return drill === undefined ? describe(dialog.operation) : describeDrill(drill);
}

/** The file that the drill is recorded to. */
function recordingLines({recording, target}: State, {drill}: Dialog): Line[] {
	if (drill === undefined || target.operations === 'dry-run') {
		return [];
	}

	return [
		[
			cell('records    ', 'dim'),
			...placeCells(recording?.file ?? drill.prepared?.file ?? '…'),
			cell(recording === undefined ? '' : ', which is already running', 'dim'),
		],
	];
}

/** What will be done and measured, and the results of the last drill of this kind. */
function plan(dialog: Dialog): Line[] {
	const drill = drillOf(dialog);
	if (drill === undefined) {
		return [];
	}

	const earlier = dialog.drill?.prepared?.earlier;
	const stages = stagesOf(drill).map(({text, byOperator}) => `${text}${byOperator ? ' (by you)' : ''}`);
	const figure = (id: GoalId) => {
		const value = earlier?.last?.[id] ?? null;
		return `${goalNames[id]}${value === null ? '' : ` ${duration(value)}`}`;
	};
	const before =
		earlier === undefined || earlier.count === 0 ? '' : ` (times of the last drill of ${earlier.count})`;
	return [
		[cell('plan       ', 'dim'), cell(stages.join(' → '))],
		[
			cell('measures   ', 'dim'),
			cell(`${goalIds.map(figure).join(', ')}, acknowledged writes lost`),
			cell(before, 'dim'),
		],
	];
}

function sent(state: State, {requests, operation, drill}: Dialog): Line[] {
	if (drill?.kind === 'power-cut' && operation.kind === 'poweroff') {
		return [
			[
				cell('sends      ', 'dim'),
				cell(`nothing: you pull the plug of ${operation.node}, when the drill asks for it`),
			],
		];
	}

	const verb = state.target.operations === 'dry-run' ? 'would send' : 'sends';
	const waits = waitText(operation);
	return [
		...(waits === undefined ? [] : [[cell('waits      ', 'dim'), cell(waits)]]),
		...requests.flatMap((request, index) =>
			requestLines(request).map((line, part) => [
				cell((part > 0 ? '' : index === 0 ? verb : 'then').padEnd(11), 'dim'),
				cell(line),
			]),
		),
	];
}
