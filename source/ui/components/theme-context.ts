/** The theme, handed down to all that draw. */
import {createContext, useContext} from 'react';
import {type Theme, themeFor} from '../theme.ts';

export const ThemeContext = createContext<Theme>(themeFor({}));

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
