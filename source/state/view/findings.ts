/** The findings, worst first: evidence with source and age, the effect on clients, and the remedy. */

import {describeLoss, nameOfChange} from '../../domain/cluster/loss-text.ts';
import {sourceName} from '../../domain/cluster/source-kinds.ts';
import type {Command} from '../../domain/commands.ts';
import type {SourceId} from '../../domain/facts.ts';
import {advice, effectOn} from '../../domain/findings/advice.ts';
import {type Evidence, keyOfFinding, type ShownFinding} from '../../domain/findings/finding.ts';
import {byRoot} from '../../domain/findings/roots.ts';
import {plainMatcher} from '../../domain/logs/matcher.ts';
import {bindingOf} from '../../keymap/keymap.ts';
import {age, forAge} from '../../lib/format.ts';
import {wordsOfFinding} from '../selection.ts';
import type {ClusterSnapshot, Prompt} from '../state.ts';
import {cell, type Line, type PaneRows} from './cells.ts';
import {findingWords, judgeCluster, severityTones} from './verdict.ts';

/** Columns before a finding's text. */
const indent = 10;

/** What the keys of the overlay have changed; without it nothing is selected, and all consequences are shown. */
type Folding = {selected?: string | undefined; expanded?: readonly string[]; filter?: string | undefined};

export function findingsPane(shown: ClusterSnapshot, folding?: Folding): PaneRows {
	const {findings, verdict} = judgeCluster(shown);
	const {test} = plainMatcher(folding?.filter ?? '');
	const contains = (finding: ShownFinding) => test(wordsOfFinding(finding));
	const groups = byRoot(findings).filter(
		({root, consequences}) => contains(root) || consequences.some(contains),
	);
	const keys = groups.map(({root}) => keyOfFinding(root));
	const wanted = keys.indexOf(folding?.selected ?? '');
	const selected = folding === undefined ? undefined : Math.max(0, wanted);
	const blocks = groups.map(({root, consequences}, index) => {
		// What the filter found in a consequence is seen.
		const isFound = folding?.filter && !contains(root);
		const isFolded = folding !== undefined && !folding.expanded?.includes(keys[index] ?? '') && !isFound;
		return [
			...(index === 0 ? [] : [[cell('')]]),
			...oneRoot(root, consequences, shown, {isFolded, isSelected: index === selected}),
		];
	});
	// The first line of a later block is empty.
	const above = blocks.slice(0, selected ?? 0).flat().length;
	return {
		title: 'Findings',
		status: cell(verdict.toUpperCase(), severityTones[verdict]),
		lines: findings.length === 0 ? [[cell('no findings', 'good')]] : blocks.flat(),
		...(selected === undefined || groups.length === 0 ? {} : {anchor: above === 0 ? 0 : above + 1}),
		wraps: true,
		indent,
		table: undefined,
	};
}

/** The question for the reason why a loss is acknowledged. */
export function acknowledgePane(
	{cluster, now}: ClusterSnapshot,
	{change: id, text, problem}: Prompt,
): PaneRows {
	const change = cluster.leaders?.changes.find(one => one.id === id);
	return {
		title: 'Acknowledge a loss',
		status: cell('Enter acknowledges it, Esc goes back', 'dim'),
		lines: [
			...(problem === undefined ? [] : [[cell(problem, 'bad')]]),
			[
				cell(
					change === undefined
						? 'this finding is gone'
						: `${nameOfChange(change)}: ${describeLoss(change, now)}`,
					'strong',
				),
			],
			[cell('reason  '), cell(`${text}_`, 'strong')],
			[cell('The finding ends; the reason goes to the timeline and the audit log. Nothing is sent.', 'dim')],
		],
		wraps: true,
		table: undefined,
	};
}

function oneRoot(
	root: ShownFinding,
	consequences: readonly ShownFinding[],
	{now, target}: ClusterSnapshot,
	{isFolded, isSelected}: {isFolded: boolean; isSelected: boolean},
): Line[] {
	const {id, severity, evidence, about} = root;
	const {remedy, command} = advice[id];
	const key = command === undefined || target.operations === 'disabled' ? '' : keyFor(command, about);
	// A consequence may be what clients notice.
	const felt = [root, ...consequences].find(one => advice[one.id].felt) ?? root;
	return [
		[
			cell(`${isSelected ? '▸' : ''}${severity.toUpperCase()}`.padEnd(indent), severityTones[severity]),
			cell(findingWords(root, now), 'strong'),
		],
		[cell(' '.repeat(indent)), cell(held(root, now), 'dim')],
		...evidence.map(one => evidenceLine(one, now)),
		labelLine('clients', effectOn(felt)),
		labelLine('do', `${remedy}${key}`),
		...(isFolded ? foldedLine(consequences) : consequences.map(one => consequenceLine(one, now))),
	];
}

/** How many consequences there are, with the words of the first. */
function foldedLine(consequences: readonly ShownFinding[]): Line[] {
	const [first] = consequences;
	if (first === undefined) {
		return [];
	}

	const more = consequences.length - 1;
	return [
		[
			cell('  └ '.padStart(indent), 'dim'),
			cell(`${consequences.length} ${more === 0 ? 'consequence' : 'consequences'}: `),
			cell(`${first.text}${more === 0 ? '' : `, and ${more} more`}`, 'dim'),
		],
	];
}

/** For how long; of one that comes and goes, how often. */
function held({since, flaps, until}: ShownFinding, now: number): string {
	return flaps === undefined
		? forAge(since, now)
		: `${until === undefined ? '' : 'not now; '}flapping: ${flaps} times in a minute`;
}

/** One line without a remedy, which the root has. */
function consequenceLine(finding: ShownFinding, now: number): Line {
	const {severity, evidence} = finding;
	const sources = evidence.map(({source, at}) => sourceAndAge(source, at, now));
	const isStale = evidence.some(({fresh}) => !fresh);
	return [
		cell('  └ '.padStart(indent), 'dim'),
		cell(findingWords(finding, now), severityTones[severity]),
		cell(
			sources.length === 0 ? '' : `  (${isStale ? 'STALE: ' : ''}${[...new Set(sources)].join('; ')})`,
			'dim',
		),
	];
}

/** A key that works here; otherwise the row to select in the panes first. */
function keyFor(command: Command, about: string | undefined): string {
	const binding = bindingOf(command);
	const key = binding?.keys[0];
	if (key === undefined) {
		return '';
	}

	return binding?.modes?.includes('findings')
		? ` [${key}]`
		: ` [Esc, ${about === undefined ? '' : `select ${about}, `}${key}]`;
}

function evidenceLine({text, source, at, fresh}: Evidence, now: number): Line {
	return [
		cell('  seen'.padEnd(indent)),
		cell(fresh ? '' : 'STALE: ', 'warn'),
		cell(text, fresh ? 'plain' : 'dim'),
		cell(`  (${sourceAndAge(source, at, now)})`, 'dim'),
	];
}

/** `REST of pgdb1, 2s ago` */
function sourceAndAge(source: SourceId | undefined, at: number | undefined, now: number): string {
	const old = at === undefined ? undefined : Math.max(0, now - at);
	const when = old === undefined ? 'never' : old < 1000 ? 'just now' : `${age(old)} ago`;
	return source === undefined
		? at === undefined
			? 'no source'
			: `this console, ${when}`
		: `${sourceName(source)}, ${when}`;
}

function labelLine(label: string, text: string): Line {
	return [cell(`  ${label}`.padEnd(indent), 'dim'), cell(text)];
}
