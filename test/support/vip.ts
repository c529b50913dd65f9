/** Nodes without the VIP: HAProxy and keepalived run on other machines. */
import type {Fact} from '../../source/domain/events.ts';
import {classicServices, unitsFact} from './captures.ts';

export function addressesFact(node: string, ...ips: readonly string[]): Fact {
	return {
		type: 'addresses.snapshot',
		source: `vip:${node}`,
		node,
		addresses: ips.map(ip => ({ip, interface: 'eth0'})),
	};
}

/** Their addresses, and systemd's report that the units of keepalived and HAProxy do not exist. */
export function withoutVip(...nodes: readonly string[]): Fact[] {
	return nodes.flatMap((node): Fact[] => {
		const there = unitsFact(node, classicServices);
		const units =
			there.type === 'units.snapshot'
				? there.units.map(unit =>
						unit.service === 'keepalived' || unit.service === 'haproxy'
							? {...unit, load: 'not-found', active: 'inactive', sub: 'dead'}
							: unit,
					)
				: [];
		return [
			addressesFact(node, '127.0.0.1'),
			{type: 'units.snapshot', source: `units:${node}`, node, units},
			{type: 'source.lost', source: `haproxy:${node}`, reason: 'connection refused', code: 'refused'},
		];
	});
}
