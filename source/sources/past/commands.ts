/** Commands that read a node's logs of some time: fixed text, and validated arguments. */
import {journalFields} from '../../domain/logs/journal.ts';
import {
	canFilter,
	checkArgument,
	follow,
	journalEnd,
	type LogFolder,
	logFiles,
	placesOf,
	unitMatches,
} from '../logs/command.ts';

/** Unix seconds. */
export type Span = {since: number; until: number};

/** Programs without a unit of the cluster whose lines explain a node: clocks, shutdown, network, memory. */
const identifiers = [
	'systemd-logind',
	'systemd-shutdown',
	'systemd-timesyncd',
	'systemd-networkd',
	'systemd-oomd',
	'systemd-journald',
	'chronyd',
	'ntpd',
	'NetworkManager',
	'earlyoom',
	'shutdown',
] as const;

const nice = 'nice -n 19';

/** The lines of its input, the last one first. In memory: `tac` writes a file, and the disk of the node may be full. */
const reversed = 'awk "{l[NR]=\\$0} END{for(i=NR;i>0;i--)print l[i]}"';

/**
 * journalctl counts `--lines` from the end of the time only with `--reverse`: without it systemd 252 prints the first ones, or
 * none, since it begins that many lines before the end of the journal. Its end is reported once all lines are printed in order.
 * @param read a command with `--lines` and `--reverse`
 */
const latest = (read: string) =>
	`{ s=$({ { ${read}; echo $? >&3; } | ${reversed} >&4; } 3>&1); } 4>&1; (exit $s)${journalEnd}`;

/**
 * The journal of these units, of systemd, of the kernel, and of the programs above, as JSON.
 * @param linesMax only the last ones
 */
export function pastJournalCommand(
	units: readonly string[],
	{since, until}: Span,
	linesMax?: number,
): string {
	const read = [
		`LC_ALL=C ${nice} journalctl --since=@${checkArgument('number', since)} --until=@${checkArgument('number', until)}`,
		...(linesMax === undefined ? [] : [`--lines=${checkArgument('number', linesMax)} --reverse`]),
		`--all --no-pager --output=json --output-fields=${journalFields.join(',')}`,
		...unitMatches(units),
		...identifiers.flatMap(name => [`SYSLOG_IDENTIFIER=${name}`, '+']),
		'_PID=1 + _TRANSPORT=kernel',
	].join(' ');
	return follow(linesMax === undefined ? `${read}${journalEnd}` : latest(read));
}

/**
 * The last lines of these units before that time: what they had said last.
 * @param filter an extended regular expression: only messages with it, where journalctl can filter
 */
export function journalBeforeCommand(
	units: readonly string[],
	{since, lines, filter}: {since: number; lines: number; filter?: string | undefined},
): string {
	const read = [
		`LC_ALL=C ${nice} journalctl --until=@${checkArgument('number', since)} --lines=${checkArgument('number', lines)} --reverse`,
		`--all --no-pager --output=json --output-fields=${journalFields.join(',')}`,
		...unitMatches(units).slice(0, -1),
	].join(' ');
	return follow(
		filter === undefined
			? latest(read)
			: `if ${canFilter}; then ${latest(`${read} --grep="${checkArgument('filter', filter)}"`)}; else ${latest(read)}; fi`,
	);
}

/** The last entry of the present boot: its cursor ties the boot's own clock to the present time. */
export const lastEntryCommand =
	'LC_ALL=C journalctl --boot --lines=1 --output=json --output-fields=_BOOT_ID --no-pager';

/**
 * The log files that were written since then, the oldest first, packed ones too: a line `TOKEN PATH` before each. In a
 * folder the files of the first extension that is there: PostgreSQL may write the same lines in several formats.
 */
export function pastFilesCommand(
	path: string | undefined,
	{
		since,
		token,
		max,
		...folder
	}: {since: number; token: string; max: {bytes: number; files: number} | undefined} & LogFolder,
): string {
	const mark = checkArgument('token', token);
	const bytes = max === undefined ? undefined : checkArgument('number', max.bytes);
	const latest = max === undefined ? '' : ` | tail -n ${checkArgument('number', max.files)}`;
	// A packed file is unpacked as a whole: a large one costs the node too much.
	const cut = bytes === undefined ? '' : ` | tail -c ${bytes}`;
	const isSmall =
		bytes === undefined
			? ''
			: `case "$1" in *.gz|*.xz|*.zst|*.bz2) [ "$(stat -Lc %s -- "$1")" -le ${bytes} ] || return 0;; esac; `;
	const plain = bytes === undefined ? 'cat --' : `tail -c ${bytes} --`;
	const extensions = (folder.extensions ?? logFiles).join(' ');
	return follow(
		[
			'renice -n 19 -p $$ >/dev/null 2>&1',
			`P="${path === undefined ? placesOf(folder) : checkArgument('path', path)}"`,
			'E=missing',
			`names() { find -L "$1" -maxdepth 1 -type f -name "$2*" -newermt @${checkArgument('number', since)} -printf "%T@ %p\\n" 2>/dev/null | sort -n | cut -d " " -f 2-${latest}; }`,
			`show() { ${isSmall}echo "${mark} $1"; case "$1" in *.gz) gzip -dc -- "$1";; *.xz) xz -dc -- "$1";; *.zst) zstd -dcq -- "$1";; *.bz2) bzip2 -dc -- "$1";; *) ${plain} "$1";; esac${cut} || E="broken $1"; }`,
			`for D in $P; do if [ -d "$D" ]; then if [ -r "$D" ] && [ -x "$D" ]; then E=empty; for X in ${extensions}; do L=$(find -L "$D" -maxdepth 1 -type f -name "*.$X*" -newermt @${checkArgument('number', since)} -printf "%T@ %p\\n" 2>/dev/null | sort -n | cut -d " " -f 2-${latest}); [ -n "$L" ] || continue; E=; for F in $L; do if [ -r "$F" ]; then show "$F"; else E="unreadable $F"; fi; done; break; done; else E="unreadable $D/"; fi; elif [ -e "$D" ]; then E=; for F in $(names "\${D%/*}" "\${D##*/}"); do if [ -r "$F" ]; then show "$F"; else E="unreadable $F"; fi; done; fi; [ "$E" = empty ] || [ "$E" = missing ] || break; done`,
			'if [ -n "$E" ]; then echo "pgha-top: none $E" >&2; else echo "pgha-top: ended 0" >&2; fi',
		].join('; '),
	);
}
