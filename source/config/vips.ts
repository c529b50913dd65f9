/** The setting `vip`: an address, one VIP in full, or a list of either. */
import type {Vip} from '../domain/target.ts';
import type {SettingsContent} from './schema.ts';

type Setting = SettingsContent['pgha-top']['vip'];

/** What moves a VIP decides what it follows, unless `follows` says otherwise: vip-manager puts it on the leader. */
export function vipsIn(setting: Setting): readonly Vip[] {
	const all = setting === undefined ? [] : Array.isArray(setting) ? setting : [setting];
	return all.map(one => {
		const {address, manager = 'keepalived', follows} = typeof one === 'string' ? {address: one} : one;
		return {address, manager, follows: follows ?? (manager === 'vip-manager' ? 'leader' : 'none')};
	});
}
