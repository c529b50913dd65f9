/** Formats `--help` of a command from its definition. */
import {commands, fullName, ownFlags} from './command-table.ts';
import {type CommandDefinition, flagRows} from './definition.ts';

/** Columns in which names and their texts begin, and the width of the whole. */
const [nameColumn, textColumn, width] = [4, 28, 80];

export function helpText(command: CommandDefinition): string {
	const {name, title, usage, about, takesSettings, examples, exitCodes, environment = []} = command;
	const others =
		takesSettings && name !== '' ? ', besides those that name the cluster (pgha-top --help)' : '';
	const ways: Row[] = usage.map(words => ({left: `$ ${`${fullName(command)} ${words}`.trim()}`, text: ''}));
	return [
		'',
		...wrap(title, 2),
		...section('Usage', ways),
		...(name === '' ? section('Commands', commandRows()) : []),
		...about.flatMap(paragraph => ['', ...wrap(paragraph, 2)]),
		...section(
			`Options${others}`,
			flagRows(ownFlags(command)).map(({form, text}) => ({left: form, text})),
		),
		...section(
			'Environment (overrides files; flags override both)',
			environment.map(([left, text]) => ({left, text})),
		),
		...section(
			'Examples',
			examples.flatMap(({typed, text}) => [
				{left: `# ${text}`, text: ''},
				{left: `$ ${typed}`, text: ''},
			]),
		),
		...section(
			'Exit codes',
			exitCodes.map(([code, text]) => ({left: String(code), text})),
			nameColumn + 5,
		),
		'',
	].join('\n');
}

type Row = {left: string; text: string};

function commandRows(): Row[] {
	return [
		...commands.map(({name, word, summary}) => ({
			left: [name, word?.name ?? ''].join(' ').trim(),
			text: summary,
		})),
		{left: 'help [COMMAND]', text: 'print the help of a command'},
		{left: 'version', text: 'print the version'},
	];
}

function section(title: string, rows: readonly Row[], column = textColumn): string[] {
	return rows.length === 0 ? [] : ['', `  ${title}`, ...rows.flatMap(row => twoColumns(row, column))];
}

/** The text beside its name; below it if the name is too long. */
function twoColumns({left, text}: Row, column: number): string[] {
	const begin = ' '.repeat(nameColumn) + left;
	if (text === '') {
		return [begin];
	}

	const lines = wrap(text, column);
	return begin.length + 1 < column
		? [begin.padEnd(column) + (lines[0] ?? '').trimStart(), ...lines.slice(1)]
		: [begin, ...lines];
}

/** Lines of at most 80 columns; a longer word stays whole. */
function wrap(text: string, indent: number): string[] {
	const start = ' '.repeat(indent);
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= width) {
			lines[lines.length - 1] = `${last} ${word}`;
		} else {
			lines.push(start + word);
		}
	}

	return lines;
}
