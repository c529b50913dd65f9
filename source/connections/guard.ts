/** The one guard around the callbacks of a connection: what a peer makes them throw is the loss of that connection. */
import type {EventEmitter} from 'node:events';

/**
 * Whatever a listener of the emitter throws goes to `lose`, and not to the end of the program.
 * @param onEvent sees each event before its listeners do; what it throws is lost in the same way
 */
export function guardEmitter(
	emitter: EventEmitter,
	lose: (error: unknown) => void,
	onEvent: (event: string | symbol, first: unknown) => void = () => undefined,
): void {
	const emit = emitter.emit.bind(emitter);
	emitter.emit = (event: string | symbol, ...args: unknown[]) => {
		try {
			onEvent(event, args[0]);
			return emit(event, ...args);
		} catch (error) {
			lose(error);
			return true;
		}
	};
}
