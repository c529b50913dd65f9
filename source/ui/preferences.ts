/** Takes the operator's settings of the screen into effect. */
import {ConfigError, pointAt} from '../config/origin.ts';
import type {Preferences} from '../config/preferences.ts';
import {mistakesInFile, setKeys} from '../keymap/keymap.ts';

/** @throws ConfigError with the place of each key that cannot be used */
export function applyPreferences({keys, keysOfFiles, layers}: Preferences): void {
	const mistakes = keysOfFiles.flatMap(({keys: its, originOf}) =>
		mistakesInFile(its).map(
			({name, problem}) => `${pointAt(originOf(['pgha-top', 'keys', name]))}: ${problem}`,
		),
	);
	const problems = setKeys(keys).map(({name, problem}) =>
		layers.complaint(['pgha-top', 'keys', name], problem),
	);
	if (mistakes.length > 0 || problems.length > 0) {
		throw new ConfigError([...new Set([...mistakes, ...problems])].join('\n'));
	}
}
