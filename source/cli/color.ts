/** `--color WHEN` and `--no-color`, which every command accepts. */
import {commonFlags} from './definition.ts';
import {eitherOf, shownArgument, suggestionFor, UsageError} from './parse-flags.ts';

type When = (typeof commonFlags.color.choices)[number];

/**
 * Sets NO_COLOR or FORCE_COLOR for the packages that colour text.
 * @returns the other arguments
 * @throws UsageError
 */
export function takeColor(
	args: readonly string[],
	environment: Record<string, string | undefined>,
): string[] {
	const end = args.includes('--') ? args.indexOf('--') : args.length;
	const kept: string[] = [];
	let when: When | undefined;
	for (let index = 0; index < end; index++) {
		const arg = args[index] ?? '';
		if (arg !== '--no-color' && arg !== '--color' && !arg.startsWith('--color=')) {
			kept.push(arg);
			continue;
		}

		const value =
			arg === '--no-color' ? 'never' : arg === '--color' ? args[++index] : arg.slice('--color='.length);
		if (when !== undefined && when !== value) {
			throw new UsageError('--color and --no-color are given more than once; see pgha-top --help');
		}

		when = whenOf(index < end ? value : undefined);
	}

	if (when === 'never') {
		environment.NO_COLOR = '1';
		delete environment.FORCE_COLOR;
	} else if (when === 'always') {
		delete environment.NO_COLOR;
		// `true`: at least 16 colours, and more where the terminal has more.
		environment.FORCE_COLOR = /^[123]$/.test(environment.FORCE_COLOR ?? '')
			? environment.FORCE_COLOR
			: 'true';
	}

	return [...kept, ...args.slice(end)];
}

function whenOf(value: string | undefined): When {
	const {choices} = commonFlags.color;
	const when = choices.find(choice => choice === value);
	if (when === undefined) {
		throw new UsageError(
			value === undefined || value === '' || value.startsWith('-')
				? `--color needs a value: ${eitherOf(choices)}; see pgha-top --help`
				: `--color must be ${eitherOf(choices)}, found ${shownArgument(value)}${suggestionFor(value, choices)}; see pgha-top --help`,
		);
	}

	return when;
}
