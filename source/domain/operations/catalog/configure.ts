/** A change of the dynamic configuration, made in the operator's editor. */
import {withoutSecrets} from '../../../lib/secrets.ts';
import {checkCredentials, checkDcs, checkOtherOperations, checkPause} from '../preconditions/common.ts';
import {configRequest, inOrder} from '../request.ts';
import type {OperationDefinition} from './definition.ts';

export const configure: OperationDefinition<'configure'> = {
	describe: () => 'change the dynamic configuration',
	requests: ({patch}, context) => inOrder(configRequest(context, patch)),
	preconditions: (_, context) => [
		...checkDcs(context),
		...checkPause(context, 'a change is applied all the same'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	],
	steps: () => [
		{
			id: 'written',
			text: "etcd's configuration has changed",
			essential: true,
			seen: ({frozen}, {cluster}) =>
				(cluster.keys.get('config')?.modRevision ?? 0) > (frozen.configRevision ?? 0),
		},
	],
	offers: () => [{label: 'edit the dynamic configuration', operation: {kind: 'configure', patch: {}}}],
	appliesTo: 'cluster',
	command: 'operation.configure',
	comparesRevisions: true,
	editsConfiguration: true,
	redact: operation => ({
		...operation,
		patch: Object.fromEntries(
			Object.entries(operation.patch).map(([name, value]) => [name, withoutSecrets(value, undefined, name)]),
		),
	}),
};
