/** How far each key goes that moves through lines, and where that ends; pure. */
import type {Command} from '../../domain/events.ts';

/** Beyond any list. */
export const scrollMax = 1_000_000;

/** Down is more; undefined for a command that does not move. */
export function stepOf(command: Command, page: number): number | undefined {
	const steps: Partial<Record<Command, number>> = {
		'select.up': -1,
		'select.down': 1,
		'page.up': -page,
		'page.down': page,
		'go.first': -scrollMax,
		'go.last': scrollMax,
	};
	return steps[command];
}

/** The id so many steps on, and no further than the ends. */
export function scrollTo(ids: readonly string[], here: string | undefined, step: number): string | undefined {
	const from = here === undefined ? -1 : ids.indexOf(here);
	return ids[Math.min(ids.length - 1, Math.max(0, from + step))];
}
