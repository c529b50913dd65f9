/** The question before an operation: target, fields, what is sent to the letter, and all that was checked. */
import {describe} from '../../domain/operations/operation.ts';
import {requestLines} from '../../domain/operations/request.ts';
import {type Dialog, dialogChecks, type Field, fields, textField, typedName} from '../dialog.ts';
import {type Cell, cell, type Line, type PaneRows, type Tone} from '../rows.ts';
import type {State} from '../state.ts';
import {zones} from '../words.ts';

const signs = {ok: 'ok     ', warning: 'WARNING', blocking: 'BLOCKED'} as const;
const tones = {ok: 'good', warning: 'warn', blocking: 'bad'} as const;

export function dialogPane(state: State, dialog: Dialog): PaneRows {
	const {frozen, problem} = dialog;
	const checks = dialogChecks(dialog, state);
	return {
		title: headline(describe(dialog.operation)),
		witness: cell(
			frozen.leader === undefined
				? 'asked while nobody led'
				: `asked while ${frozen.leader} led, revision ${frozen.leaderRevision}`,
			'dim',
		),
		lines: [
			...(problem === undefined ? [] : [[cell(problem, 'bad')]]),
			choices(state, dialog),
			...fields(dialog, state)
				.filter(field => field !== 'cancel' && field !== 'send')
				.map(field => fieldLine(state, dialog, field)),
			...sent(state, dialog),
			...dialog.difference.map(line => [
				cell(line, line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'dim'),
			]),
			...checks.map(({level, text, rule}) => [
				cell(`${signs[level]} `, tones[level]),
				cell(text),
				cell(rule === undefined ? '' : `: Patroni's rule: ${rule}`, 'dim'),
			]),
		],
		wraps: true,
		table: undefined,
	};
}

function headline(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Which key does what; the choice that Enter takes is marked. */
function choices(state: State, dialog: Dialog): Line {
	const {focus} = dialog;
	const name = typedName(dialog, state);
	const verb = state.target.hands === 'dry-run' ? 'show it (dry run)' : 'send it';
	const mark = (field: Field, text: string, tone: Tone): Cell =>
		cell(focus === field ? `[▸ ${text}]` : ` ${text} `, focus === field ? 'strong' : tone);
	return name === undefined
		? [mark('cancel', 'Back', 'plain'), cell('  '), mark('send', `y  ${verb}`, 'warn')]
		: [mark('cancel', 'Back', 'plain'), cell(`  type ${name} and press Enter to ${verb}`, 'warn')];
}

const labels: Readonly<Record<Exclude<Field, 'cancel' | 'send'>, string>> = {
	candidate: 'to',
	when: 'when',
	pendingOnly: 'only if pending',
	fromLeader: 'from the leader',
	pauseFirst: 'pause first',
	reason: 'reason',
	name: 'name',
};

function fieldLine(state: State, dialog: Dialog, field: Exclude<Field, 'cancel' | 'send'>): Line {
	const has = dialog.focus === field || textField(dialog, state) === field;
	return [
		cell(`${has ? '▸' : ' '} ${labels[field].padEnd(16)}`, has ? 'strong' : 'dim'),
		...value(state, dialog, field, has),
	];
}

function value(state: State, dialog: Dialog, field: Exclude<Field, 'cancel' | 'send'>, has: boolean): Cell[] {
	const {operation} = dialog;
	switch (field) {
		case 'candidate': {
			return operation.kind === 'switchover' ? [cell(`‹ ${operation.candidate} ›`, 'strong')] : [];
		}

		case 'pendingOnly': {
			return operation.kind === 'restart' ? yesOrNo(operation.pendingOnly) : [];
		}

		case 'fromLeader': {
			return operation.kind === 'reinitialize' ? yesOrNo(operation.fromLeader) : [];
		}

		case 'pauseFirst': {
			return operation.kind === 'service' ? yesOrNo(operation.pauseFirst) : [];
		}

		case 'when': {
			const at = 'at' in operation ? operation.at : undefined;
			return [
				cell(`${dialog.when}${has ? '_' : ''}`, 'strong'),
				cell(
					dialog.when === ''
						? `${has ? '' : 'now'}  (now, +10m, 14:30, 2026-11-24 02:00)`
						: at === undefined
							? ''
							: `  ${zones(at, state.now)}`,
					'dim',
				),
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

function yesOrNo(is: boolean): Cell[] {
	return [cell(`‹ ${is ? 'yes' : 'no'} ›`, 'strong')];
}

function sent(state: State, {requests}: Dialog): Line[] {
	const verb = state.target.hands === 'dry-run' ? 'would send' : 'sends';
	return requests.flatMap((request, index) =>
		requestLines(request).map((line, part) => [
			cell((part > 0 ? '' : index === 0 ? verb : 'then').padEnd(11), 'dim'),
			cell(line),
		]),
	);
}
