/** Takes the operator's settings of the screen into effect. */
import {ConfigError} from '../config/origin.ts';
import type {Preferences} from '../config/preferences.ts';
import {setKeys} from '../keymap/keymap.ts';

/** @throws ConfigError with the place of each key that cannot be used */
export function applyPreferences({keys, layers}: Preferences): void {
	const problems = setKeys(keys);
	if (problems.length > 0) {
		throw new ConfigError(
			problems.map(({name, problem}) => layers.complaint(['pgha-top', 'keys', name], problem)).join('\n'),
		);
	}
}
