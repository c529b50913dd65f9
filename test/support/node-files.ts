/** Configuration files of a node, and what they say. */
import type {FileKind, NodeAnswer} from '../../source/discovery/node-files.ts';
import {factsOf, type ReadNode} from '../../source/discovery/read-node.ts';

const paths: Readonly<Record<FileKind, string>> = {
	patroni: '/etc/patroni/patroni.yml',
	haproxy: '/etc/haproxy/haproxy.cfg',
	keepalived: '/etc/keepalived/keepalived.conf',
	'vip-manager': '/etc/default/vip-manager.yml',
	pgbouncer: '/etc/pgbouncer/pgbouncer.ini',
	other: '/etc/keepalived/check.sh',
};

/** A node, at 10.0.0.N by the last digit of its name, with these texts in the usual places. */
export function aNode(
	name: string,
	files: Partial<Record<FileKind, string>>,
	answer: Partial<NodeAnswer> = {},
): ReadNode {
	return {
		name,
		facts: factsOf(`10.0.0.${name.at(-1)}`, {
			isWhole: true,
			hostname: name,
			files: Object.entries(files).map(([kind, text]) => ({
				kind: kind as FileKind,
				path: paths[kind as FileKind],
				text,
			})),
			unread: [],
			units: [],
			processes: [],
			...answer,
		}),
	};
}

/** :5000, :5001, and the statistics at :9000/ha. */
export const haproxyText = `
listen primary
 bind *:5000
 option httpchk OPTIONS /primary
 server a 10.0.0.1:5432 check port 8008
listen replicas
 bind *:5001
 option httpchk OPTIONS /replica
 server a 10.0.0.1:5432 check port 8008
listen stats
 bind *:9000
 mode http
 stats uri /ha
`;

/** 10.0.0.99, checked by /etc/keepalived/check.sh. */
export const keepalivedText = `
vrrp_script chk {
 script /etc/keepalived/check.sh
}
vrrp_instance VI {
 virtual_ipaddress {
  10.0.0.99/24 dev eth0
 }
 track_script {
  chk
 }
}
`;
