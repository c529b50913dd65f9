/** The app on a screen of a chosen size, without a terminal: whole frames as text, keys as a user types them. */
import {Text} from 'ink';
import {render} from 'ink-testing-library';
import stringWidth from 'string-width';
import type {Intent} from '../../source/domain/events.ts';
import type {State} from '../../source/state/state.ts';
import {App, screenScrollBounds} from '../../source/ui/app.tsx';
import {themeFor} from '../../source/ui/components/theme.ts';
import {Keyboard} from '../../source/ui/input.ts';
import {type Pointer, PointerContext} from '../../source/ui/pointer.ts';

export {themeFor};

export type Size = {width: number; height: number};

/** The sizes in which every screen is tested. */
export const sizes: readonly Size[] = [
	{width: 80, height: 24},
	{width: 120, height: 40},
	{width: 200, height: 60},
];

export function screen(
	state: State,
	{width, height}: Size,
	onIntent: (intent: Intent) => void = () => undefined,
	theme = themeFor({NO_COLOR: '1'}),
	pointer?: Pointer,
) {
	let drawn = state;
	const keyboard = new Keyboard({
		current: () => drawn,
		drawn: () => drawn,
		bounds: of => screenScrollBounds(of, {width, height}),
		onIntent,
		pointer,
	});
	const app = (shown: State) => (
		<PointerContext value={pointer}>
			<App state={shown} width={width} height={height} theme={theme} />
		</PointerContext>
	);
	// Drawn once its size is known: ink-testing-library's screen is 100 columns wide.
	const instance = render(<Text />);
	Object.defineProperties(instance.stdout, {columns: {value: width}, rows: {value: height}});
	instance.rerender(app(state));
	return {
		frame: () => instance.lastFrame() ?? '',
		press: keyboard.read,
		show: (next: State) => {
			drawn = next;
			instance.rerender(app(next));
		},
		close: () => {
			// Ink draws once more when it is unmounted.
			instance.rerender(<Text />);
			instance.unmount();
		},
	};
}

/** One frame. @throws Error if it does not fit its screen, or marks more than one thing */
export function frameOf(state: State, size: Size): string {
	const shown = screen(state, size);
	try {
		const frame = shown.frame();
		const lines = frame.split('\n');
		if (lines.length > size.height || lines.some(line => stringWidth(line) > size.width)) {
			throw new Error(`the frame does not fit ${size.width}x${size.height}:\n${frame}`);
		}

		// One entry may stand in the log of each node.
		if (new Set(frame.match(/▸.{0,20}/g)).size > 1) {
			throw new Error(`the frame marks more than one thing:\n${frame}`);
		}

		return frame;
	} finally {
		shown.close();
	}
}
