/** Man pages in man(7): `pgha-top.1`, and one for each command. */
import {commands, fullName, ownFlags, program} from '../../source/cli/command-table.ts';
import {type CommandDefinition, flagRows} from '../../source/cli/definition.ts';

/** @param version of the program @param date `2026-11-26` @returns pages by file name */
export function manPages(version: string, date: string): Map<string, string> {
	return new Map(
		[program, ...commands].map(command => [`${pageName(command)}.1`, `${manPage(command, version, date)}\n`]),
	);
}

function pageName(command: CommandDefinition): string {
	return fullName(command).replace(' ', '-');
}

function manPage(command: CommandDefinition, version: string, date: string): string {
	const {name, summary, title, usage, about, takesSettings, examples, exitCodes, environment = []} = command;
	const others = commands.filter(one => one !== command);
	const isProgram = name === '';
	return [
		'.\\" Made from source/cli/commands/ at build.',
		`.TH ${pageName(command).toUpperCase()} 1 "${date}" "pgha-top ${version}"`,
		// No word is broken, so that each can be copied.
		'.nh',
		'.ad l',
		'.SH NAME',
		wrapped(
			`${pageName(command)} - ${isProgram ? 'a terminal console for highly available PostgreSQL' : summary}`,
		),
		'.SH SYNOPSIS',
		...usage.flatMap((words, index) => [
			...(index === 0 ? [] : ['.br']),
			`\\fB${escaped(fullName(command))}\\fR ${escaped(words)}`.trim(),
		]),
		...(isProgram ? ['.br', '\\fBpgha\\-top\\fR COMMAND ...'] : []),
		'.SH DESCRIPTION',
		sentence(title),
		...about.flatMap(text => ['.PP', sentence(text)]),
		...(isProgram
			? [
					'.SH COMMANDS',
					...commands.flatMap(one => [
						'.TP',
						`\\fB${escaped(one.name)}\\fR ${escaped(one.word?.name ?? '')}`.trim(),
						wrapped(one.summary),
					]),
				]
			: []),
		'.SH OPTIONS',
		...(takesSettings && !isProgram
			? ['Options that name the cluster are those of \\fBpgha\\-top\\fR(1).']
			: []),
		...flagRows(ownFlags(command)).flatMap(({form, text}) => [
			'.TP',
			`\\fB${escaped(form)}\\fR`,
			wrapped(text),
		]),
		...(environment.length === 0
			? []
			: ['.SH ENVIRONMENT', 'Variables override files; options override both.']),
		...environment.flatMap(([names, text]) => ['.TP', `\\fB${escaped(names)}\\fR`, wrapped(text)]),
		'.SH EXIT STATUS',
		...exitCodes.flatMap(([code, text]) => ['.TP', `\\fB${code}\\fR`, wrapped(text)]),
		'.SH EXAMPLES',
		...examples.flatMap(({typed, text}, index) => [
			...(index === 0 ? [] : ['.PP']),
			wrapped(`${text}:`),
			'.PP',
			'.nf',
			'.RS 4',
			`\\fB${escaped(typed)}\\fR`,
			'.RE',
			'.fi',
		]),
		'.SH SEE ALSO',
		[program, ...others]
			.filter(one => one !== command)
			.map(one => `\\fB${escaped(pageName(one))}\\fR(1)`)
			.join(',\n'),
	].join('\n');
}

function sentence(text: string): string {
	return wrapped(/[.!?]$/.test(text) ? text : `${text}.`);
}

/** Lines of less than 80 bytes, as mandoc wants them. */
function wrapped(text: string): string {
	const lines = [''];
	for (const word of escaped(text).split(' ')) {
		const last = lines.at(-1) ?? '';
		if (last === '') {
			lines[lines.length - 1] = word;
		} else if (last.length + 1 + word.length < 80) {
			lines[lines.length - 1] = `${last} ${word}`;
		} else {
			lines.push(word);
		}
	}

	// A line that begins with . or ' is a request to roff.
	return lines.map(line => line.replace(/^(?=[.'])/, '\\&')).join('\n');
}

/** Hyphens, quotes and tildes that can be copied. */
function escaped(text: string): string {
	return text
		.replaceAll('\\', '\\e')
		.replaceAll('-', '\\-')
		.replaceAll("'", '\\(aq')
		.replaceAll('`', '\\(ga')
		.replaceAll('~', '\\(ti');
}
