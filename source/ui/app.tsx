/** The whole screen as a function of the state and its size; keys go out as commands. */
import {Box, useInput} from 'ink';
import type {Command} from '../domain/events.ts';
import {commandFor} from '../keymap.ts';
import {cell} from '../state/rows.ts';
import {leaderPane} from '../state/selectors/leader.ts';
import {membersPane} from '../state/selectors/members.ts';
import {verdictLine} from '../state/selectors/verdict.ts';
import {vipPane} from '../state/selectors/vip.ts';
import type {State} from '../state/state.ts';
import {keyName} from './key-name.ts';
import {fitLine} from './layout.ts';
import {Footer} from './parts/footer.tsx';
import {Help} from './parts/help.tsx';
import {Line} from './parts/line.tsx';
import {Pane, paneHeight} from './parts/pane.tsx';
import {ThemeContext} from './parts/theme-context.ts';
import {Title} from './parts/title.tsx';
import type {Theme} from './theme.ts';

export type AppProps = {
	state: State;
	width: number;
	height: number;
	theme: Theme;
	onCommand: (command: Command) => void;
};

/** Below this the panes can't be read. */
export const smallest = {width: 60, height: 16};

/** Title, verdict and footer. */
const fixedRows = 3;

export function App({state, width, height, theme, onCommand}: AppProps) {
	useInput((input, key) => {
		const name = keyName(input, key);
		const command = name === undefined ? undefined : commandFor(name);
		if (command !== undefined) {
			onCommand(command);
		}
	});
	const room = height - fixedRows;
	return (
		<ThemeContext value={theme}>
			<Box flexDirection="column" width={width} height={height} overflow="hidden">
				{width < smallest.width || height < smallest.height ? (
					<TooSmall width={width} height={height} />
				) : (
					<>
						<Title state={state} width={width} />
						{state.view.help ? (
							<Help width={width} height={room} />
						) : (
							<Panes state={state} width={width} height={room} />
						)}
						<Line cells={fitLine([cell(' '), ...verdictLine(state)], width)} />
						<Footer width={width} />
					</>
				)}
			</Box>
		</ThemeContext>
	);
}

function Panes({state, width, height}: {state: State; width: number; height: number}) {
	const members = membersPane(state);
	const leader = leaderPane(state);
	const vip = vipPane(state);
	const lower = Math.max(paneHeight(leader), paneHeight(vip));
	const top = Math.max(3, Math.min(paneHeight(members), height - Math.min(lower, Math.ceil(height / 2))));
	const bottom = Math.min(lower, height - top);
	const left = Math.ceil(width / 2);
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Pane rows={members} width={width} height={top} />
			<Box width={width} height={bottom}>
				<Pane rows={leader} width={left} height={bottom} />
				<Pane rows={vip} width={width - left} height={bottom} />
			</Box>
		</Box>
	);
}

function TooSmall({width, height}: {width: number; height: number}) {
	const text = `${width}x${height} is too small: at least ${smallest.width}x${smallest.height}, or q to quit`;
	return <Line cells={fitLine([cell(text, 'warn')], width)} />;
}
