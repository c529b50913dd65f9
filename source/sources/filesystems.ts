/** Usage of a node's file systems, whether they are writable, and the version of its glibc, over SSH. */

import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Filesystem} from '../domain/cluster/services.ts';
import {calmPollIntervalMs, sourceKinds} from '../domain/cluster/source-kinds.ts';
import {countOf} from '../lib/json.ts';
import {askTimed, lateness} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Pulse, Source} from './source.ts';
import {sshSource} from './source.ts';

/** Usual places in Debian's and the RPM packages. */
const usual: Readonly<Record<string, Filesystem['holds'][number]>> = {
	'/': 'root',
	'/var/lib/postgresql': 'postgresql',
	'/var/lib/pgsql': 'postgresql',
	'/var/lib/etcd': 'etcd',
};

/**
 * Mount points that hold PostgreSQL's data or WAL by their name, such as /wal, /mnt/pg_wal, /pgdata: the link from the data
 * directory to its WAL is hidden from a login other than postgres. An extended regular expression of POSIX, and of JavaScript.
 */
const postgresNames = '(^|[/._-])(pg_?)?(wal|xlog)([/._-]|$)|postgres|pgsql|pg_?data';
/** Disks of these may be full, or read-only for good, and stop no PostgreSQL. */
const otherNames = 'backup|archive|snap|dump|restore|barman|backrest|(^|/)home/';
const otherTypes = ' (squashfs|iso9660|overlay|autofs|fuse[.][a-z]+) ';
/** Without what a shell or sed would read. */
const plainPath = '^/[A-Za-z0-9/._-]+$';
const mountsMax = 20;

const isPostgres = new RegExp(postgresNames, 'i');
const isOther = new RegExp(otherNames, 'i');

/** WAL may be on a file system of its own, behind a link; where the login may look into the data directory. */
const usualWal = ['/var/lib/postgresql/*/*/pg_wal', '/var/lib/pgsql/*/data/pg_wal'];

/** Lines of output, one per place; more than are requested. */
const placesMax = 50;

/** Seconds, by `timeout`: a hanging file system (NFS without its server) must not accumulate `df` processes. */
const limit = 'timeout 2';

/** ms between two questions in calm: at the moments of all sources. */
const calmMs = 7 * calmPollIntervalMs;

/** Questions between two for the version of glibc, which only an upgrade changes. */
const libcEvery = 20;

/** @param dataDir of PostgreSQL, if it is not in a usual place: a checked path without shell syntax */
export function filesystemsSource(
	ssh: Ssh,
	{node, host}: {node: string; host: string},
	pulse: Pick<Pulse, 'refreshes'>,
	dataDir?: string,
): Source {
	const source = `disk:${node}` as const;
	const places = {...usual, ...(dataDir === undefined ? {} : {[dataDir]: 'postgresql' as const})};
	const [first, next] = [filesystemsCommand(places, {libc: true}), filesystemsCommand(places, {libc: false})];
	return sshSource(source, async ({emit, signal, pauseByCalm}) => {
		let glibc: string | undefined;
		let refreshes = pulse.refreshes;
		for (let question = 0; !signal.aborted; question++) {
			const asksLibc = question % libcEvery === 0 || pulse.refreshes !== refreshes;
			refreshes = pulse.refreshes;
			const {answer: text, timing} = await askTimed(async () =>
				ssh.run(host, `sh -c '${asksLibc ? first : next}'`),
			);
			glibc = asksLibc ? parseGlibc(text) : glibc;
			if (!signal.aborted) {
				emit({
					type: 'disk.snapshot',
					source,
					node,
					filesystems: parseFilesystems(text, places),
					glibc,
					...lateness(timing()),
				});
				await pauseByCalm({usualMs: sourceKinds.disk.pollMs, calmMs}, signal);
			}
		}
	});
}

/**
 * For sh, without single quotes; each program costs a node about a millisecond. Prints what `parseFilesystems` and `parseGlibc` take.
 *
 * @param places by path
 */
export function filesystemsCommand(
	places: Readonly<Record<string, Filesystem['holds'][number]>>,
	{libc, mounts = '/proc/mounts'}: {libc: boolean; mounts?: string},
): string {
	const known = Object.keys(places);
	const wal = [...usualWal, ...known.filter(place => !(place in usual)).map(place => `${place}/pg_wal`)];
	const names = [
		`-e "\\%${otherTypes}%d"`,
		'-e "s%^[^ ]* ([^ ]*) .*%\\1%"',
		`-e "\\%${plainPath}%{" -e "\\%${anyCase(otherNames)}%d" -e "\\%${anyCase(postgresNames)}%p" -e "}"`,
	].join(' ');
	return [
		`places="$(echo ${[...known, ...wal].join(' ')})"; n=0`,
		`for place in $(sed -nE ${names} ${mounts}); do n=$((n+1)); if [ $n -le ${mountsMax} ]; then places="$places $place"; fi; done`,
		`all=$(LC_ALL=C ${limit} df -B1 --output=file,source,size,used,avail,pcent,target -- $places 2>/dev/null)`,
		// One of them hangs, or this df has no --output: one at a time, a line each.
		`if [ $? -gt 1 ] || [ -z "$all" ]; then for place in $places; do ${limit} df -P -B1 -- $place 2>/dev/null | sed "1d;s|^|$place |"; done; else echo "$all"; fi`,
		'echo',
		`cat ${mounts}`,
		'echo',
		// Other C libraries do not know it.
		...(libc ? ['getconf GNU_LIBC_VERSION 2>/dev/null || true'] : []),
	].join('; ');
}

/** The sed of busybox has no flag for it. @param pattern without letters in brackets */
function anyCase(pattern: string): string {
	return pattern.replaceAll(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
}

/** Parses `PLACE DEVICE SIZE USED FREE PERCENT MOUNT` lines of `df -P`, perhaps with the title of the columns, an empty line, and /proc/mounts. */
export function parseFilesystems(
	text: string,
	places: Readonly<Record<string, Filesystem['holds'][number]>> = usual,
): Filesystem[] {
	const [sizes = '', mounts = ''] = text.split(/^\n/m, 2);
	const lines = sizes.split('\n', placesMax + 1);
	if (lines.length > placesMax) {
		throw new SshError('unexpected output of "df"');
	}

	const kinds = new Map(Object.entries(places));
	const options = mountOptions(mounts);
	const found = new Map<string, Filesystem>();
	for (const line of lines) {
		const [place = '', , size, used, , percent, mount] = line.split(/\s+/);
		const isNamed = isPostgres.test(place) && !isOther.test(place);
		const holds = kinds.get(place) ?? (place.endsWith('/pg_wal') || isNamed ? 'postgresql' : undefined);
		const [bytes, taken] = [countOf(size), countOf(used)];
		if (mount !== undefined && holds !== undefined && bytes !== undefined && taken !== undefined) {
			const known = found.get(mount);
			found.set(mount, {
				mount: sanitize(mount),
				holds: [...new Set([...(known?.holds ?? []), holds])],
				size: bytes,
				used: taken,
				usedPercent: countOf(percent?.replace(/%$/, '')) ?? 0,
				readOnly: options.get(mount)?.split(',').includes('ro') ?? false,
				// Only its name says so.
				...(known === undefined && place === mount && !kinds.has(place) ? {byName: true} : {}),
			});
		}
	}

	return [...found.values()];
}

/** The version in the section after /proc/mounts: `glibc 2.41`; undefined with another C library. */
export function parseGlibc(text: string): string | undefined {
	const [, , libc = ''] = text.split(/^\n/m, 3);
	return /^glibc (\d{1,4}(?:\.\d{1,4}){1,3})$/.exec(libc.trim())?.[1];
}

/** Mount options by mount point; the last mount hides earlier ones. */
function mountOptions(mounts: string): ReadonlyMap<string, string> {
	return new Map(
		mounts.split('\n').flatMap((line): [string, string][] => {
			const [, where, , options] = line.split(' ', 4);
			return where === undefined || options === undefined ? [] : [[where, options]];
		}),
	);
}
