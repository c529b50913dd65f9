/** The menu on the selected row: what can be done now, and why not the rest. */
import {offersFor} from '../../domain/operations/menu.ts';
import type {Subject} from '../../domain/operations/types.ts';
import {keyOfOffer} from '../../keymap/keymap.ts';
import {scheduledTime} from '../../lib/format.ts';
import {sceneOf} from '../running-operations.ts';
import type {State} from '../state.ts';
import {type Column, cell, type PaneRows} from './cells.ts';

const columns: readonly Column[] = [
	{title: 'Operation', align: 'left', rank: 0},
	{title: 'Key', align: 'left', rank: 1},
	{title: 'Now', align: 'left', rank: 0},
];

export function menuPane(state: State, subject: Subject): PaneRows {
	const {member, node} = subject;
	const all = offersFor(subject, sceneOf(state));
	return {
		title: `Operations: ${[member, node === member ? undefined : node].filter(Boolean).join(' on ') || 'the cluster'}`,
		witness: cell(
			state.target.hands === 'dry-run' ? 'dry run: nothing is sent' : 'each asks before it does anything',
			'dim',
		),
		lines: [],
		table: {
			columns,
			rows: all.map(({id, label, disabledReason: whyNot, warning: doubt, scheduledAt}) => ({
				id,
				cells: [
					cell(
						scheduledAt === undefined ? label : `${label} (${scheduledTime(scheduledAt, state.now)})`,
						whyNot === undefined ? 'strong' : 'dim',
					),
					cell(keyOfOffer(id) ?? '', 'dim'),
					whyNot === undefined
						? cell(doubt === undefined ? '' : `WARNING: ${doubt}`, 'warn')
						: cell(`no: ${whyNot}`, 'dim'),
				],
			})),
		},
	};
}
