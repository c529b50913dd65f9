/** Tones as styles of the terminal; colour is always an addition to words. */
import chalk, {Chalk, type ChalkInstance} from 'chalk';
import {createContext, useContext} from 'react';
import {type TagTone, type Tone, tagTones} from '../state/view/cells.ts';

export type Theme = Readonly<Record<Tone | 'selected', (text: string) => string>>;

/** The sixteen named colours: they follow the operator's palette and work everywhere. */
function colours(style: ChalkInstance): Theme {
	return {
		plain: text => text,
		strong: style.bold,
		good: style.green,
		warn: style.yellow,
		bad: style.red.bold,
		dim: style.dim,
		selected: style.inverse,
		match: style.black.bgYellow,
		tag0: style.cyan,
		tag1: style.magenta,
		tag2: style.blueBright,
		tag3: style.greenBright,
		tag4: style.cyanBright,
		tag5: style.magentaBright,
		tag6: style.yellowBright,
		tag7: style.blue,
		tag8: style.whiteBright,
	};
}

function monochrome(style: ChalkInstance): Theme {
	const plain = (text: string) => text;
	const tags = Object.fromEntries(tagTones.map(tone => [tone, plain])) as Record<TagTone, typeof plain>;
	return {
		...colours(style),
		good: plain,
		warn: style.bold,
		bad: style.bold,
		match: style.bold.underline,
		...tags,
	};
}

/** https://no-color.org: any value but the empty one turns colours off; bold, dim and inverse stay. */
export function themeFor(environment: Readonly<Record<string, string | undefined>>): Theme {
	return environment.NO_COLOR ? monochrome(chalk) : colours(chalk);
}

/** For the full screen: without known colours it can still show the selected row. */
export function screenTheme(environment: Readonly<Record<string, string | undefined>>): Theme {
	return chalk.level === 0 ? monochrome(new Chalk({level: 1})) : themeFor(environment);
}

export const ThemeContext = createContext<Theme>(themeFor({}));

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
