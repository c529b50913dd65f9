/** The sections of haproxy.cfg, each with what it inherits from `defaults`, and their words. Passwords are not kept. */
import {portOf} from '../lib/json.ts';
import {type Listening, listeningOn} from './listen-address.ts';
import {linesMax, type NodeFile, type Place, wordsMax} from './types.ts';

type Stats = {path: string | undefined; needsUser: boolean} & Place;

/** What a section says, beginning with what it inherits from `defaults`. */
export type Section = {
	kind: string;
	name: string;
	place: Place;
	mode: string;
	/** Which check is on, and the paths that `option httpchk`, `http-check send` and `tcp-check send` give. */
	check: 'http' | 'tcp' | 'other' | undefined;
	paths: {option?: string; http?: string; tcp?: string};
	checkPort: number | undefined;
	stats: Stats | undefined;
	needsUser: boolean;
	defaultBackend: string | undefined;
	binds: (Listening & Place & {isTls: boolean})[];
	servers: ({name: string; host: string; port: number | undefined; checkPort: number | undefined} & Place)[];
	sockets: ({path: string} & Place)[];
};

/** Of several checks of a backend the last one counts. */
const otherChecks =
	/^(?:tcp-check|pgsql-check|mysql-check|ldap-check|redis-check|smtpchk|ssl-hello-chk|spop-check|external-check)$/;

const sectionWords = new Set(
	'global defaults frontend backend listen userlist peers resolvers mailers cache program http-errors ring log-forward fcgi-app crt-store traces log-profile acme'.split(
		' ',
	),
);

export function sectionsIn(files: readonly NodeFile[]): Section[] {
	const sections: Section[] = [];
	const named = new Map<string, Section>();
	let defaults: Section | undefined;
	for (const {path: file, text} of files) {
		let section: Section | undefined;
		for (const {words, line} of wordLines(text)) {
			if (!sectionWords.has(words[0] ?? '')) {
				if (section !== undefined) {
					readLine(section, {words, line}, file);
				}

				continue;
			}

			const from = words.indexOf('from');
			const parent = from > 0 ? named.get(words[from + 1] ?? '') : defaults;
			section = begin(words, {file, line}, words[0] === 'defaults' && from < 0 ? undefined : parent);
			sections.push(section);
			if (section.kind === 'defaults') {
				defaults = section;
				named.set(section.name, section);
			}
		}
	}

	return sections;
}

function begin([kind = '', name = '', bind]: readonly string[], place: Place, parent?: Section): Section {
	const inherits = ['frontend', 'backend', 'listen', 'defaults'].includes(kind) ? parent : undefined;
	return {
		kind,
		name,
		place,
		mode: inherits?.mode ?? 'tcp',
		check: inherits?.check,
		paths: {...inherits?.paths},
		checkPort: inherits?.checkPort,
		stats: inherits?.stats,
		needsUser: inherits?.needsUser ?? false,
		defaultBackend: kind === 'backend' ? undefined : inherits?.defaultBackend,
		// `listen stats :9000`, the form before HAProxy 1.9.
		binds:
			bind !== undefined && bind !== 'from' && (kind === 'listen' || kind === 'frontend')
				? listeningOn(bind).map(one => ({...one, ...place, isTls: false}))
				: [],
		servers: [],
		sockets: [],
	};
}

function readLine(section: Section, {words, line}: WordLine, file: string): void {
	const [first = '', second = '', ...rest] = words;
	const place = {file, line};
	switch (first) {
		case 'mode': {
			section.mode = second;
			break;
		}

		case 'bind': {
			const isTls = rest.includes('ssl') || rest.includes('crt');
			section.binds.push(...listeningOn(second).map(one => ({...one, ...place, isTls})));
			break;
		}

		case 'option': {
			if (second === 'httpchk') {
				section.check = 'http';
				section.paths.option = (rest.length > 1 ? rest[1] : rest[0]) ?? '/';
			} else if (otherChecks.test(second)) {
				section.check = second === 'tcp-check' ? 'tcp' : 'other';
			}

			break;
		}

		case 'no': {
			if (second === 'option' && rest[0] === 'httpchk') {
				section.check = undefined;
			}

			break;
		}

		case 'http-check':
		case 'tcp-check': {
			readCheck(section, first, words);
			break;
		}

		case 'default_backend': {
			section.defaultBackend = second;
			break;
		}

		case 'use_backend': {
			if (rest.length === 0) {
				section.defaultBackend ??= second;
			}

			break;
		}

		case 'http-request': {
			section.needsUser ||= second === 'auth';
			break;
		}

		case 'stats': {
			readStats(section, [second, ...rest], place);
			break;
		}

		case 'server':
		case 'default-server': {
			readServer(section, words, place);
			break;
		}
	}
}

function readCheck(section: Section, kind: string, words: readonly string[]): void {
	if (words[1] !== 'send') {
		return;
	}

	const at = words.findIndex(word => word === 'uri' || word === 'uri-lf');
	const path =
		kind === 'http-check'
			? words[at + 1]
			: /^(?:GET|HEAD|OPTIONS) (\/\S*)/.exec(words.slice(2).join(' '))?.[1];
	if (path !== undefined && (at > 0 || kind === 'tcp-check')) {
		section.paths[kind === 'http-check' ? 'http' : 'tcp'] = path;
	}
}

function readStats(section: Section, [word = '', ...rest]: readonly string[], place: Place): void {
	if (section.kind === 'global') {
		const path = (rest[0] ?? '').replace(/^unix@/, '');
		if (word === 'socket' && path.startsWith('/')) {
			section.sockets.push({path, ...place});
		}

		return;
	}

	const before = section.stats;
	section.stats = {
		path: word === 'uri' ? rest[0] : before?.path,
		needsUser:
			(before?.needsUser ?? false) || word === 'auth' || (word === 'http-request' && rest[0] === 'auth'),
		...(before === undefined || word === 'uri' ? place : {file: before.file, line: before.line}),
	};
}

function readServer(section: Section, words: readonly string[], place: Place): void {
	const at = words.lastIndexOf('port');
	const checkPort = at > 0 ? portOf(words[at + 1]) : undefined;
	if (words[0] === 'default-server') {
		section.checkPort = checkPort ?? section.checkPort;
		return;
	}

	const [, name = '', address = ''] = words;
	const [, host = address, port] = /^(.*?):(\d{1,5})$/.exec(address.replace(/^ipv[46]@/, '')) ?? [];
	if (name !== '' && /^[\w.:[\]-]+$/.test(host)) {
		section.servers.push({
			name,
			host: host.replaceAll(/^\[|\]$/g, ''),
			port: portOf(port),
			checkPort,
			...place,
		});
	}
}

/** The words of a line: quotes, escapes and comments as HAProxy splits them. */
export type WordLine = {words: readonly string[]; line: number};

/** Characters of a line; HAProxy's own limit is 2 KiB. */
const lineMaxLength = 16_384;

/** Lines with words, without comments and without conditions (`.if`). */
export function wordLines(text: string): WordLine[] {
	return text.split('\n', linesMax).flatMap((line, index) => {
		const words = line.length > lineMaxLength ? [] : wordsOf(line.replace(/\r$/, ''));
		return words.length === 0 || words[0]?.startsWith('.') ? [] : [{words, line: index + 1}];
	});
}

function wordsOf(line: string): string[] {
	const words: string[] = [];
	let word: string | undefined;
	let quote: string | undefined;
	for (let at = 0; at < line.length && words.length < wordsMax; at++) {
		const letter = line[at] ?? '';
		if (quote === undefined && /[ \t]/.test(letter)) {
			if (word !== undefined) {
				words.push(word);
				word = undefined;
			}
		} else if (quote === undefined && letter === '#') {
			break;
		} else if (letter === quote) {
			quote = undefined;
		} else if (quote === undefined && (letter === '"' || letter === "'")) {
			quote = letter;
			word ??= '';
		} else if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
			at++;
			word = (word ?? '') + line[at];
		} else {
			word = (word ?? '') + letter;
		}
	}

	return word === undefined || words.length >= wordsMax ? words : [...words, word];
}
