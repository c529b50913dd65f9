/** The completion for zsh: `_pgha-top` in a folder of `fpath`. */
import type {CommandDefinition} from '../../source/cli/definition.ts';
import {
	everyCommand,
	origin,
	type ShellFlag,
	shellFlags,
	type Values,
	words,
	wordValues,
} from './shell-flags.ts';

export function zshCompletion(): string {
	const [program, ...commands] = everyCommand;
	return `#compdef pgha-top
# zsh completion of pgha-top; ${origin}

_pgha-top() {
	local curcontext=$curcontext state line ret=1
	typeset -A opt_args
	local -a commands=(
${words.map(({name, summary}) => `		${quoted(`${name}:${summary}`)}`).join('\n')}
	)

	_arguments -s -S -C \\
${program === undefined ? '' : flagLines(program, '\t\t')}
		'1: :->command' \\
		'*:: :->arguments' && ret=0

	case $state in
		command)
			_describe -t commands command commands && ret=0
			;;
		arguments)
			curcontext="\${curcontext%:*}-$line[1]:"
			case $line[1] in
				help) _describe -t commands command commands && ret=0 ;;
${commands.map(commandCase).join('\n')}
			esac
			;;
	esac

	return ret
}

if [[ $funcstack[1] == _pgha-top ]]; then
	_pgha-top "$@"
else
	compdef _pgha-top pgha-top
fi
`;
}

function commandCase(command: CommandDefinition): string {
	const values = wordValues(command);
	const word =
		values === undefined
			? ''
			: ` \\\n\t\t\t\t\t\t${quoted(`1:${command.word?.name ?? ''}:${actionOf(values)}`)}`;
	return `				${command.name})
					_arguments -s -S \\
${flagLines(command, '\t\t\t\t\t\t').replace(/ \\$/, '')}${word} && ret=0
					;;`;
}

function flagLines(command: CommandDefinition, indent: string): string {
	return shellFlags(command)
		.map(flag => `${indent}${specOf(flag)} \\`)
		.join('\n');
}

/** `'(-c --config-file)'{-c,--config-file=}'[text]:FILE:_files'` */
function specOf({long, short, text, isMultiple, values, valueName}: ShellFlag): string {
	const about = `[${text.replaceAll(/[\\[\]:]/g, '\\$&')}]`;
	const value = values === undefined ? '' : `:${valueName.replaceAll(':', '\\:')}:${actionOf(values)}`;
	const sign = values === undefined ? '' : '=';
	if (short === undefined) {
		return quoted(`${isMultiple ? '*' : ''}--${long}${sign}${about}${value}`);
	}

	const shortSign = values === undefined ? '' : '+';
	return `${quoted(`(-${short} --${long})`)}{-${short}${shortSign},--${long}${sign}}${quoted(about + value)}`;
}

function actionOf(values: Values): string {
	switch (values) {
		case 'file':
			return '_files';
		case 'folder':
			return '_files -/';
		case 'host':
			return '_hosts';
		case 'anything':
			return ' ';
		default:
			return `(${values.join(' ')})`;
	}
}

function quoted(text: string): string {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
