/** The whole screen as a function of the state and its size; keys go out as commands. */
import {Box, useInput} from 'ink';
import type {Intent} from '../domain/events.ts';
import {commandFor} from '../keymap.ts';
import {cell} from '../state/rows.ts';
import {layerPane} from '../state/selectors/layer.ts';
import {verdictLine} from '../state/selectors/verdict.ts';
import {mode, type State, topLayer} from '../state/state.ts';
import {isTyping} from '../state/typing.ts';
import {keyName} from './key-name.ts';
import {fitLine} from './layout.ts';
import {Panes} from './panes.tsx';
import {Footer} from './parts/footer.tsx';
import {Help} from './parts/help.tsx';
import {Line} from './parts/line.tsx';
import {Pane} from './parts/pane.tsx';
import {ThemeContext} from './parts/theme-context.ts';
import {Title} from './parts/title.tsx';
import type {Theme} from './theme.ts';

export type AppProps = {
	state: State;
	width: number;
	height: number;
	theme: Theme;
	onIntent: (intent: Intent) => void;
};

/** Below this the panes can't be read. */
export const smallest = {width: 60, height: 16};

/** Title, verdict and footer. */
const fixedRows = 3;

export function App({state, width, height, theme, onIntent}: AppProps) {
	useInput((input, key) => {
		const name = keyName(input, key);
		const typing = isTyping(state);
		const command = name === undefined ? undefined : commandFor(name, mode(state), typing);
		if (command !== undefined) {
			onIntent({type: 'command', command});
		} else if (typing && input !== '' && !key.ctrl && !key.meta && !key.escape) {
			onIntent({type: 'typed', text: input});
		}
	});
	return (
		<ThemeContext value={theme}>
			<Box flexDirection="column" width={width} height={height} overflow="hidden">
				{width < smallest.width || height < smallest.height ? (
					<TooSmall width={width} height={height} />
				) : (
					<>
						<Title state={state} width={width} />
						<Main state={state} width={width} height={height - fixedRows} />
						<Line cells={fitLine([cell(' '), ...verdictLine(state)], width)} />
						<Footer mode={mode(state)} width={width} />
					</>
				)}
			</Box>
		</ThemeContext>
	);
}

function Main({state, width, height}: {state: State; width: number; height: number}) {
	const layer = topLayer(state.view);
	if (layer?.kind === 'help') {
		return <Help width={width} height={height} />;
	}

	const rows = layerPane(state);
	return layer === undefined || rows === undefined ? (
		<Panes state={state} width={width} height={height} />
	) : (
		<Pane rows={rows} width={width} height={height} scroll={layer.scroll} focused />
	);
}

function TooSmall({width, height}: {width: number; height: number}) {
	const text = `${width}x${height} is too small: at least ${smallest.width}x${smallest.height}, or q to quit`;
	return <Line cells={fitLine([cell(text, 'warn')], width)} />;
}
