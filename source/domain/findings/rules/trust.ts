/** What is not sent to an address that the cluster names, because it was not configured to go there. */
import {etcdWithheld} from '../../cluster/etcd.ts';
import {type Withheld, withheldOnMembers} from '../../cluster/trust.ts';
import {type FindingContext, quote, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** So many are named; there may be as many as somebody has written into the DCS. */
const mostNamed = 8;

export function trustFindings(look: FindingContext): Finding[] {
	const {cluster, target} = look;
	const all = [...etcdWithheld(cluster, target), ...withheldOnMembers(cluster, target)];
	const more = all.length - mostNamed;
	return all.slice(0, mostNamed).map(
		(one, index): Finding => ({
			id: 'address.withheld',
			severity: 'unknown',
			text: `${sentence(one)}${more > 0 && index === mostNamed - 1 ? ` (and ${more} more addresses)` : ''}`,
			about: one.name,
			evidence: [evidenceOf(look, one)],
		}),
	);
}

function sentence({what, name, address, why}: Withheld): string {
	switch (what) {
		case 'etcd': {
			return `etcd ${name}: nothing is sent to ${address}: ${why}`;
		}

		case 'patroni': {
			return `${name}: nothing is sent to its REST API ${address}: ${why}`;
		}

		case 'haproxy': {
			return `${name}: the user for HAProxy is not sent to ${address}: ${why}`;
		}
	}
}

function evidenceOf(look: FindingContext, {what, name, address}: Withheld) {
	return what === 'etcd'
		? quote(look, look.cluster.etcd.members?.source ?? 'etcd:', `member list: ${name} at ${address}`)
		: quoteDcs(look, `key \`members/${name}\`: ${address}`);
}
