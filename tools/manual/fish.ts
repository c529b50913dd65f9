/** The completion for fish 3 or newer. */
import {valueFlags} from '../../source/cli/command-table.ts';
import {everyCommand, origin, shellFlags, type Values, words, wordValues} from './shell-flags.ts';

export function fishCompletion(): string {
	const names = [...valueFlags].map(name => (name.length === 1 ? `-${name}` : `--${name}`));
	return `# fish completion of pgha-top; ${origin}

# The command, and each word after it, one a line.
function __pgha_top_typed
	set -l tokens (commandline -opc)
	set -e tokens[1]
	set -l takes_value
	for token in $tokens
		if set -q takes_value[1]
			set -e takes_value
			continue
		end
		switch $token
			case ${names.map(quoted).join(' ')}
				set takes_value yes
			case '-*'
			case '*'
				echo $token
		end
	end
end

function __pgha_top_is
	set -l typed (__pgha_top_typed)
	if test -z "$argv[1]"
		test (count $typed) -eq 0
	else
		test "$typed[1]" = "$argv[1]"
	end
end

function __pgha_top_wants_word
	set -l typed (__pgha_top_typed)
	test (count $typed) -eq 1; and test "$typed[1]" = "$argv[1]"
end

complete -c pgha-top -f
${words.map(({name, summary}) => `complete -c pgha-top -n '__pgha_top_is ""' -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c pgha-top -n '__pgha_top_wants_word help' -a ${quoted(words.map(({name}) => name).join(' '))}
${everyCommand.flatMap(commandLines).join('\n')}
`;
}

type Command = (typeof everyCommand)[number];

function commandLines(command: Command): string[] {
	const values = wordValues(command);
	const begin = `complete -c pgha-top -n`;
	return [
		...(values === undefined || values === 'anything'
			? []
			: [`${begin} '__pgha_top_wants_word ${command.name}' ${valueArguments(values)}`]),
		...shellFlags(command).map(({long, short, text, values: given}) =>
			[
				begin,
				command.name === '' ? `'__pgha_top_is ""'` : `'__pgha_top_is ${command.name}'`,
				...(short === undefined ? [] : [`-s ${short}`]),
				`-l ${long}`,
				...(given === undefined ? [] : ['-r', valueArguments(given)]),
				`-d ${quoted(text)}`,
			].join(' '),
		),
	];
}

function valueArguments(values: Values): string {
	switch (values) {
		case 'file':
			return '-F';
		case 'folder':
			return "-f -a '(__fish_complete_directories)'";
		case 'host':
			return "-f -a '(__fish_print_hostnames)'";
		case 'anything':
			return '-f';
		default:
			return `-f -a ${quoted(values.join(' '))}`;
	}
}

function quoted(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
