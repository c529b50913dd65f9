/** Findings that an operation is in progress: the root of what it brings about. */
import {clock} from '../../../lib/format.ts';
import {type FindingContext, quoteDcs, quoteRest, seconds} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';
import {isRunningNow, nameOf, type RunningOperation} from '../running.ts';

export function runningFindings(context: FindingContext): Finding[] {
	return context.running
		.filter(one => isRunningNow(one, context.cluster, context.now))
		.map(one => ({
			...nameOf(one),
			severity: 'notice',
			text: `${one.text}, ${progressOf(one, context.now)}`,
			since: one.at,
			evidence: evidenceOf(context, one),
		}));
}

function progressOf({state, at, trace}: RunningOperation, now: number): string {
	const held = now - at < 1000 ? `running since ${clock(at, now)}` : `running for ${seconds(now - at)}`;
	switch (state) {
		case 'open': {
			return trace === undefined ? held : `${held}, not by this console`;
		}

		case 'unknown': {
			return `${held}, its result is not known yet`;
		}

		case 'ended':
		case 'taken': {
			return `${held}: clients do not follow yet`;
		}
	}
}

function evidenceOf(context: FindingContext, one: RunningOperation): Evidence[] {
	const {trace, by, at, step, members: names} = one;
	switch (trace) {
		case 'failover': {
			return [quoteDcs(context, `key \`failover\`: ${names.join(' → ')}`)];
		}

		case 'state': {
			return context.members.flatMap(member =>
				member.name === names[0] ? [quoteRest(context, member, member.rest?.value.state ?? '')] : [],
			);
		}

		case undefined: {
			return [
				{
					text: `confirmed${by === undefined ? '' : ` by ${by}`}, ${clock(at, context.now)}${step === undefined ? '' : `; seen: ${step}`}`,
					source: undefined,
					at,
					fresh: true,
				},
			];
		}
	}
}
