/** A reload of a member's configuration, by Patroni. */

import {interpretAnswer} from '../patroni-answers.ts';
import {checkCredentials, checkDcs, checkRegistered, checkRest} from '../preconditions/common.ts';
import {inOrder, restRequest} from '../request.ts';
import type {OperationDefinition} from './definition.ts';

export const reload: OperationDefinition<'reload'> = {
	describe: ({member}) => `reload ${member}`,
	requests: ({member}, context) => inOrder(restRequest(context, member, 'POST', '/reload', {})),
	preconditions: ({member}, context) => [
		...checkDcs(context),
		...checkRegistered(context, member),
		...checkRest(context, member, ', which is asked'),
		...checkCredentials(context),
	],
	steps: ({member}) => [
		{
			id: 'accepted',
			text: `${member}'s Patroni took it on; nobody can see when PostgreSQL has read it`,
			essential: true,
			seen: ({answers}) =>
				answers.some(
					answer =>
						answer.kind === 'answered' && interpretAnswer(answer.status, answer.text).verdict === 'accepted',
				),
		},
	],
	offers: ({member}) =>
		member === undefined
			? []
			: [
					{
						label: `reload the configuration of ${member.name}`,
						operation: {kind: 'reload', member: member.name},
					},
				],
	appliesTo: 'member',
	command: 'operation.reload',
	comparesRevisions: false,
};
