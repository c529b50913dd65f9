/** The whole screen as a function of the state and its size; keys become commands. */
import {Box, useInput} from 'ink';
import stringWidth from 'string-width';
import type {Intent} from '../domain/events.ts';
import {bindingFor, bindingsOf, type Stage} from '../keymap/keymap.ts';
import {clock} from '../lib/format.ts';
import {hasOperations, logOverlay, type Mode, mode, type State, topOverlay} from '../state/state.ts';
import {isTyping} from '../state/update.ts';
import {cell} from '../state/view/cells.ts';
import {operationLine} from '../state/view/operations.ts';
import {playbackLine} from '../state/view/playback.ts';
import {statusNotice, titleLine, verdictLine} from '../state/view/verdict.ts';
import type {Theme} from './components/pane.tsx';
import {Line, Pane, ThemeContext} from './components/pane.tsx';
import {intentsOf} from './input.ts';
import {Logs} from './logs.tsx';
import {overlayPlace, Panes, scrollBoundsOf} from './panes.tsx';
import {fitLine} from './table-layout.ts';

export type AppProps = {
	state: State;
	width: number;
	height: number;
	theme: Theme;
	onIntent: (intent: Intent) => void;
};

/** The minimum size for readable panes. */
export const minimum = {width: 60, height: 16};

/** Title, verdict and footer. */
const fixedRows = 3;

export function App({state, width, height, theme, onIntent}: AppProps) {
	const running = operationLine(state);
	const below = (running === undefined ? 0 : 1) + (state.replay === undefined ? 0 : 1);
	const rest = height - fixedRows - below;
	useInput((input, key) => {
		for (const intent of intentsOf(state, input, key, () => scrollBoundsOf(state, width, rest))) {
			onIntent(intent);
		}
	});
	return (
		<ThemeContext value={theme}>
			<Box flexDirection="column" width={width} height={height} overflow="hidden">
				{width < minimum.width || height < minimum.height ? (
					<TooSmall width={width} height={height} />
				) : (
					<>
						<Title state={state} width={width} />
						<Main state={state} width={width} height={rest} />
						{running !== undefined && <Line cells={fitLine([cell(' '), ...running], width)} />}
						<Line cells={fitLine([cell(' '), ...verdictLine(state)], width)} />
						{state.replay !== undefined && <Line cells={fitLine(playbackLine(state.replay, width), width)} />}
						<Bottom state={state} width={width} />
					</>
				)}
			</Box>
		</ThemeContext>
	);
}

/** The keys, or a notice until the next key press. */
function Bottom({state, width}: {state: State; width: number}) {
	const notice = statusNotice(state);
	return notice === undefined ? (
		<Footer
			mode={mode(state)}
			stage={{operations: hasOperations(state), replay: state.replay !== undefined}}
			typing={isTyping(state)}
			width={width}
		/>
	) : (
		<Line cells={fitLine([cell(' '), cell(notice.text, notice.tone)], width)} />
	);
}

function Main({state, width, height}: {state: State; width: number; height: number}) {
	const layer = topOverlay(state.view);
	if (layer?.kind === 'logs' || layer?.kind === 'prompt') {
		const logs = logOverlay(state.view);
		if (logs !== undefined) {
			return <Logs state={state} layer={logs} width={width} height={height} />;
		}
	}

	const place = overlayPlace(state, height);
	if (place === undefined) {
		return <Panes state={state} width={width} height={height} />;
	}

	const {rows, members, above, all} = place;
	return (
		<Box flexDirection="column" width={width} height={height}>
			{above > 0 &&
				(all ? (
					<Panes state={state} width={width} height={above} covered />
				) : (
					<Pane rows={members} width={width} height={above} />
				))}
			<Pane
				rows={rows}
				width={width}
				height={height - above}
				scroll={place.layer.scroll}
				selected={'selected' in place.layer ? place.layer.selected : undefined}
				focused
				// A pane alone on the screen needs no mark; in a question the choice or the field has it.
				marked={above > 0 && place.layer.kind !== 'dialog'}
			/>
		</Box>
	);
}

function TooSmall({width, height}: {width: number; height: number}) {
	const text = `${width}x${height} is too small: at least ${minimum.width}x${minimum.height}, or q to quit`;
	return <Line cells={fitLine([cell(text, 'warn')], width)} />;
}

export type FooterProps = {
	mode: Mode;
	stage: Stage;
	/** A text field has the focus: characters are text, not commands. */
	typing: boolean;
	width: number;
};

export function Footer({mode, stage, typing, width}: FooterProps) {
	const cells = bindingsOf(mode, stage).flatMap(({keys, footer}) =>
		footer === undefined || bindingFor(keys[0], mode, {typing, ...stage}) === undefined
			? []
			: [cell('  '), cell(keys[0], 'strong'), cell(` ${footer}`, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells.slice(1)], width)} />;
}

export function Title({state, width}: {state: State; width: number}) {
	const time = clock(state.now, state.now);
	const left = fitLine(titleLine(state), width - stringWidth(time) - 2);
	const used = left.reduce((sum, {text}) => sum + stringWidth(text), 0);
	return (
		<Line
			cells={[
				...left,
				cell(' '.repeat(Math.max(1, width - used - stringWidth(time) - 1))),
				cell(time, 'dim'),
			]}
		/>
	);
}
