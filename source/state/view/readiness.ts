/** Whether a member could take over now, and what would follow if a machine died now: a cell, and lines of details. */
import type {Member} from '../../domain/cluster/member.ts';
import {lastWords, notNow, whyUnheard} from '../../domain/history/last-words.ts';
import {ifItDied, type Readiness, readinessOf} from '../../domain/operations/preconditions/readiness.ts';
import type {OperationContext, Precondition} from '../../domain/operations/types.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell, type Line} from './cells.ts';

const rules: Readonly<Record<(Readiness & {state: 'no'})['rule'], string>> = {
	unregistered: 'no key',
	state: 'not running',
	nofailover: 'nofailover',
	watchdog: 'watchdog',
	lag: 'lag',
	timeline: 'timeline',
	sync: 'not sync',
	paused: 'paused',
};

/** Without running operations, which do not change what a member could do. */
function contextOf({cluster, target, now}: ClusterSnapshot): OperationContext {
	return {cluster, target, now, running: []};
}

export function readinessCell(one: Member, shown: ClusterSnapshot): Cell {
	const readiness = readinessOf(one, contextOf(shown));
	switch (readiness.state) {
		case 'leads': {
			return cell('');
		}

		case 'yes': {
			return readiness.concern === undefined ? cell('yes', 'good') : cell('at risk', 'warn');
		}

		case 'no': {
			return cell(`no: ${rules[readiness.rule]}`, 'warn');
		}

		case 'unknown': {
			return cell('?', 'dim');
		}
	}
}

function readinessWords(readiness: Readiness): Cell {
	switch (readiness.state) {
		case 'leads': {
			return cell('it leads');
		}

		case 'yes': {
			return readiness.concern === undefined
				? cell('yes, now', 'good')
				: cell(`yes, at a risk: ${readiness.concern}`, 'warn');
		}

		case 'no': {
			return cell(`no: ${readiness.text}`, 'warn');
		}

		case 'unknown': {
			return cell(`not known: ${readiness.text}`, 'dim');
		}
	}
}

const labelWidth = 16;

export function readinessLine(one: Member, shown: ClusterSnapshot): Line {
	return [
		cell('could take over'.padEnd(labelWidth), 'dim'),
		readinessWords(readinessOf(one, contextOf(shown))),
	];
}

/** What Patroni decided last, and what PostgreSQL complained of last, by the log; no line where no log is read. */
export function wordLines(name: string, shown: ClusterSnapshot): Line[] {
	const {cluster, target, now} = shown;
	const words = lastWords(cluster, target, now, name);
	if (words === undefined) {
		const why = whyUnheard(cluster, target, now, name);
		return why === undefined
			? []
			: [[cell('Patroni says'.padEnd(labelWidth), 'dim'), cell(`not known: ${why}`, 'dim')]];
	}

	const line = (label: string, text: string, old: string | undefined): Line => [
		cell(label.padEnd(labelWidth), 'dim'),
		cell(
			old === undefined ? text : `${text}${words.isHeard ? '' : '?'}`,
			old === undefined ? undefined : 'dim',
		),
		...(old === undefined ? [] : [cell(`  ${old}`, words.isHeard ? 'dim' : 'warn')]),
	];
	const {decision, postgres} = words;
	return [
		...(decision === undefined ? [] : [line('Patroni says', decision.why, notNow(shown, words, decision))]),
		...(postgres === undefined
			? []
			: [line('PostgreSQL says', postgres.text, notNow(shown, words, {at: postgres.at, isNow: false}))]),
	];
}

const signs: Readonly<Record<Precondition['level'], Cell>> = {
	ok: cell('ok      ', 'good'),
	warning: cell('WARNING ', 'warn'),
	unknown: cell('UNKNOWN ', 'warn'),
	blocking: cell('NO      ', 'bad'),
};

/** What would follow if the machine died now, one line for each consequence. */
export function deathLines(node: string, shown: ClusterSnapshot): Line[] {
	return [
		[cell(`if ${node} died now`, 'strong')],
		...ifItDied(node, contextOf(shown)).map(({level, text}): Line => [signs[level], cell(text)]),
	];
}
