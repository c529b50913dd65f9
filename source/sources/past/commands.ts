/** Commands that read a node's logs of some time: fixed text, and validated arguments. */
import {journalFields} from '../../domain/logs/journal.ts';
import {
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

/** The journal of these units, of systemd, of the kernel, and of the programs above, as JSON. */
export function pastJournalCommand(units: readonly string[], {since, until}: Span): string {
	return follow(
		[
			`LC_ALL=C ${nice} journalctl --since=@${checkArgument('number', since)} --until=@${checkArgument('number', until)}`,
			`--all --no-pager --output=json --output-fields=${journalFields.join(',')}`,
			...unitMatches(units),
			...identifiers.flatMap(name => [`SYSLOG_IDENTIFIER=${name}`, '+']),
			'_PID=1 + _TRANSPORT=kernel',
			journalEnd,
		].join(' '),
	);
}

/** The last lines of these units before that time: what they had said last. */
export function journalBeforeCommand(
	units: readonly string[],
	{since}: Pick<Span, 'since'>,
	lines: number,
): string {
	const matches = unitMatches(units);
	return follow(
		[
			`LC_ALL=C ${nice} journalctl --until=@${checkArgument('number', since)} --lines=${checkArgument('number', lines)}`,
			`--all --no-pager --output=json --output-fields=${journalFields.join(',')}`,
			...matches.slice(0, -1),
			journalEnd,
		].join(' '),
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
		maxBytes,
		...folder
	}: {since: number; token: string; maxBytes: number | undefined} & LogFolder,
): string {
	const mark = checkArgument('token', token);
	const cut = maxBytes === undefined ? '' : ` | tail -c ${checkArgument('number', maxBytes)}`;
	const extensions = (folder.extensions ?? logFiles).join(' ');
	return follow(
		[
			`P="${path === undefined ? placesOf(folder) : checkArgument('path', path)}"`,
			'E=missing',
			`names() { find -L "$1" -maxdepth 1 -type f -name "$2*" -newermt @${checkArgument('number', since)} -printf "%T@ %p\\n" 2>/dev/null | sort -n | cut -d " " -f 2-; }`,
			`show() { echo "${mark} $1"; case "$1" in *.gz) ${nice} gzip -dc -- "$1";; *.xz) ${nice} xz -dc -- "$1";; *.zst) ${nice} zstd -dcq -- "$1";; *.bz2) ${nice} bzip2 -dc -- "$1";; *) ${nice} cat -- "$1";; esac${cut} || E="broken $1"; }`,
			`for D in $P; do if [ -d "$D" ]; then if [ -r "$D" ] && [ -x "$D" ]; then E=empty; for X in ${extensions}; do L=$(find -L "$D" -maxdepth 1 -type f -name "*.$X*" -newermt @${checkArgument('number', since)} -printf "%T@ %p\\n" 2>/dev/null | sort -n | cut -d " " -f 2-); [ -n "$L" ] || continue; E=; for F in $L; do if [ -r "$F" ]; then show "$F"; else E="unreadable $F"; fi; done; break; done; else E="unreadable $D/"; fi; elif [ -e "$D" ]; then E=; for F in $(names "\${D%/*}" "\${D##*/}"); do if [ -r "$F" ]; then show "$F"; else E="unreadable $F"; fi; done; fi; [ "$E" = empty ] || [ "$E" = missing ] || break; done`,
			'if [ -n "$E" ]; then echo "pgha-top: none $E" >&2; else echo "pgha-top: ended 0" >&2; fi',
		].join('; '),
	);
}
