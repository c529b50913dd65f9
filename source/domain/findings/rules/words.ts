/** Findings by the last complaint in the log of a member's PostgreSQL, which it repeats while the cause lasts. */
import {complaintNow, lastWords} from '../../history/last-words.ts';
import {type FindingContext, quoteComplaint} from '../context.ts';
import type {Finding} from '../finding.ts';

export function wordFindings(context: FindingContext): Finding[] {
	return context.members.flatMap(({name}) => complaintFindings(context, name));
}

function complaintFindings(context: FindingContext, name: string): Finding[] {
	const words = lastWords(context.cluster, context.target, context.now, name);
	const word = complaintNow(words, context.now, 'postgres.disk-full', 'postgres.refused');
	if (word === undefined) {
		return [];
	}

	const {kind, why = word.text} = word.said;
	const evidence = quoteComplaint(context, name, kind);
	return kind === 'postgres.disk-full'
		? [
				{
					id: 'postgres.no-space',
					severity: name === context.leader ? 'critical' : 'degraded',
					text: `${name}: PostgreSQL finds no space: ${why}`,
					about: name,
					evidence,
				},
			]
		: [
				{
					id: 'sessions.refused',
					severity: 'degraded',
					text: `${name} refuses connections: ${why}`,
					about: name,
					evidence,
				},
			];
}
