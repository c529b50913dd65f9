/**
 * The commands that print a node's configuration files, and their answer. A file is read as the login, with `sudo -n` only
 * where the login may not; its text stays in memory until a parser has read it.
 */
import {serviceIds} from '../domain/cluster/services.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {NodeFile} from './types.ts';

/** Bytes of one file, and of all files of an answer: more than 1 MiB would be refused. */
const fileMaxBytes = 262_144;
const answerMaxBytes = 900_000;
const filesMax = 40;
const scriptLinesMax = 5000;

/** Characters without a meaning in a shell; also `*` in patterns. */
const plainPath = /^(?:\/[A-Za-z0-9@._+,:=-]{1,255}){1,40}$/;
const plainPattern = /^(?:\/[A-Za-z0-9@._+,:=*?-]{1,255}){1,40}$/;
const plainToken = /^[a-f0-9]{16,64}$/;

export type FileKind = 'patroni' | 'haproxy' | 'keepalived' | 'vip-manager' | 'pgbouncer' | 'other';

export type ReadFile = NodeFile & {kind: FileKind};

/** A file that exists and was not read. */
export type UnreadFile = {path: string; why: string};

export type NodeAnswer = {
	/** The answer came to its end. */
	isWhole: boolean;
	/** The node's own name. */
	hostname: string;
	files: readonly ReadFile[];
	unread: readonly UnreadFile[];
	/** systemd's units of the services: `patroni@14-main.service`, with its state and whether it is enabled. */
	units: readonly {name: string; active: string; enabled: string}[];
	/** Names of the processes of HAProxy, etcd, …: also those in containers. */
	processes: readonly string[];
};

/** Where the files usually are; those of running processes come first. */
const usual: readonly (readonly [FileKind, readonly string[]])[] = [
	['patroni', ['/etc/patroni/patroni.yml', '/etc/patroni/config.yml', '/etc/patroni.yml']],
	['patroni', ['/etc/patroni/patroni.yaml', '/etc/patroni/config.yaml', '/etc/patroni.yaml']],
	['haproxy', ['/etc/haproxy/haproxy.cfg', '/etc/haproxy/conf.d/*.cfg']],
	['keepalived', ['/etc/keepalived/keepalived.conf']],
	['vip-manager', ['/etc/default/vip-manager.yml', '/etc/default/vip-manager', '/etc/vip-manager.yml']],
	['vip-manager', ['/etc/patroni/vip-manager.yml', '/etc/patroni/vip.conf']],
	['pgbouncer', ['/etc/pgbouncer/pgbouncer.ini']],
];

/**
 * A function `give KIND PATH`: prints a line with the token, and the file. A file below a folder that the login may not
 * enter is looked for with sudo.
 */
function functions(token: string, maySudo: boolean): string[] {
	const denied = maySudo ? 'permission denied, also with sudo -n' : 'permission denied';
	return [
		'PATH="$PATH:/usr/sbin:/sbin"',
		'export LC_ALL=C',
		`B=${answerMaxBytes}`,
		'S=" "',
		`N=${filesMax}`,
		'U=',
		// Not empty: what cannot be read is not reported.
		'Q=',
		// At most one refusal of sudo in the log of the node.
		maySudo
			? 'may() { [ -n "$U" ] || { if sudo -n true 2>/dev/null; then U=y; else U=n; fi; }; [ "$U" = y ]; }'
			: 'may() { return 1; }',
		'give() { K=$1; F=$2; case "$S" in *" $F "*) return;; esac; S="$S$F "; A=; W=; '.concat(
			`if [ ! -e "$F" ]; then D=$\{F%/*}; if [ ! -d "$D" ] || [ -x "$D" ]; then return; fi; `,
			'if may; then sudo -n test -f "$F" 2>/dev/null || return; A="sudo -n"; ',
			`else case "$S" in *" $D/ "*) return;; esac; S="$S$D/ "; echo "${token} unread $D/ ${denied}"; return; fi; `,
			'elif [ ! -f "$F" ]; then return; ',
			`elif [ ! -r "$F" ]; then if may; then A="sudo -n"; else W="${denied}"; fi; fi; `,
			'N=$((N - 1)); [ "$N" -lt 0 ] && return; ',
			'if [ -z "$W" ]; then ',
			'if [ -z "$A" ]; then T=$(wc -c <"$F"); else T=$($A head -c 999999 -- "$F" 2>/dev/null | wc -c); fi; ',
			`if [ -n "$A" ] && [ "$T" -eq 0 ]; then W="${denied}"; `,
			`elif [ "$T" -gt ${fileMaxBytes} ]; then W="larger than ${fileMaxBytes / 1024} KiB"; `,
			'elif [ "$T" -gt "$B" ]; then W="the files before it are too large"; fi; fi; ',
			`if [ -n "$W" ]; then [ -n "$Q" ] || echo "${token} unread $F $W"; return; fi; `,
			`B=$((B - T)); echo "${token} file $K $F"; $A head -c "$T" -- "$F"; echo; }`,
		),
	];
}

/**
 * The check scripts that a file of keepalived names in its usual form, where the login may read them: this saves the node a
 * second command. What counts is decided when the answer is read, and what is missing is asked for: one that is too large is no
 * remark, since it is often a program, and may belong to no instance with a VIP.
 */
export function scriptsIn(file: string): string {
	const path = checked(file, plainPath);
	return [
		`if [ -r ${path} ]; then M=${scriptLinesMax}`,
		'while [ "$M" -gt 0 ] && read -r V L; do M=$((M - 1))',
		String.raw`if [ "$V" = script ]; then L=@{L#\"}; L=@{L%%\"*}; L=@{L%% *}`.replaceAll('@', '$'),
		'case "$L" in *[!A-Za-z0-9@._+,:=/-]*|*/bin/*|*/sbin/*|*/./*|*/../*) ;; /*) if [ -r "$L" ]; then Q=y; give other "$L"; Q=; fi;; esac; fi',
		`done <${path}; fi`,
	].join('; ');
}

/** `show` costs a node twice as much as a list, which does not say what is enabled: it is asked only of units that are not active. */
const unitsShown = [
	`systemctl list-units --all --plain --no-legend -- ${serviceIds.map(name => `"*${name}*.service"`).join(' ')} 2>/dev/null`,
	'head -n 400',
	String.raw`{ I=; while read -r V L A C; do case "$A" in active) printf "Id=%s\nActiveState=active\n\n" "$V";; ?*) I="$I $V";; esac; done; [ -z "$I" ] || systemctl show --property=Id,ActiveState,UnitFileState -- $I 2>/dev/null; }`,
].join(' | ');

/**
 * The files of the running processes, then those in usual places; units, and the node's name. Few processes: a busy node
 * starts each of them late.
 */
export function nodeCommand(token: string, maySudo = true): string {
	const mark = checked(token, plainToken);
	const names = serviceIds.map(name => `*${name}*`).join('|');
	// Any login can start a program of that name with a file of its own.
	const trusted = ['root', 'postgres', ...serviceIds].join('|');
	const script = [
		...functions(mark, maySudo),
		`echo "${mark} host $(uname -n)"`,
		`echo "${mark} units"`,
		unitsShown,
		// A shell reads a pipe byte by byte, also the long lines of this command itself.
		`ps -eo user:32=,comm=,args= 2>/dev/null | grep -E -m 5000 "^ *[^ ]+ +(python|[^ ]*(${serviceIds.join('|')}))" | { ${[
			'set -f',
			'P=',
			`while read -r O C L; do case "$C" in ${names}) echo "${mark} process $C";; python*) ;; *) continue;; esac; case "$O" in ${trusted}) ;; *) continue;; esac; case "$L" in ${names}) for W in $L; do W=$\{W#*=}; case "$W" in /*[!A-Za-z0-9@._+,:=/-]*) ;; /*) P="$P $W";; esac; done;; esac; done`,
			'set +f',
			[
				'for F in $P; do case "$F" in',
				'*.cfg) give haproxy "$F";;',
				'*keepalived*.conf) give keepalived "$F";;',
				'*vip-manager*.y*ml) give vip-manager "$F";;',
				'*.yml|*.yaml) give patroni "$F";;',
				'*.ini) give pgbouncer "$F";;',
				'*haproxy*) if [ -d "$F" ]; then for G in "$F"/*.cfg; do give haproxy "$G"; done; fi;;',
				'esac; done',
			].join(' '),
			...usual.flatMap(([kind, all]) => all.map(path => `for F in ${path}; do give ${kind} "$F"; done`)),
			...usual.flatMap(([kind, all]) => (kind === 'keepalived' ? all.map(scriptsIn) : [])),
			`echo "${mark} end"`,
		].join('; ')}; }`,
	].join('; ');
	return `sh -c '${script}'`;
}

/** Prints further files, such as includes and scripts; patterns are filled in on the node. */
export function filesCommand(
	token: string,
	wanted: readonly {kind: FileKind; pattern: string}[],
	maySudo = true,
): string {
	const mark = checked(token, plainToken);
	const script = [
		...functions(mark, maySudo),
		...wanted
			.filter(({pattern}) => isPlainPattern(pattern))
			.slice(0, filesMax)
			.map(({kind, pattern}) => `for F in ${pattern}; do give ${kind} "$F"; done`),
		`echo "${mark} end"`,
	].join('; ');
	return `sh -c '${script}'`;
}

/** Whether a path or a pattern can be sent to a node: it has no shell syntax but `*` and `?`, and does not climb. */
export function isPlainPattern(pattern: string): boolean {
	return plainPattern.test(pattern) && !/(?:^|\/)\.\.?(?:\/|$)/.test(pattern);
}

function checked(text: string, shape: RegExp): string {
	if (!shape.test(text)) {
		throw new Error('not a plain word');
	}

	return text;
}

/** Parses the answer of either command. */
export function parseNodeAnswer(answer: string, token: string): NodeAnswer {
	const files: ReadFile[] = [];
	const unread: UnreadFile[] = [];
	const units: NodeAnswer['units'][number][] = [];
	const processes = new Set<string>();
	let hostname = '';
	let isWhole = false;
	// The token is random: no file has it.
	for (const part of `\n${answer}`.split(`\n${token} `).slice(1)) {
		const end = part.indexOf('\n');
		const [what = '', first = '', second = '', ...more] = (end === -1 ? part : part.slice(0, end)).split(' ');
		if (what === 'file' && plainPath.test(second) && isKind(first)) {
			files.push({kind: first, path: second, text: end === -1 ? '' : part.slice(end + 1)});
		} else if (what === 'unread') {
			unread.push({path: sanitize(first), why: sanitize([second, ...more].join(' '))});
		} else if (what === 'units') {
			units.push(...unitsIn(part.slice(end + 1)));
		} else if (what === 'process') {
			processes.add(sanitize(first));
		} else if (what === 'end') {
			isWhole = true;
		} else if (what === 'host') {
			hostname = sanitize(first);
		}
	}

	return {isWhole, hostname, files, unread, units, processes: [...processes]};
}

const kinds: ReadonlySet<string> = new Set<FileKind>([...usual.map(([kind]) => kind), 'other']);

function isKind(text: string): text is FileKind {
	return kinds.has(text);
}

/** Parses `systemctl show`: a paragraph for each unit. */
function unitsIn(text: string): NodeAnswer['units'][number][] {
	return text.split(/\n\n+/, filesMax * 2).flatMap(paragraph => {
		const [name, active = '', enabled = ''] = ['Id', 'ActiveState', 'UnitFileState'].map(
			key => new RegExp(`^${key}=(.*)$`, 'm').exec(paragraph)?.[1],
		);
		return name === undefined
			? []
			: [{name: sanitize(name), active: sanitize(active), enabled: sanitize(enabled)}];
	});
}
