/** The setting `vip`: an address, one VIP in full, or a list of either. */
import * as z from 'zod';
import type {Vip} from '../domain/target.ts';
import {strictSection} from './setting-kinds.ts';

const address = z.union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address');
const vipInFull = strictSection({
	address,
	manager: z
		.enum(['keepalived', 'vip-manager', 'other'], 'must be keepalived, vip-manager or other')
		.optional(),
	follows: z.enum(['leader', 'none'], 'must be leader or none').optional(),
});
const addressOf = (one: string | {address: string}) => (typeof one === 'string' ? one : one.address);
const vipList = z
	.array(z.union([address, vipInFull]), 'must be an address, {address: …}, or a list of them')
	.min(1, 'must name an address')
	.refine(list => new Set(list.map(addressOf)).size === list.length, 'names an address twice');

export const vipSetting = z.union([address, vipInFull, vipList]);

/** What moves a VIP decides what it follows, unless `follows` says otherwise: vip-manager puts it on the leader. */
export function vipsIn(setting: z.infer<typeof vipSetting> | undefined): readonly Vip[] {
	const all = setting === undefined ? [] : Array.isArray(setting) ? setting : [setting];
	return all.map(one => {
		const {address: at, manager = 'keepalived', follows} = typeof one === 'string' ? {address: one} : one;
		return {address: at, manager, follows: follows ?? (manager === 'vip-manager' ? 'leader' : 'none')};
	});
}
