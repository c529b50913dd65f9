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
			if (next === drawn) {
				// A frame follows from its state alone.
				return;
			}

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

/** By size: to draw another state takes a third less than to begin a screen. */
const screens = new Map<string, {shown: ReturnType<typeof screen>; state: State}>();

/** One frame. @throws Error if it does not fit its screen, or marks more than one thing */
export function frameOf(state: State, size: Size): string {
	const name = `${size.width}x${size.height}`;
	const known = screens.get(name);
	screens.delete(name);
	// Drawn again as a whole if it is of the same state: keys and the time zone may have changed.
	const shown = known === undefined || known.state === state ? screen(state, size) : known.shown;
	if (shown === known?.shown) {
		shown.show(state);
	} else {
		known?.shown.close();
	}

	const frame = shown.frame();
	screens.set(name, {shown, state});
	const lines = frame.split('\n');
	if (lines.length > size.height || lines.some(line => stringWidth(line) > size.width)) {
		throw new Error(`the frame does not fit ${name}:\n${frame}`);
	}

	// One entry may stand in the log of each node.
	if (new Set(frame.match(/▸.{0,20}/g)).size > 1) {
		throw new Error(`the frame marks more than one thing:\n${frame}`);
	}

	return frame;
}
