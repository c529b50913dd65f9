/** Commands for a node's logs: fixed text, and validated arguments. */
import {cursorShape, journalFields} from '../../domain/logs/journal.ts';

/** An argument is not a valid unit, path or cursor: nothing is sent. */
export class ArgumentError extends Error {
	override name = 'ArgumentError';
}

/** None of these characters has a meaning in a shell within double quotes. */
const shapes = {
	unit: /^[A-Za-z0-9@_][A-Za-z0-9@._:-]{0,254}$/,
	path: /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]{1,255}){1,40}$/,
	cursor: cursorShape,
	/** In double quotes: no expansion. */
	filter: /^[A-Za-z0-9 ()|[\].,:;_*+?-]{1,2000}$/,
	number: /^\d{1,20}$/,
	token: /^[a-z0-9]{8,32}$/,
	head: /^\d{1,10}:\d{1,3}$/,
} as const;

/** Whether all of the value has the shape. */
export function isArgument(kind: keyof typeof shapes, text: string): boolean {
	return shapes[kind].test(text) && !text.includes('\n');
}

/** Returns the value if all of it has the shape. @throws ArgumentError */
export function checkArgument(kind: keyof typeof shapes, value: string | number): string {
	const text = String(value);
	if (!isArgument(kind, text)) {
		throw new ArgumentError(`not a plain ${kind}, not sent to a node: ${JSON.stringify(text)}`);
	}

	return text;
}

/** Ends with its input, so with the connection. Messages about itself go to stderr. */
export function follow(script: string): string {
	return `sh -c '{ ${script}; } & cat >/dev/null; kill 0'`;
}

/** The unit's name with its suffix, as in the journal. */
export function fullUnit(unit: string): string {
	return /\.(?:service|socket|timer|target|mount|path|slice|scope|device|swap|automount)$/.test(unit)
		? unit
		: `${unit}.service`;
}

/** Earlier lines that are shown. */
export const history = 200;

/** Start of the journal: some history, the first entry of the present boot, or a cursor's entry, which is repeated. */
export type JournalStart = 'history' | 'boot' | {cursor: string};

/** Reports the exit code of journalctl. */
export const journalEnd = '; echo "pgha-top: ended $?" >&2';

/**
 * Prints the present boot, and the first entry at the cursor's position, of any unit: if the cursor's entry has gone,
 * journalctl
 * silently continues with the next by sequence number, boot or time.
 */
export function cursorCommand(cursor: string): string {
	return follow(
		[
			'cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown;',
			`LC_ALL=C journalctl --cursor="${checkArgument('cursor', cursor)}" --lines=1`,
			'--no-pager --output=json --output-fields=_BOOT_ID',
			journalEnd,
		].join(' '),
	);
}

/**
 * The journal of these units, of systemd about them, and of the kernel; with `system` the whole journal.
 * With `--follow` journalctl begins at the present boot, whatever the cursor: the last messages of a shutdown require a
 * read without
 * `--follow` first.
 */
export function journalCommand(
	units: readonly string[],
	{
		system,
		start,
		until,
	}: {
		system: boolean;
		start: JournalStart;
		until: 'stopped' | 'end';
	},
): string {
	const matches = unitMatches(units);
	const from =
		start === 'history'
			? [`--lines=${history}`]
			: [
					...(until === 'stopped' ? ['--no-tail'] : []),
					...(start === 'boot' ? [] : [`--cursor="${checkArgument('cursor', start.cursor)}"`]),
				];
	return follow(
		[
			`LC_ALL=C journalctl ${until === 'stopped' ? '--follow ' : ''}--all --no-pager --output=json`,
			`--output-fields=${journalFields.join(',')}`,
			...from,
			...(system ? [] : [...matches, '_TRANSPORT=kernel']),
			journalEnd,
		].join(' '),
	);
}

/** journalctl's matches for the units' own lines, and systemd's lines about them; another match must follow. */
export function unitMatches(units: readonly string[]): string[] {
	return units
		.map(unit => checkArgument('unit', fullUnit(unit)))
		.flatMap(unit => [`_SYSTEMD_UNIT=${unit}`, '+', `UNIT=${unit}`, '_PID=1', '+']);
}

/** Whether this journalctl filters messages; it complains if not, and its exit code depends on the version if it does. */
export const canFilter = '[ -z "$(LC_ALL=C journalctl --no-pager --quiet --lines=0 --grep=x 2>&1)" ]';

/** Earlier entries among which the last words are sought. */
const wordsHistory = 1000;

/**
 * The same of one unit, only the messages that have one of these words: journalctl filters them, or grep where it cannot.
 * @param filter an extended regular expression without quotes, dollar signs and backquotes
 */
export function journalWordsCommand(unit: string, filter: string): string {
	const pattern = checkArgument('filter', filter);
	const read = `LC_ALL=C journalctl --follow --all --no-pager --output=json --output-fields=${journalFields.join(',')} --lines=${wordsHistory} _SYSTEMD_UNIT="${checkArgument('unit', fullUnit(unit))}"`;
	return follow(
		`if ${canFilter}; then ${read} --case-sensitive=yes --grep="${pattern}"; else ${read} | grep --line-buffered -aE "${pattern}"; fi${journalEnd}`,
	);
}

/** Reports which units are missing on the node: one `Id=` and `LoadState=` each. */
export function unitsCommand(units: readonly string[]): string {
	const names = units.map(unit => checkArgument('unit', fullUnit(unit)));
	return `systemctl show --property=Id,LoadState -- ${names.join(' ')}`;
}

/** Seconds with nanoseconds, and the zone. */
export const clockCommand = 'date "+%s.%N %z"; id -un';

/** PostgreSQL's default log folders in Debian's and the RPM packages. */
const usualPlaces =
	'/var/log/postgresql /var/lib/pgsql/*/data/log /var/lib/pgsql/data/log /var/lib/pgsql/*/data/pg_log /var/lib/pgsql/data/pg_log';

/**
 * Position in a file, by inode, so that it is found under another name. Inodes are reused and files are truncated and
 * written
 * again, so `head` (`cksum` and count of the first bytes) identifies the file.
 */
export type FilePlace = {inode: string; offset: number; head: string};

export const logFiles = ['log', 'csv', 'json'] as const;

/** PostgreSQL's own settings, where they are known. */
export type LogFolder = {
	/** Before the usual folders. */
	folder?: string | undefined;
	/** Of its files, the preferred one first. */
	extensions?: readonly (typeof logFiles)[number][];
};

export function placesOf({folder}: LogFolder): string {
	return folder !== undefined && isArgument('path', folder) ? `${folder} ${usualPlaces}` : usualPlaces;
}

/** First bytes of a file, which identify it. */
const headBytes = 256;

/**
 * Follows a file, or the newest log in a folder. A line `token why inode head offset` precedes each part: `why` is
 * "replaced" if
 * the file at a known position is not the same any more. Unlike `tail -F` it separates files: it ends when another file
 * takes
 * the name (and prints "moved"), and is restarted at the last positions. While a short file grows, `token inode head`
 * on stderr
 * updates the head. With a filter only the lines that have one of its words; then the positions are not exact.
 */
export function fileCommand(
	path: string | undefined,
	{
		token,
		places,
		filter,
		...folder
	}: {token: string; places: readonly FilePlace[]; filter?: string} & LogFolder,
): string {
	const mark = checkArgument('token', token);
	const known = places.map(
		({inode, offset, head}) =>
			`${checkArgument('number', inode)}:${checkArgument('number', offset)}:${checkArgument('head', head)}`,
	);
	const last = places.at(-1);
	return follow(
		[
			`P="${path === undefined ? placesOf(folder) : checkArgument('path', path)}"`,
			`R="${known.join(' ')}"`,
			// F: the file; E: the reason if there is none.
			`pick() { F=; E=missing; for D in $P; do if [ -d "$D" ]; then if [ -r "$D" ] && [ -x "$D" ]; then E=empty; for X in ${(folder.extensions ?? logFiles).join(' ')}; do F=$(ls -1t "$D"/*.$X 2>/dev/null | head -n 1); [ -n "$F" ] && return; done; else E="unreadable $D/"; fi; elif [ -e "$D" ]; then F=$D; return; fi; done; }`,
			'inode() { stat -Lc %i -- "$1" 2>/dev/null; }',
			'size() { stat -Lc %s -- "$1" 2>/dev/null; }',
			'head_of() { head -c "$2" -- "$1" 2>/dev/null | cksum | tr " " :; }',
			`is_same() { [ "$(head_of "$1" "\${2#*:}")" = "$2" ]; }`,
			'pick',
			'[ -n "$F" ] || { echo "pgha-top: none $E" >&2; exit; }',
			'[ -r "$F" ] || { echo "pgha-top: none unreadable $F" >&2; exit; }',
			'I=$(inode "$F")',
			// The rest of the previous file of this name, wherever it is now.
			...(last === undefined
				? []
				: [
						`L=${checkArgument('number', last.inode)}`,
						`if [ "$I" != "$L" ]; then G=$(find -L "\${F%/*}" -maxdepth 1 -type f -inum "$L" 2>/dev/null | head -n 1); if [ -n "$G" ] && [ -r "$G" ] && is_same "$G" ${checkArgument('head', last.head)}; then echo "${mark} rest $L ${checkArgument('head', last.head)} ${checkArgument('number', last.offset)}"; tail -c +$((${checkArgument('number', last.offset)} + 1)) -- "$G"; fi; fi`,
					]),
			// The checksum (C) is taken before the size (S), so that a truncation between them is detected.
			`C=$(head_of "$F" ${headBytes})`,
			'S=$(size "$F")',
			'O=',
			'W=begun',
			`for K in $R; do if [ "\${K%%:*}" = "$I" ]; then K=\${K#*:}; O=\${K%%:*}; W=continued; if [ "$O" -gt "$S" ] || ! is_same "$F" "\${K#*:}"; then O=0; W=replaced; fi; fi; done`,
			`[ -n "$O" ] || { if [ -n "$R" ]; then O=0; else O=$((S - $(tail -n ${history} -- "$F" | wc -c))); fi; }`,
			'[ "$O" -lt 0 ] && O=0',
			`echo "${mark} $W $I $C $O"`,
			`tail -c +$((O + 1)) -f -- "$F"${filter === undefined ? '' : ` | grep --line-buffered -aE "${checkArgument('filter', filter)}"`} & T=$!`,
			'H=$F',
			`while sleep 1; do N=$(size "$H"); pick; if [ -n "$F" ]; then J=$(inode "$F"); if [ "$J" != "$I" ] || [ "$N" -lt "$S" ] || ! is_same "$F" "$C"; then kill $T; echo "pgha-top: moved" >&2; exit; fi; if [ "\${C#*:}" -lt ${headBytes} ] && [ "$N" -gt "\${C#*:}" ]; then C=$(head_of "$F" ${headBytes}); echo "${mark} $I $C" >&2; fi; fi; S=$N; done`,
		].join('; '),
	);
}
