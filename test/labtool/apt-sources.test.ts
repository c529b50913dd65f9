/** The mirror is read from apt's own configuration, in both formats. */
import {expect, test} from 'vitest';
import {debianMirror, parseDeb822, parseSourcesList} from '../../lab/apt-sources.ts';

test('reads the one-line format: options, comments and source packages', () => {
	const sources = parseSourcesList(
		[
			'# deb http://commented.example/debian trixie main',
			'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian/ trixie main contrib # note',
			'deb-src http://mirror.example/debian trixie main',
			'',
		].join('\n'),
	);
	expect(sources).toEqual([
		{
			types: ['deb'],
			uris: ['http://mirror.example/debian/'],
			suites: ['trixie'],
			components: ['main', 'contrib'],
		},
		{
			types: ['deb-src'],
			uris: ['http://mirror.example/debian'],
			suites: ['trixie'],
			components: ['main'],
		},
	]);
});

test('reads deb822: several paragraphs, comments inside, continued lines, disabled ones', () => {
	const sources = parseDeb822(
		[
			'Types: deb deb-src',
			'# a comment inside',
			'URIs: http://mirror.example/debian',
			'Suites: bookworm',
			' bookworm-updates',
			'Components: main',
			'Signed-By: /k.gpg',
			'',
			'Types: deb',
			'URIs: http://off.example/debian',
			'Suites: bookworm',
			'Components: main',
			'Enabled: no',
			'',
			'Types: deb',
			'URIs: http://inline.example/debian',
			'Suites: trixie',
			'Components: main',
			'Signed-By:',
			' -----BEGIN PGP PUBLIC KEY BLOCK-----',
			' .',
			' abc',
		].join('\n'),
	);
	expect(sources.map(source => source.uris)).toEqual([
		['http://mirror.example/debian'],
		['http://inline.example/debian'],
	]);
	expect(sources[0]?.suites).toEqual(['bookworm', 'bookworm-updates']);
});

test('takes Debian’s main archive as the mirror: not security, not updates only, not another vendor', () => {
	const sources = parseSourcesList(
		[
			'deb http://vendor.example/apt nodistro main',
			'deb http://ubuntu.example/ubuntu noble main',
			'deb http://security.example/debian-security trixie-security main',
			'deb http://partial.example/debian trixie contrib',
			'deb http://mirror.example/debian/ trixie main',
		].join('\n'),
	);
	expect(debianMirror(sources)).toBe('http://mirror.example/debian');
	expect(debianMirror(sources.slice(0, 4))).toBeUndefined();
});

test('skips a mirror that debootstrap cannot read', () => {
	const sources = parseSourcesList(
		'deb cdrom:[disc]/ trixie main\ndeb http://mirror.example/debian stable main',
	);
	expect(debianMirror(sources)).toBe('http://mirror.example/debian');
});
