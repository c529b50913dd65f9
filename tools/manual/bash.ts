/** The completion for bash 4.2 or newer; needs no other package. */
import {valueFlags} from '../../source/cli/command-table.ts';
import {everyCommand, origin, shellFlags, type Values, words, wordValues} from './shell-flags.ts';

export function bashCompletion(): string {
	return `# bash completion of pgha-top; ${origin}

_pgha_top_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_pgha_top_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_pgha_top_folders() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -d -- "$cur")
}

_pgha_top_hosts() {
	if declare -F _known_hosts_real >/dev/null; then
		_known_hosts_real -- "$cur"
	else
		mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
	fi
}

_pgha_top() {
	local cur=\${COMP_WORDS[COMP_CWORD]} command='' flag='' only_words='' count=0 i word
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=\${COMP_WORDS[i]}
		if [[ -n $flag ]]; then
			# bash takes --flag=value apart.
			[[ $word == = ]] || flag=''
			continue
		fi

		case $only_words$word in
			--) only_words=yes ;;
			${[...valueFlags].map(name => (name.length === 1 ? `-${name}` : `--${name}`)).join(' | ')}) flag=$word ;;
			-*) ;;
			*) if [[ -z $command ]]; then command=$word; else ((count += 1)); fi ;;
		esac
	done

	[[ $cur == = ]] && cur=''
	if [[ -n $flag ]]; then
		case "$command $flag" in
${everyCommand.flatMap(valueCases).join('\n')}
		esac
		return
	fi

	if [[ $cur == -* && -z $only_words ]]; then
		case $command in
${everyCommand.map(command => `			${quoted(command.name)}) _pgha_top_words ${quoted(flagWords(command))} ;;`).join('\n')}
		esac
		return
	fi

	((count > 0)) && return
	case $command in
		'') _pgha_top_words ${quoted(words.map(({name}) => name).join(' '))} ;;
		help) _pgha_top_words ${quoted(words.map(({name}) => name).join(' '))} ;;
${everyCommand.flatMap(wordCase).join('\n')}
	esac
}

complete -F _pgha_top pgha-top
`;
}

type Command = (typeof everyCommand)[number];

function valueCases(command: Command): string[] {
	return shellFlags(command).flatMap(({long, short, values}) => {
		const action = values === undefined ? undefined : actionOf(values);
		const names = [`--${long}`, ...(short === undefined ? [] : [`-${short}`])];
		return action === undefined
			? []
			: [`			${names.map(name => quoted(`${command.name} ${name}`)).join(' | ')}) ${action} ;;`];
	});
}

function wordCase(command: Command): string[] {
	const values = wordValues(command);
	const action = values === undefined ? undefined : actionOf(values);
	return action === undefined ? [] : [`		${command.name}) ${action} ;;`];
}

function actionOf(values: Values): string | undefined {
	switch (values) {
		case 'file':
			return '_pgha_top_files';
		case 'folder':
			return '_pgha_top_folders';
		case 'host':
			return '_pgha_top_hosts';
		case 'anything':
			return undefined;
		default:
			return `_pgha_top_words ${quoted(values.join(' '))}`;
	}
}

function flagWords(command: Command): string {
	return shellFlags(command)
		.flatMap(({long, short}) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])])
		.join(' ');
}

function quoted(text: string): string {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
