/** The whole screen as a function of the state and its size. */
import {Box} from 'ink';
import {dynamicConfig} from '../domain/cluster/keys.ts';
import {type Hint, type HintContext, hintsOf, keyOfCommand} from '../keymap/keymap.ts';
import {clock, textWidth} from '../lib/format.ts';
import {hasOperations, type Mode, mode, type State, shownSnapshot} from '../state/state.ts';
import {canSend, enterHint, isTyping} from '../state/update/dialog.ts';
import {cell} from '../state/view/cells.ts';
import {operationLine} from '../state/view/operations.ts';
import {playbackLine} from '../state/view/playback.ts';
import {statusNotice, titleLine, verdictIndent, verdictLine} from '../state/view/verdict.ts';
import {Line, ThemeContext} from './components/pane.tsx';
import type {Theme} from './components/theme.ts';
import {Main, type ScrollBounds, scrollBoundsOf} from './main.tsx';
import {fitLine, wrapLine} from './table-layout.ts';

export type AppProps = {
	state: State;
	width: number;
	height: number;
	theme: Theme;
};

/** The minimum size for readable panes. */
export const minimum = {width: 60, height: 16};

/** Title and footer. */
const fixedRows = 2;
/** The verdict is wrapped rather than cut. */
const verdictMaxRows = 2;

type Size = {width: number; height: number};

export function isTooSmall({width, height}: Size): boolean {
	return width < minimum.width || height < minimum.height;
}

/** The lines around the main part, and the rows that they leave to it. */
function layoutOf(state: State, {width, height}: Size) {
	const running = operationLine(state);
	const notice = statusNotice(state);
	const verdict = wrapLine(verdictLine(state), width - 2, verdictIndent).slice(0, verdictMaxRows);
	const lines = [running, notice, state.replay].filter(line => line !== undefined).length;
	return {running, notice, verdict, rest: height - fixedRows - verdict.length - lines};
}

export function screenScrollBounds(state: State, size: Size): ScrollBounds {
	return scrollBoundsOf(state, size.width, layoutOf(state, size).rest);
}

export function App({state, width, height, theme}: AppProps) {
	const {running, notice, verdict, rest} = layoutOf(state, {width, height});
	return (
		<ThemeContext value={theme}>
			{/* Each line fits the width already; cutting there, too, would measure every text of a frame once more. */}
			<Box flexDirection="column" width={width} height={height} overflowY="hidden">
				{isTooSmall({width, height}) ? (
					<TooSmall width={width} height={height} leaving={state.view.leaving} />
				) : (
					<>
						<Title state={state} width={width} />
						{verdict.map((cells, index) => (
							<Line key={index === 0 ? 'verdict' : 'more'} cells={[cell(' '), ...cells]} />
						))}
						<Main state={state} width={width} height={rest} />
						{running !== undefined && <Line cells={fitLine([cell(' '), ...running], width)} />}
						{state.replay !== undefined && <Line cells={fitLine(playbackLine(state.replay, width), width)} />}
						{notice !== undefined && (
							<Line cells={fitLine([cell(' '), cell(notice.text, notice.tone)], width)} />
						)}
						<Footer
							mode={mode(state)}
							context={{
								operations: hasOperations(state),
								replay: state.replay !== undefined,
								typing: isTyping(state),
								canSend: canSend(state),
								frozen: state.view.frozen !== undefined,
								paused: dynamicConfig(state.cluster)?.pause ?? false,
								enter: enterHint(state),
							}}
							width={width}
						/>
					</>
				)}
			</Box>
		</ThemeContext>
	);
}

function TooSmall({width, height, leaving}: {width: number; height: number; leaving: boolean}) {
	const quitKey = keyOfCommand('quit') ?? 'Ctrl-C';
	const text = leaving
		? `still running: ${quitKey} again quits`
		: `${width}x${height} is too small: at least ${minimum.width}x${minimum.height}, or ${quitKey} to quit`;
	return <Line cells={fitLine([cell(text, 'warn')], width)} />;
}

/** Between two keys of the footer. */
const hintGap = 2;

export type FooterProps = {
	mode: Mode;
	context: HintContext;
	width: number;
};

/** The keys of the mode, as many as there is room for; what is left out is in the help. */
export function Footer({mode, context, width}: FooterProps) {
	const all = hintsOf(mode, context);
	const widthOf = ({key, text}: Hint) => textWidth(key) + textWidth(text) + hintGap + 1;
	let left = width - 1 + hintGap;
	const kept = new Set(
		all
			.toSorted((a, b) => a.rank - b.rank)
			.filter(hint => {
				left -= widthOf(hint);
				return left >= 0;
			}),
	);
	return (
		<Line
			cells={all
				.filter(hint => kept.has(hint))
				.flatMap(({key, text}, index) => [
					cell(' '.repeat(index === 0 ? 1 : hintGap)),
					cell(key, 'strong'),
					cell(` ${text}`, 'dim'),
				])}
		/>
	);
}

export function Title({state, width}: {state: State; width: number}) {
	const time = clock(state.now, state.now);
	const left = fitLine(titleLine(state), width - textWidth(time) - 2);
	const used = left.reduce((sum, {text}) => sum + textWidth(text), 0);
	const gap = ' '.repeat(Math.max(1, width - used - textWidth(time) - 1));
	const color = shownSnapshot(state).target.titleColor;
	return (
		<Line
			cells={[...left, cell(gap), cell(time, 'dim'), ...(color === undefined ? [] : [cell(' ')])]}
			bar={color}
		/>
	);
}
